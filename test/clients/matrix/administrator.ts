import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { apply } from '../../../local/edition/cluster/prepare-cluster.ts'
import type { Edition } from '../../../local/edition/edition.ts'

const NAME = 'administrator'

/** A kubeconfig past the boundary for what may do everything, by a token: not every library reads every kind of key. */
export async function administratorsKubeconfig({ cluster, directory, names }: Edition): Promise<string> {
  const namespace = names.foreign
  await apply(cluster, [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: NAME, namespace } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: NAME },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name: NAME, namespace }],
    },
  ])
  const { code, stdout, stderr } = await cluster.admin(['create', 'token', NAME, '-n', namespace, '--duration=8h'])
  if (code !== 0) throw new Error(stderr)
  const file = join(directory, `${NAME}.kubeconfig`)
  const kubeconfig = parse(await readFile(cluster.adminKubeconfig, 'utf8')) as object
  const users = [{ name: 'user', user: { token: stdout.trim() } }]
  await writeFile(file, stringify({ ...kubeconfig, users }), { mode: 0o600 })
  return file
}
