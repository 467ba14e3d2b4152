import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { stringify } from 'yaml'
import type { Ran } from '../../../local/process/run.ts'
import type { TestEdition } from '../../e2e/an-edition.ts'
import { aClientsEdition, type ExtraTemplate } from '../a-clients-edition.ts'

/** One who operates an application, and one who looks after nodes. */
const templates = (app: string): readonly ExtraTemplate[] => [
  {
    name: 'operate',
    namespaces: [app],
    rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
    maxTtl: '2h',
    maxLeases: 3,
  },
  {
    name: 'see-nodes',
    namespaces: [],
    rules: [{ scope: 'cluster', verbs: ['get', 'list', 'watch'], apiGroups: [''], resources: ['nodes'] }],
    maxTtl: '2h',
  },
  {
    name: 'drain-node',
    namespaces: ['*'],
    rules: [
      { scope: 'cluster', verbs: ['get', 'list', 'patch'], apiGroups: [''], resources: ['nodes'] },
      { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods', 'events'] },
      { verbs: ['create'], apiGroups: [''], resources: ['pods/eviction'] },
      { verbs: ['get'], apiGroups: ['apps'], resources: ['daemonsets'] },
    ],
    dangerous: ['boundary-node-pods'],
    approval: { skip: ['boundary-node-pods', 'nodes-write'] },
    maxTtl: '2h',
  },
  {
    name: 'drain-carefully',
    namespaces: ['*'],
    rules: [
      { scope: 'cluster', verbs: ['get', 'list', 'patch'], apiGroups: [''], resources: ['nodes'] },
      { verbs: ['get', 'list', 'watch'], apiGroups: [''], resources: ['pods', 'events'] },
      { verbs: ['create'], apiGroups: [''], resources: ['pods/eviction'] },
      { verbs: ['get'], apiGroups: ['apps'], resources: ['daemonsets'] },
    ],
    dangerous: ['boundary-node-pods'],
    approval: { skip: ['boundary-node-pods', 'nodes-write'], require: ['pods-eviction'] },
    maxTtl: '2h',
  },
]

export interface Day {
  readonly playing: TestEdition
  readonly lease: string
  readonly app: string
  /** kubectl of the agent, in the application's namespace. */
  readonly kubectl: (...args: readonly string[]) => Promise<Ran>
  /** The same for the nodes, under a lease of their own. */
  readonly nodes: (...args: readonly string[]) => Promise<Ran>
  /** What the API server has, asked past the boundary. */
  readonly has: (...args: readonly string[]) => Promise<string>
  /** A pod of the Deployment `tool` that does not go. */
  readonly pod: () => Promise<string>
  readonly file: (name: string, ...objects: readonly object[]) => Promise<string>
}

/** Tokens are fetched once: what the plugin does for each command has tests of its own. */
export async function aDay(): Promise<Day> {
  const playing = await aClientsEdition(templates)
  const { app } = playing.edition.names
  const nodeLease = await playing.lease('drain-node', '--namespace', '*', '--ttl', '1h')
  const lease = await playing.lease('operate', '--ttl', '1h')
  const [token, nodeToken] = [await playing.token(lease), await playing.token(nodeLease)]
  const has = async (...args: readonly string[]) => {
    const { stdout, stderr } = await playing.edition.cluster.admin(['-n', app, ...args])
    return `${stdout}${stderr}`.trim()
  }
  return {
    playing,
    lease,
    app,
    kubectl: (...args) => playing.stage.kubectlWith(token, 'boundary', ['-n', app, ...args]),
    nodes: (...args) => playing.stage.kubectlWith(nodeToken, 'boundary', args),
    has,
    pod: async () => {
      const names = '{range .items[*]}{.metadata.name} {.metadata.deletionTimestamp}{"\\n"}{end}'
      const pods = await has('get', 'pods', '-l', 'app=tool', '-o', `jsonpath=${names}`)
      const staying = pods.split('\n').find(line => line.trim().split(' ').length === 1)
      return staying?.trim() ?? ''
    },
    file: async (name, ...objects) => {
      const path = join(playing.edition.directory, 'day', name)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, objects.map(object => stringify(object)).join('---\n'))
      return path
    },
  }
}
