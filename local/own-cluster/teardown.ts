import type { Access } from './kubeconfig.ts'
import { markedObjects, removeObject } from './plan/in-cluster.ts'
import { type KubeObject, nameOf } from './plan/objects.ts'
import { whyOf } from './why.ts'

type Report = (line: string) => void

/** Rights end before what they hang on, and before what judges those that use them. */
const ORDER = [
  'ClusterRoleBinding',
  'RoleBinding',
  'ClusterRole',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingAdmissionPolicy',
  'ConfigMap',
  'ServiceAccount',
  'Namespace',
]
/** What Kubernetes itself puts into every namespace; events tell of what was removed, and go by themselves. */
const OF_KUBERNETES = /^(?:serviceaccount\/default|configmap\/kube-root-ca\.crt|event(?:\.events\.k8s\.io)?\/.*)$/
const GONE_WITHIN = '60s'

/** Removes what --apply created, and says so. Whether all of it is gone. */
export async function teardown(access: Access, report: Report): Promise<boolean> {
  const objects = await markedObjects(access)
  if (objects.length === 0) report(`the cluster of context ${access.context} has nothing that this command created`)
  const inOrder = objects.toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind))
  let all = true
  for (const object of inOrder) {
    const kept = await remove(access, object)
    report(kept === null ? `removed ${nameOf(object)}` : `kept ${nameOf(object)}: ${kept}`)
    all &&= kept === null
  }
  return all
}

/** Why it is still there; null when it is gone. */
async function remove(access: Access, object: KubeObject): Promise<string | null> {
  const { name } = object.metadata
  if (object.kind !== 'Namespace') return removeObject(access, object).then(() => null, reason)
  const others = await othersIn(access, name)
  if (others.length > 0) return `it holds ${others.join(', ')}, which this command did not create`
  const problem = await removeObject(access, object).then(() => null, reason)
  if (problem !== null) return problem
  const gone = await access.admin(['wait', '--for=delete', `namespace/${name}`, `--timeout=${GONE_WITHIN}`])
  return gone.code === 0 ? null : `it is still ending (${whyOf(gone.stderr)})`
}

function reason(error: Error): string {
  return error.message
}

/** What would be lost with the namespace. */
async function othersIn({ admin }: Access, namespace: string): Promise<readonly string[]> {
  const kinds = await admin(['api-resources', '--namespaced', '--verbs=list,delete', '-o', 'name'])
  if (kinds.code !== 0) return [`what cannot be listed (${whyOf(kinds.stderr)})`]
  const all = kinds.stdout.trim().split('\n').join(',')
  const found = await admin(['get', all, '-n', namespace, '--ignore-not-found', '-o', 'name'])
  if (found.code !== 0) return [`what cannot be listed (${whyOf(found.stderr)})`]
  return found.stdout.split('\n').filter(name => name !== '' && !OF_KUBERNETES.test(name))
}
