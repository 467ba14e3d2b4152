import { parseAllDocuments, stringify } from 'yaml'
import { BOUNDARY_ACCOUNT, PLANNER_ACCOUNT } from '../../edition/cluster/boundary-namespace.ts'
import { leasegateOutput } from '../../edition/leasegate.ts'
import type { Access } from '../kubeconfig.ts'
import type { ImpersonationMode } from '../server-facts.ts'
import { whyOf } from '../why.ts'

/** On everything that --apply creates, and on nothing else: what carries it is what --teardown removes. */
export const MARK = { name: 'leasegate.dev/created-by', value: 'own-cluster' } as const
const FIELD_MANAGER = 'leasegate'

export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly uid?: string
    readonly labels?: Readonly<Record<string, string>>
  }
}

export interface Wanted {
  readonly policyFile: string
  readonly namespace: string
  readonly mode: ImpersonationMode
  /** The cluster has admission policies. */
  readonly judges: boolean
}

/** A namespace, the boundary's account in it and the planner's, and exactly what `leasegate policy rbac` prints. */
export async function wantedObjects({ policyFile, namespace, mode, judges }: Wanted): Promise<readonly KubeObject[]> {
  const account = `${namespace}/${BOUNDARY_ACCOUNT}`
  const planner = `${namespace}/${PLANNER_ACCOUNT}`
  const options = ['--mode', mode, '--account', account, '--planner', planner, ...(judges ? [] : ['--no-admission'])]
  const rbac = await leasegateOutput(['policy', 'rbac', policyFile, ...options])
  const granted = parseAllDocuments(rbac).map(document => document.toJS() as KubeObject)
  const own = { apiVersion: 'v1', automountServiceAccountToken: false }
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    { ...own, kind: 'ServiceAccount', metadata: { name: BOUNDARY_ACCOUNT, namespace } },
    { ...own, kind: 'ServiceAccount', metadata: { name: PLANNER_ACCOUNT, namespace } },
    ...granted,
  ].map(marked)
}

function marked(object: KubeObject): KubeObject {
  const { metadata } = object
  return { ...object, metadata: { ...metadata, labels: { ...metadata.labels, [MARK.name]: MARK.value } } }
}

export function isMarked({ metadata: { labels } }: KubeObject): boolean {
  return labels?.[MARK.name] === MARK.value
}

export function toYaml(objects: readonly KubeObject[]): string {
  return objects.map(object => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })).join('---\n')
}

/** `RoleBinding leasegate:leasegate-system:task:x in shop`; the same for two objects only when they are the same. */
export function nameOf({ kind, metadata: { name, namespace } }: KubeObject): string {
  return namespace === undefined ? `${kind} ${name}` : `${kind} ${name} in ${namespace}`
}

/** Server-side apply; why it failed, null when it did not. */
export async function applyObjects(
  { admin }: Pick<Access, 'admin'>,
  objects: readonly KubeObject[],
  more: readonly string[],
): Promise<string | null> {
  if (objects.length === 0) return null
  // Whoever else changed a field of what we created: the policy decides.
  const how = ['--server-side', `--field-manager=${FIELD_MANAGER}`, '--force-conflicts', ...more]
  const { code, stderr } = await admin(['apply', ...how, '-f', '-'], toYaml(objects))
  return code === 0 ? null : whyOf(stderr)
}
