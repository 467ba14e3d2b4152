import type { Access } from '../kubeconfig.ts'
import { whyOf } from '../why.ts'
import { type KubeObject, MARK, toYaml } from './objects.ts'

type Admin = Pick<Access, 'admin'>

/** How the kinds that --apply creates are called in paths. Kinds of a group that older clusters do not have are the last. */
const RESOURCES: Readonly<Record<string, string>> = {
  Namespace: 'namespaces',
  ServiceAccount: 'serviceaccounts',
  ConfigMap: 'configmaps',
  ClusterRole: 'clusterroles',
  ClusterRoleBinding: 'clusterrolebindings',
  RoleBinding: 'rolebindings',
  ValidatingAdmissionPolicy: 'validatingadmissionpolicies',
  ValidatingAdmissionPolicyBinding: 'validatingadmissionpolicybindings',
}

/** `clusterroles.rbac.authorization.k8s.io` in words that kubectl takes. */
export function resourceOf({ apiVersion, kind }: KubeObject): string {
  const [group = '', version] = apiVersion.split('/')
  const resource = RESOURCES[kind] ?? kind
  return version === undefined ? resource : `${resource}.${group}`
}

/** Everything that an earlier --apply created. */
export async function markedObjects(access: Admin): Promise<readonly KubeObject[]> {
  const all = Object.values(RESOURCES)
  const judging = all.filter(resource => resource.startsWith('validatingadmission'))
  const old = all.filter(resource => !judging.includes(resource))
  const marked = (resources: readonly string[]) =>
    listed(access, ['get', resources.join(), '--all-namespaces', '-l', `${MARK.name}=${MARK.value}`])
  const has = await access.admin(['get', judging.join(), '-o', 'name'])
  return marked(has.code !== 0 && /doesn't have a resource type/.test(has.stderr) ? old : all)
}

/** Those of the objects that are there already, as they are in the cluster. */
export function existingObjects(access: Admin, objects: readonly KubeObject[]): Promise<readonly KubeObject[]> {
  return listed(access, ['get', '-f', '-'], toYaml(objects))
}

export async function namespacesOf(access: Admin): Promise<readonly string[]> {
  const found = await listed(access, ['get', 'namespaces'])
  return found.map(({ metadata }) => metadata.name)
}

async function listed({ admin }: Admin, args: readonly string[], input?: string): Promise<readonly KubeObject[]> {
  const { code, stdout, stderr } = await admin([...args, '--ignore-not-found', '-o', 'json'], input)
  if (code !== 0) throw new Error(`what is in the cluster cannot be looked at: ${whyOf(stderr)}`)
  if (stdout.trim() === '') return []
  const answer = JSON.parse(stdout) as KubeObject & { readonly items?: readonly KubeObject[] }
  return answer.items ?? [answer]
}

/** Removes exactly this object: one of the same name that came in its place stays. */
export async function removeObject({ admin }: Admin, object: KubeObject): Promise<void> {
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: object.metadata.uid } }
  const { code, stderr } = await admin(['delete', '--raw', pathOf(object), '-f', '-'], JSON.stringify(body))
  if (code !== 0 && !/NotFound|not found/.test(stderr)) throw new Error(whyOf(stderr))
}

function pathOf({ apiVersion, kind, metadata: { name, namespace } }: KubeObject): string {
  const group = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`
  const where = namespace === undefined ? '' : `/namespaces/${namespace}`
  return `${group}${where}/${RESOURCES[kind] ?? kind}/${encodeURIComponent(name)}`
}
