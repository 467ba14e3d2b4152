import type { Access } from '../kubeconfig.ts'
import { whyOf } from '../why.ts'
import { resourceOf } from './in-cluster.ts'
import { applyObjects, type KubeObject } from './objects.ts'
import type { Plan } from './plan.ts'

type Admin = Pick<Access, 'admin'>

/** Why the cluster would refuse the plan to this user; null when it would not. Nothing is changed. */
export async function rehearse(access: Admin, { apply }: Plan): Promise<string | null> {
  const created = new Set(apply.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name))
  // A binding to a role that is not there yet, and what lies in a namespace that is not, cannot be tried out.
  const canBeTried = ({ kind, metadata: { namespace } }: KubeObject) =>
    !kind.endsWith('Binding') && (namespace === undefined || !created.has(namespace))
  const refused = await applyObjects(access, apply.filter(canBeTried), ['--dry-run=server'])
  if (refused !== null) return refused
  const others = new Map(apply.filter(object => !canBeTried(object)).map(object => [object.kind, object]))
  const questions = [...others.values()].flatMap(object => [
    ['create', resourceOf(object)],
    ['patch', resourceOf(object)],
  ])
  const answers = await Promise.all(
    [...questions, ['create', 'serviceaccounts/token']].map(([verb = '', resource = '']) =>
      lacks(access, verb, resource),
    ),
  )
  return answers.find(answer => answer !== null) ?? null
}

async function lacks({ admin }: Admin, verb: string, resource: string): Promise<string | null> {
  const [kind = '', subresource] = resource.split('/')
  const what = subresource === undefined ? [kind] : [kind, `--subresource=${subresource}`]
  const { code, stdout, stderr } = await admin(['auth', 'can-i', verb, ...what, '--all-namespaces'])
  if (code === 0) return null
  return stdout.startsWith('no') ? `it may not ${verb} ${resource} everywhere` : whyOf(stderr)
}
