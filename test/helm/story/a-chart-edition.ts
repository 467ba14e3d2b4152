import { randomInt, X509Certificate } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { type Cluster, startCluster } from '../../../local/cluster/cluster.ts'
import { writeKubeconfig } from '../../../local/cluster/files.ts'
import { BOUNDARY_NAMESPACE } from '../../../local/edition/cluster/boundary-namespace.ts'
import { keepFreshToken } from '../../../local/edition/cluster/fresh-token.ts'
import { apply, prepareCluster } from '../../../local/edition/cluster/prepare-cluster.ts'
import { type Names, randomNames } from '../../../local/edition/names.ts'
import { createPeople, type People } from '../../../local/edition/people.ts'
import { AUDIENCE, policyText } from '../../../local/edition/policy-text.ts'
import { run } from '../../../local/process/run.ts'
import { Supervisor } from '../../../local/process/supervisor.ts'
import type { Played } from '../../../local/story/edition-stage.ts'
import { ensureHelm } from '../../../local/toolchain/helm.ts'
import { ensureToolchain } from '../../../local/toolchain/toolchain.ts'
import { quickFolder } from '../../support/stores/quick-folder.ts'
import { initPod, type Node, type Pod, playPod, runToEnd } from './play-pod.ts'
import type { PodSpec } from './pod-spec.ts'

const CHART = join(import.meta.dirname, '../../../helm/leasegate')
export const RELEASE = 'lg'
const NAME = `${RELEASE}-leasegate`
const COMPONENTS = ['valkey', 'authorizer', 'tap', 'broker', 'envoy'] as const

export interface ChartEdition extends Played {
  readonly supervisor: Supervisor
  readonly node: Node
  /** Envoy's configuration as it ran: of the release, but for folders and addresses. */
  readonly envoyConfig: string
  readonly stop: () => Promise<void>
}

