import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCluster } from '../../local/cluster/cluster.ts'
import { Supervisor } from '../../local/process/supervisor.ts'
import { ensureToolchain } from '../../local/toolchain/toolchain.ts'
import { assertSameInAuditLog } from '../request/differential/audit-differential.ts'

/** How many requests, and the seed to repeat a run with. */
const [numRuns = 20_000, seed = Math.floor(Math.random() * 2 ** 31)] = process.argv.slice(2).map(Number)

console.log(`${numRuns} generated requests to a running API server, seed ${seed}`)
const directory = await mkdtemp(join(tmpdir(), 'lg-'))
const supervisor = new Supervisor()
try {
  const cluster = await startCluster({ toolchain: await ensureToolchain(() => undefined), directory, supervisor })
  const { same, refused } = await assertSameInAuditLog(cluster, { seed, numRuns })
  console.log(`${same} are in its audit log as they are read here, ${refused} refused, none read otherwise`)
} finally {
  await supervisor.stop()
  await rm(directory, { recursive: true, force: true })
}
