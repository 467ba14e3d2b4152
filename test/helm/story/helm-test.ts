import { join } from 'node:path'
import { writeKubeconfig } from '../../../local/cluster/files.ts'
import { run } from '../../../local/process/run.ts'
import { ensureHelm } from '../../../local/toolchain/helm.ts'
import { type Loose, objectsIn } from '../chart/a-chart.ts'
import { RELEASE } from './a-chart-edition.ts'
import { initPod, type Node, type Pod, runToEnd } from './play-pod.ts'

/** What `helm test` would do: its objects are made, and the pod runs with the rights of its account. Its standard output. */
export async function helmTest(node: Node): Promise<string> {
  const { cluster, directory, namespace } = node
  const helm = await ensureHelm(() => undefined)
  const release = ['--kubeconfig', cluster.adminKubeconfig, '--namespace', namespace]
  const hooks = await run(helm, ['get', 'hooks', RELEASE, ...release])
  const objects = objectsIn(hooks.stdout).filter(({ metadata }) => metadata.annotations['helm.sh/hook'] === 'test')
  for (const object of objects) await create(node, object)

  const { spec } = objects.find(({ kind }) => kind === 'Pod')
  const made = await cluster.admin(['create', 'token', spec.serviceAccountName, '-n', namespace])
  const access = { server: cluster.server, caFile: cluster.caFile, user: { token: made.stdout.trim() } }
  const kubeconfig = await writeKubeconfig(join(directory, 'doctor.kubeconfig'), access)
  const pod: Pod = { name: 'doctor', address: '127.0.0.1', spec }
  await initPod(node, pod)
  const [container] = spec.containers
  // There is no pod here whose token could be found where pods have it; and the account has the name of a Service, which stays a name.
  const asIs = ['--account', container.args[container.args.indexOf('--account') + 1]]
  const args = container.args.filter((arg: string) => arg !== '--in-cluster' && !asIs.includes(arg))
  return runToEnd(node, pod, { ...container, args }, [...asIs, '--kubeconfig', kubeconfig])
}

/** The API server judges the pod as it is, and nobody runs it. */
async function create({ cluster }: Node, object: Loose): Promise<void> {
  const onTrial = object.kind === 'Pod' ? ['--dry-run=server'] : []
  const created = await cluster.admin(
    ['create', '--validate=strict', ...onTrial, '--filename', '-'],
    JSON.stringify(object),
  )
  if (created.code !== 0 || created.stderr !== '') throw new Error(created.stderr)
}
