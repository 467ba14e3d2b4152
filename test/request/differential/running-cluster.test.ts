import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Cluster, startCluster } from '../../../local/cluster/cluster.ts'
import { Supervisor } from '../../../local/process/supervisor.ts'
import { ensureToolchain } from '../../../local/toolchain/toolchain.ts'
import { RISKS } from '../../../src/policy/risk/risks.ts'
import { disagreement } from '../../../src/request/object/disagreement.ts'
import { asAdmin, type Sent } from '../../support/cluster/api-server.ts'
import { read } from '../a-http-request.ts'
import { type NamesRow, OTHERS, SAME } from '../object/names-rows.ts'
import { assertSameInAuditLog } from './audit-differential.ts'

const seed = Math.floor(Math.random() * 2 ** 31)
const BUILDING_MS = 600_000

const supervisor = new Supervisor()
let directory: string
let cluster: Cluster

beforeAll(async () => {
  console.log(`seed of the requests for the audit log: ${seed}`)
  directory = await mkdtemp(join(tmpdir(), 'lg-'))
  cluster = await startCluster({ toolchain: await ensureToolchain(() => undefined), directory, supervisor })
}, BUILDING_MS)

afterAll(async () => {
  await supervisor.stop()
  await rm(directory, { recursive: true, force: true })
})

describe('readAnywhere', () => {
  test('reads generated requests as the audit log of the running API server shows them', async () => {
    const { same } = await assertSameInAuditLog(cluster, { seed, numRuns: 2000 })
    expect(same).toBeGreaterThan(1400)
  })
})

describe('disagreement', () => {
  let send: (sent: Sent) => Promise<number>

  const dryRun = ({ path, ...rest }: NamesRow) => {
    const manager = rest.contentType.startsWith('application/apply') ? '&fieldManager=test' : ''
    return send({ ...rest, path: `${path}?dryRun=All${manager}` })
  }
  const here = ({ method, path, contentType, body }: NamesRow) =>
    disagreement(
      read(`${method} ${path}`, { headers: [['content-type', contentType]], body: Buffer.from(body as string) }),
    )

  beforeAll(async () => {
    await cluster.admin(['create', 'namespace', 'x'])
    await cluster.admin(['create', 'configmap', 'a', '-n', 'x'])
    await cluster.admin(['create', 'serviceaccount', 'default', '-n', 'x'])
    send = await asAdmin(cluster)
  })

  test.each(OTHERS)('the running API server, too, refuses $method $path of $contentType $body', async row => {
    expect(here(row)).not.toBeNull()
    expect([400, 422]).toContain(await dryRun(row))
  })

  test.each(SAME)('the running API server, too, takes $method $path of $contentType $body', async row => {
    expect(here(row)).toBeNull()
    expect([200, 201]).toContain(await dryRun(row))
  })
})

interface Served {
  readonly group: string
  readonly name: string
}

/** Every subresource of every group and version, `pods/log`. */
async function subresources({ admin }: Cluster): Promise<readonly Served[]> {
  const versions = (await admin(['api-versions'])).stdout.trim().split('\n')
  const lists = versions.map(async version => {
    const group = version.includes('/') ? (version.split('/')[0] ?? '') : ''
    const list = await admin(['get', '--raw', group === '' ? `/api/${version}` : `/apis/${version}`])
    const { resources }: { readonly resources: readonly { readonly name: string }[] } = JSON.parse(list.stdout)
    return resources.filter(({ name }) => name.includes('/')).map(({ name }) => ({ group, name }))
  })
  return (await Promise.all(lists)).flat()
}

describe('RISKS', () => {
  test('know every subresource that the running API server serves', async () => {
    const served = await subresources(cluster)
    const unknown = served.filter(({ group, name }) => {
      const keys = [name, `*/${name.split('/')[1]}`]
      const knows = RISKS.some(
        ({ apiGroups, resources }) =>
          resources.some(resource => keys.includes(resource)) && (apiGroups.includes('*') || apiGroups.includes(group)),
      )
      return !knows
    })
    expect(served.length).toBeGreaterThan(40)
    expect(unknown).toEqual([])
  })
})
