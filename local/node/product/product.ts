import { readFile } from 'node:fs/promises'
import { LOG_LINE } from '../../cluster/kwok-config.ts'
import { BOUNDARY_NAMESPACE } from '../../edition/cluster/boundary-namespace.ts'
import { apply, prepareCluster } from '../../edition/cluster/prepare-cluster.ts'
import type { Names } from '../../edition/names.ts'
import { createPeople } from '../../edition/people.ts'
import type { Ran } from '../../process/run.ts'
import type { Node } from '../node.ts'
import { AUTHORITY, type ClientPod, clientPod, HOME } from './client-pod.ts'
import { CHART, type Helm, helmOn, RELEASE, writeValues } from './release.ts'

/** The product as the chart installs it, with an agent's pod and one of the people who answer it. */
export interface Product {
  readonly names: Names
  readonly helm: Helm
  readonly valuesFile: string
  readonly agent: ClientPod
  readonly people: ClientPod
  /** From the install until all pods were ready. */
  readonly readyMs: number
}

interface Options {
  readonly node: Node
  /** Task templates beside those of the story. */
  readonly templates?: readonly object[]
  /** False where parts will be replaced under load. */
  readonly readyAtOnce: boolean
  readonly helm: string
  readonly directory: string
  readonly names: Names
  readonly report: (line: string) => void
}

const PEOPLE_NAMESPACE = 'people'
const READY_WITHIN = '300s'

export async function installProduct({
  node,
  helm: program,
  directory,
  names,
  templates = [],
  readyAtOnce,
  report,
}: Options): Promise<Product> {
  const people = await createPeople(directory)
  await apply(node, [
    namespace(PEOPLE_NAMESPACE),
    namespace(BOUNDARY_NAMESPACE, { 'pod-security.kubernetes.io/enforce': 'restricted' }),
  ])
  await prepareCluster(node, names, webContainer(node))
  const keys = await readFile(people.jwksFile, 'utf8')
  const values = { names, templates, readyAtOnce, people: { issuer: people.issuer, keys } }
  const valuesFile = await writeValues(node, directory, values)
  const helm = helmOn(node, program, directory)
  report('helm install … (a minute or two)')
  const begin = performance.now()
  succeeded(await helm(['install', RELEASE, CHART, '--values', valuesFile, '--wait', '--timeout', READY_WITHIN]))
  const readyMs = performance.now() - begin
  report(`all pods of the release are ready, ${Math.round(readyMs / 1000)} s after helm install`)
  const agent = { name: 'agent', namespace: names.agentNamespace, serviceAccount: names.agent }
  const persons = { name: 'people', namespace: PEOPLE_NAMESPACE, serviceAccount: 'default' }
  await handOverAuthority(node, PEOPLE_NAMESPACE)
  for (const pod of [agent, persons]) await startClient(node, pod)
  for (const person of [names.approver, names.admin]) {
    const token = await readFile(await people.tokenFor(person), 'utf8')
    succeeded(await inPod(node, persons, ['sh', '-c', `cat > ${tokenFile(person)}`], token))
  }
  return { names, helm, valuesFile, agent, people: persons, readyMs }
}

/** A person's identity token, in the people's pod. */
export function tokenFile(person: string): string {
  return `${HOME}/${person}.token`
}

/** A command in the pod, as its owner; the exit code is the command's own. */
export async function inPod(node: Node, pod: ClientPod, command: readonly string[], input?: string): Promise<Ran> {
  const [args] = [execArgs(pod, command, input !== undefined)]
  const ran = await node.admin(args, input)
  return { ...ran, stderr: ran.stderr.replace(/command terminated with exit code \d+\n$/, '') }
}

export function execArgs({ name, namespace: where }: ClientPod, command: readonly string[], stdin = false) {
  return ['exec', ...(stdin ? ['-i'] : []), '-n', where, name, '--', ...command]
}

/** As an admin would: in namespaces of agents the chart does it. */
async function handOverAuthority(node: Node, to: string): Promise<void> {
  const secret = `secret/${RELEASE}-server-tls`
  const found = succeeded(
    await node.admin(['get', secret, '-n', BOUNDARY_NAMESPACE, '-o', 'jsonpath={.data.ca\\.crt}']),
  )
  const authority = Buffer.from(found.stdout, 'base64').toString()
  const metadata = { name: AUTHORITY, namespace: to }
  await apply(node, [{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'ca.crt': authority } }])
}

async function startClient(node: Node, pod: ClientPod): Promise<void> {
  await apply(node, [clientPod(node, pod)])
  const ready = ['wait', '--for=condition=Ready', `pod/${pod.name}`, '-n', pod.namespace, '--timeout=120s']
  succeeded(await node.admin(ready))
}

/** Something real behind logs, exec and port-forward. */
function webContainer({ images }: Node): object {
  const serve = `require('node:http').createServer((_, answer) => answer.end(require('node:os').hostname())).listen(8080)`
  return {
    image: images.node,
    imagePullPolicy: 'Never',
    command: ['node', '-e', `console.log('${LOG_LINE}'); ${serve}; process.on('SIGTERM', () => process.exit())`],
    ports: [{ containerPort: 8080 }],
    readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
  }
}

function namespace(name: string, labels: Readonly<Record<string, string>> = {}): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }
}

function succeeded(ran: Ran): Ran {
  if (ran.code !== 0) throw new Error(ran.stderr || ran.stdout)
  return ran
}
