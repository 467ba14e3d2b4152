import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Cluster, startCluster } from '../../local/cluster/cluster.ts'
import { Supervisor } from '../../local/process/supervisor.ts'
import { ensureToolchain } from '../../local/toolchain/toolchain.ts'
import { RISKS } from '../../src/policy/risk/risks.ts'
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
  }, 60_000)
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
