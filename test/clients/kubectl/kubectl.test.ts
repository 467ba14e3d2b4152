import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { Ran } from '../../../local/process/run.ts'
import type { TestEdition } from '../../e2e/an-edition.ts'
import { until } from '../../support/until.ts'
import { aClientsEdition, unrecorded } from '../a-clients-edition.ts'

const WITHIN = 60_000

let playing: TestEdition
let app: string
let lease: string
let manifest: string

beforeAll(async () => {
  playing = await aClientsEdition(namespace => [
    {
      name: 'operate',
      namespaces: [namespace],
      rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
      maxTtl: '30m',
      maxLeases: 3,
    },
  ])
  app = playing.edition.names.app
  lease = await playing.lease('operate')
  manifest = join(playing.edition.directory, 'manifest.yaml')
  await writeFile(manifest, objects(2))
}, 600_000)
afterAll(() => playing.stop())

function objects(replicas: number, text = 'one'): string {
  const labels = { app: 'tool' }
  const container = { name: 'tool', image: 'tool:1' }
  const template = { metadata: { labels }, spec: { automountServiceAccountToken: false, containers: [container] } }
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'tool' }, data: { text } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'tool' },
      spec: { replicas, selector: { matchLabels: labels }, template },
    },
  ]
    .map(object => stringify(object))
    .join('---\n')
}

const kubectl = (...args: readonly string[]): Promise<Ran> => playing.stage.kubectl(['-n', app, ...args])

async function aPod(): Promise<string> {
  const { stdout } = await kubectl('get', 'pods', '-l', 'app=tool', '-o', 'jsonpath={.items[0].metadata.name}')
  return stdout
}

/** In this order: each step needs what the ones before it made. */
const WORKS: readonly { readonly args: (pod: string) => readonly string[]; readonly says?: RegExp }[] = [
  { args: () => ['diff', '-f', manifest], says: /kind: Deployment/ },
  { args: () => ['apply', '-f', manifest], says: /deployment\.apps\/tool created/ },
  { args: () => ['rollout', 'status', 'deployment/tool', '--timeout=30s'], says: /successfully rolled out/ },
  {
    args: () => ['apply', '--server-side', '--field-manager=other', '--force-conflicts', '-f', manifest],
    says: /serverside-applied/,
  },
  { args: () => ['set', 'image', 'deployment/tool', 'tool=tool:2'], says: /image updated/ },
  { args: () => ['rollout', 'status', 'deployment/tool', '--timeout=30s'] },
  { args: () => ['rollout', 'undo', 'deployment/tool'], says: /rolled back/ },
  { args: () => ['rollout', 'restart', 'deployment/tool'], says: /restarted/ },
  { args: () => ['rollout', 'history', 'deployment/tool'], says: /REVISION/ },
  { args: () => ['rollout', 'status', 'deployment/tool', '--timeout=30s'] },
  { args: () => ['scale', 'deployment/tool', '--replicas=1'], says: /scaled/ },
  { args: () => ['wait', 'deployment/tool', '--for=condition=Available', '--timeout=30s'], says: /condition met/ },
  { args: () => ['describe', 'deployment', 'tool'], says: /StrategyType/ },
  { args: () => ['events'] },
  { args: () => ['get', 'all'], says: /deployment\.apps\/tool/ },
  { args: pod => ['logs', pod], says: /the server is up/ },
  { args: pod => ['exec', pod, '--', 'echo', 'hello'], says: /hello/ },
  { args: pod => ['annotate', 'pod', pod, 'note=seen'], says: /annotated/ },
  { args: pod => ['label', 'pod', pod, 'note=seen'], says: /labeled/ },
  { args: () => ['create', 'configmap', 'other', '--from-literal=a=b'], says: /created/ },
  { args: () => ['patch', 'configmap', 'other', '--type=merge', '-p', '{"data":{"a":"c"}}'], says: /patched/ },
  { args: () => ['get', 'configmap', 'other', '-o', 'yaml'], says: /a: c/ },
  { args: () => ['delete', 'configmap', 'other', '--wait'], says: /deleted/ },
  { args: () => ['explain', 'deployment.spec.replicas'], says: /FIELD: replicas/ },
  { args: () => ['api-resources', '--api-group=apps'], says: /deployments/ },
  { args: () => ['api-versions'], says: /apps\/v1/ },
  { args: () => ['version'], says: /Server Version/ },
  { args: () => ['auth', 'can-i', 'list', 'pods'], says: /yes/ },
  { args: () => ['auth', 'whoami'], says: /leasegate:/ },
  {
    args: () => [
      'run',
      'once',
      '--image=once:1',
      '--restart=Never',
      '--overrides={"spec":{"automountServiceAccountToken":false}}',
    ],
    says: /created/,
  },
  { args: () => ['delete', 'pod', 'once', '--now'], says: /deleted/ },
]

/** What does not, and what the agent is told. */
const REFUSED: readonly {
  readonly name: string
  readonly args: (pod: string) => readonly string[]
  readonly says: RegExp
}[] = [
  {
    name: 'debug (an ephemeral container)',
    args: pod => ['debug', pod, '--image=busybox', '--attach=false'],
    says: /dangerous|boundary/i,
  },
  {
    name: 'top (no metrics server here; the API server says so itself)',
    args: () => ['top', 'pods'],
    says: /Metrics API not available/,
  },
  { name: 'get nodes (outside of the namespace)', args: () => ['get', 'nodes'], says: /outside the scope/ },
  {
    name: 'drain (it begins at the node)',
    args: () => ['drain', 'node-0', '--ignore-daemonsets'],
    says: /outside the scope/,
  },
  { name: 'get --all-namespaces', args: () => ['get', 'pods', '-A'], says: /outside the scope/ },
  { name: 'create token', args: () => ['create', 'token', 'default'], says: /dangerous|boundary/i },
  {
    name: 'create rolebinding',
    args: () => ['create', 'rolebinding', 'x', '--clusterrole=admin', '--user=me'],
    says: /dangerous|boundary/i,
  },
  {
    name: 'proxy to a pod',
    args: pod => ['get', '--raw', `/api/v1/namespaces/${app}/pods/${pod}/proxy/`],
    says: /dangerous|boundary/i,
  },
  { name: 'as another (--as)', args: () => ['get', 'pods', '--as=system:admin'], says: /impersonate-user/i },
]

describe('kubectl, unchanged', () => {
  test(
    'does a long task under one lease',
    async () => {
      for (const { args, says } of WORKS) {
        const pod = await aPod()
        const given = args(pod)
        const { code, stdout, stderr } = await kubectl(...given)
        // diff ends with 1 when there is a difference.
        expect({ given, code, stderr: code === 0 ? '' : stderr }).toEqual({
          given,
          code: given[0] === 'diff' ? 1 : 0,
          stderr: given[0] === 'diff' ? stderr : '',
        })
        if (says !== undefined) expect(stdout).toMatch(says)
      }
    },
    2 * WITHIN,
  )

  test.each(REFUSED)(
    'is told plainly: $name',
    async ({ args, says }) => {
      const { code, stderr } = await kubectl(...args(await aPod()))
      expect(code).not.toBe(0)
      expect(stderr).toMatch(says)
    },
    WITHIN,
  )

  test(
    'has all of it on record',
    async () => {
      await until('every request', async () => (await unrecorded(playing, [lease])).length === 0)
    },
    WITHIN,
  )
})
