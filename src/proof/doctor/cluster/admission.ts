import { stringify } from 'yaml'
import type { Finding } from '../../../findings/report.ts'
import type { Cluster } from '../../../kubernetes/cluster.ts'
import { toAdmission } from '../../../policy/admission/admission.ts'
import type { AdmissionObject } from '../../../policy/admission/objects.ts'
import type { Policy } from '../../../policy/policy.ts'
import type { RbacOptions } from '../../../policy/rbac/rbac.ts'
import type { Examination } from '../examined.ts'

/** What judges the results of leases' writes: it must be there, in force, and as today's policy file makes it. */
export async function examineAdmission(
  cluster: Cluster,
  policy: Policy,
  account: RbacOptions['boundary'],
): Promise<Examination> {
  const expected = toAdmission(policy, account)
  const judged = await Promise.all(expected.map(async object => ({ object, state: await stateOf(cluster, object) })))
  const good = judged.filter(({ state }) => state === 'good')
  return {
    tried: [`${expected.length} objects of leasegate policy rbac that judge what results of a write`],
    seen: [`${good.length} of ${expected.length} objects are there and as they should be`],
    findings: judged.flatMap(({ object, state }) => (state === 'good' ? [] : [toFinding(object, state)])),
  }
}

type State = 'good' | 'missing' | 'different'

async function stateOf(cluster: Cluster, object: AdmissionObject): Promise<State> {
  const { name } = object.metadata
  const found = (await cluster.admissionObjects()).find(each => each.kind === object.kind && each.name === name)
  return compared(found?.spec, object.spec)
}

function compared(found: unknown, wanted: unknown): State {
  if (found === undefined) return 'missing'
  return canonical(found) === canonical(wanted) ? 'good' : 'different'
}

/** Text that is the same for the same members, in whatever order they are. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  )
}

/** Applying leaves what somebody else added: to lists, or beside them. */
const HOW = { missing: 'kubectl create', different: 'kubectl replace' } as const

const WHY = {
  missing:
    'The boundary sees what is sent: what results of it, pods on the host or as another account, is judged by nobody. It takes Kubernetes 1.30.',
  different: 'Leases are judged by another policy file than the one in force, or not all of them are.',
} as const

function toFinding(object: AdmissionObject, state: Exclude<State, 'good'>): Finding {
  const { kind, metadata } = object
  return {
    severity: 'critical',
    what: `${kind} ${metadata.name} ${state === 'missing' ? 'is missing' : 'is not what the policy says'}`,
    why: WHY[state],
    mend: `${HOW[state]} -f - <<'EOF'\n${stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })}EOF`,
  }
}
