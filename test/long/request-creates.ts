import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Cluster, startCluster } from '../../local/cluster/cluster.ts'
import { Supervisor } from '../../local/process/supervisor.ts'
import { ensureToolchain } from '../../local/toolchain/toolchain.ts'
import { read } from '../request/a-http-request.ts'

interface Served {
  readonly groupVersion: string
  /** With the subresource. */
  readonly name: string
  readonly kind: string
  readonly namespaced: boolean
  readonly verbs: readonly string[]
  /** Said where they are not those of the list. */
  readonly group?: string
  readonly version?: string
}

/** Everything that the API server lets somebody update. */
async function updatable({ admin }: Cluster): Promise<readonly Served[]> {
  const versions = (await admin(['api-versions'])).stdout.trim().split('\n')
  const lists = versions.map(async groupVersion => {
    const list = await admin(['get', '--raw', root(groupVersion)])
    const { resources }: { readonly resources: readonly Served[] } = JSON.parse(list.stdout)
    return resources.map(resource => ({ ...resource, groupVersion }))
  })
  return (await Promise.all(lists)).flat().filter(({ verbs }) => verbs.includes('update'))
}

function root(groupVersion: string): string {
  return groupVersion.includes('/') ? `/apis/${groupVersion}` : `/api/${groupVersion}`
}

function pathOf({ groupVersion, name, namespaced }: Served): string {
  const [resource, ...subresource] = name.split('/')
  const place = namespaced ? ['namespaces', 'default'] : []
  return [root(groupVersion), ...place, resource, 'not-there', ...subresource].join('/')
}

/** What is not there is either not found, or the API server went on to create it. */
async function creates({ admin }: Cluster, path: string, body: string): Promise<boolean> {
  const { code, stderr } = await admin(['replace', '--raw', path, '-f', '-'], body)
  return code === 0 || !stderr.includes('(NotFound)')
}

/** A version in the body, so that only the kind of the object decides. */
async function compare(cluster: Cluster, served: Served): Promise<boolean> {
  const { groupVersion, kind, group = '', version = '' } = served
  const apiVersion = version === '' ? groupVersion : [group, version].filter(part => part !== '').join('/')
  const body = JSON.stringify({ apiVersion, kind, metadata: { name: 'not-there', resourceVersion: '5' } })
  const path = pathOf(served)
  const headers = [['content-type', 'application/json']] as const
  const { verbs } = read(`PUT ${path}`, { headers, body: Buffer.from(body) })
  const created = await creates(cluster, path, body)
  if (created !== verbs.includes('create')) throw new Error(`PUT ${path}: ${created ? 'creates' : 'never creates'}`)
  return created
}

const directory = await mkdtemp(join(tmpdir(), 'lg-'))
const supervisor = new Supervisor()
try {
  const cluster = await startCluster({ toolchain: await ensureToolchain(() => undefined), directory, supervisor })
  // The proxies answer with what is behind them.
  const all = (await updatable(cluster)).filter(({ name }) => !name.endsWith('/proxy'))
  let created = 0
  for (const served of all) created += (await compare(cluster, served)) ? 1 : 0
  if (created === 0 || created === all.length) throw new Error('nothing was told apart')
  console.log(`${created} of ${all.length} kinds of update create what is not there: those that need create`)
} finally {
  await supervisor.stop()
  await rm(directory, { recursive: true, force: true })
}
