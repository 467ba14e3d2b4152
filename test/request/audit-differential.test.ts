import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Cluster, startCluster } from '../../local/cluster/cluster.ts'
import { Supervisor } from '../../local/process/supervisor.ts'
import { ensureToolchain } from '../../local/toolchain/toolchain.ts'
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