/** What `helm install` leaves in a real API server, run: each container of each pod is a process of this machine. */
export async function aChartEdition(): Promise<ChartEdition> {
  const toolchain = await ensureToolchain(() => undefined)
  const helm = await ensureHelm(() => undefined)
  const directory = await quickFolder('lg-')
  const supervisor = new Supervisor()
  const names = randomNames()
  const cluster = await startCluster({ toolchain, directory: join(directory, 'cluster'), supervisor })
  await prepareCluster(cluster, names)
  await apply(cluster, [restricted(BOUNDARY_NAMESPACE)])
  const people = await createPeople(directory)

  const net = `127.${randomInt(1, 255)}.${randomInt(1, 255)}`
  const addressOf = (component: (typeof COMPONENTS)[number]) => `${net}.${COMPONENTS.indexOf(component) + 10}`
  const policy = policyText(names, {
    cluster: { issuer: cluster.serviceAccountIssuer, jwksFile: 'cluster.json' },
    people: { issuer: people.issuer, jwksFile: 'people.json' },
  })
  const jwks = {
    'cluster.json': await readFile(cluster.jwksFile, 'utf8'),
    'people.json': await readFile(people.jwksFile, 'utf8'),
  }
  const values = join(directory, 'values.yaml')
  await writeFile(values, stringify(valuesFor(cluster, parse(policy), jwks, addressOf('envoy'))))
  const to = ['--kubeconfig', cluster.adminKubeconfig, '--namespace', BOUNDARY_NAMESPACE]
  const installed = await run(helm, ['install', RELEASE, CHART, ...to, '--values', values])
  if (installed.code !== 0) throw new Error(installed.stderr)

  const addresses = Object.fromEntries(
    COMPONENTS.flatMap(component => {
      const service = `${NAME}-${component}`
      return [`${service}.${BOUNDARY_NAMESPACE}.svc`, service].map(name => [name, addressOf(component)])
    }),
  )
  const pods = join(directory, 'p')
  await mkdir(pods)
  const node = { cluster, toolchain, supervisor, directory: pods, namespace: BOUNDARY_NAMESPACE, addresses }
  await setUp(node)
  for (const component of COMPONENTS) {
    const kind = component === 'valkey' ? 'statefulset' : 'deployment'
    const spec = await templateOf(cluster, `${kind}/${NAME}-${component}`)
    await playPod(node, { name: component, address: addressOf(component), spec })
  }
  return {
    ...(await forPeople(cluster, directory, names, people, { policy, jwks, address: addressOf('envoy'), pods })),
    names,
    directory,
    cluster,
    supervisor,
    node,
    envoyConfig: await readFile(join(pods, 'envoy', 'config', 'envoy.json'), 'utf8'),
    stop: async () => {
      await supervisor.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

function restricted(name: string): object {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted', 'pod-security.kubernetes.io/warn': 'restricted' }
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }
}

function valuesFor(cluster: Cluster, policy: object, files: Readonly<Record<string, string>>, address: string): object {
  return {
    image: { registry: 'registry.corp.example', repository: 'leasegate/leasegate' },
    embedded: { enabled: true },
    redis: { durability: 'always' },
    sessions: { enabled: true },
    policy: { inline: policy, files },
    // The certificate that the API server shows is checked by its usual name.
    apiServer: { host: '127.0.0.1', port: cluster.port },
    tls: { hosts: [address] },
    jobs: { hooks: false },
    authorizer: { drainLimit: '2s' },
    // Nobody translates the ports of a Service here.
    envoy: { drainSeconds: 2, service: { boundaryPort: 10_443, brokerPort: 10_444 } },
    tests: { cluster: 'always' },
  }
}

interface Templated {
  readonly template: { readonly spec: PodSpec }
  readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[]
}

async function templateOf(cluster: Cluster, what: string): Promise<PodSpec> {
  const found = await cluster.admin(['get', what, '-n', BOUNDARY_NAMESPACE, '-o', 'json'])
  if (found.code !== 0) throw new Error(found.stderr)
  const { template, volumeClaimTemplates = [] } = (JSON.parse(found.stdout) as { spec: Templated }).spec
  const claimed = volumeClaimTemplates.map(({ metadata }) => ({ name: metadata.name, persistentVolumeClaim: {} }))
  return { ...template.spec, volumes: [...(template.spec.volumes ?? []), ...claimed] }
}

/** The job that makes certificates and keys, with the rights of its account. */
async function setUp(node: Node): Promise<void> {
  const { cluster, directory, namespace } = node
  const listed = await cluster.admin([
    'get',
    'jobs',
    '-n',
    namespace,
    '-o',
    'name',
    '-l',
    'app.kubernetes.io/component=setup',
  ])
  const spec = await templateOf(cluster, listed.stdout.trim())
  const made = await cluster.admin(['create', 'token', spec.serviceAccountName, '-n', namespace])
  if (made.code !== 0) throw new Error(made.stderr)
  const access = { server: cluster.server, caFile: cluster.caFile, user: { token: made.stdout.trim() } }
  const kubeconfig = await writeKubeconfig(join(directory, 'setup.kubeconfig'), access)
  const pod: Pod = { name: 'setup', address: '127.0.0.1', spec }
  await initPod(node, pod)
  for (const container of spec.containers) await runToEnd(node, pod, container, ['--kubeconfig', kubeconfig])
}

interface Given {
  readonly policy: string
  readonly jwks: Readonly<Record<string, string>>
  readonly address: string
  readonly pods: string
}

/** What agents and people have: addresses, the authority of what they see, tokens. */
async function forPeople(cluster: Cluster, directory: string, names: Names, people: People, given: Given) {
  const policyFolder = join(directory, 'policy')
  await mkdir(policyFolder)
  const policyFile = join(policyFolder, 'policy.yaml')
  await writeFile(policyFile, given.policy)
  for (const [name, text] of Object.entries(given.jwks)) await writeFile(join(policyFolder, name), text)
  const secret = await cluster.admin([
    'get',
    'secret',
    `${NAME}-server-tls`,
    '-n',
    BOUNDARY_NAMESPACE,
    '-o',
    'jsonpath={.data.ca\\.crt}',
  ])
  const authority = new X509Certificate(Buffer.from(secret.stdout, 'base64')).toString()
  // kubectl past the boundary wants the cluster's own beside it.
  const caFile = join(directory, 'authorities.pem')
  await writeFile(caFile, `${authority}\n${await readFile(cluster.caFile, 'utf8')}`)
  const identityTokenFile = join(directory, 'agent.token')
  const { agentNamespace: namespace, agent: account } = names
  await keepFreshToken(cluster, { file: identityTokenFile, namespace, account, audience: AUDIENCE })
  const boundaryUrl = `https://${given.address}:10443`
  const environment = {
    LEASEGATE_BROKER_URL: `https://${given.address}:10444`,
    LEASEGATE_BROKER_CA_FILE: caFile,
    LEASEGATE_BOUNDARY_URL: boundaryUrl,
    LEASEGATE_BOUNDARY_CA_FILE: caFile,
    LEASEGATE_QUERY_SOCKET: join(given.pods, 'tap', 'tmp', 'query.sock'),
  }
  const as = (file: string) => ({ ...environment, LEASEGATE_IDENTITY_TOKEN_FILE: file })
  // An auditor has a copy of them.
  const sessionKeys = join(given.pods, 'tap', 'session-keys', 'session.keys.json')
  const environments = {
    agent: as(identityTokenFile),
    approver: as(await people.tokenFor(names.approver)),
    admin: { ...as(await people.tokenFor(names.admin)), LEASEGATE_SESSION_KEY_FILE: sessionKeys },
  }
  return { policyFile, caFile, identityTokenFile, boundaryUrl, environments }
}
