import type { Access } from '../kubeconfig.ts'
import { removeObject } from './in-cluster.ts'
import { applyObjects, nameOf } from './objects.ts'
import { obstacles, type Plan } from './plan.ts'
import { rehearse } from './rehearse.ts'

/** Creates and removes as planned, after the cluster has said that all of it would pass. Throws a sentence for people. */
export async function carryOut(
  access: Pick<Access, 'admin'>,
  plan: Plan,
  report: (line: string) => void,
): Promise<void> {
  const [obstacle] = obstacles(plan)
  if (obstacle !== undefined) throw new Error(`nothing was changed: ${obstacle}`)
  const lacking = await rehearse(access, plan)
  if (lacking !== null) throw new Error(`nothing was changed, the kubeconfig's user lacks rights: ${lacking}`)
  const refused = await applyObjects(access, plan.apply, [])
  if (refused !== null) throw new Error(`not all of it could be created, --teardown removes what was: ${refused}`)
  report(`in the cluster: ${plan.apply.map(nameOf).join(', ')}`)
  for (const object of plan.stale) {
    await removeObject(access, object)
    report(`removed, the policy no longer has it: ${nameOf(object)}`)
  }
}
