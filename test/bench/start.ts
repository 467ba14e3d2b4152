import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { MAIN } from '../../local/edition/leasegate.ts'
import { listensOn } from '../../local/process/listens-on.ts'
import { Valkey } from '../support/stores/valkey.ts'
import { authorizerEnv } from './check/contenders.ts'
import { median } from './check/round.ts'
import { aWorld } from './check/world.ts'

/*
 * How long an authorizer takes from its start until Envoy can ask it, beside a Node.js that does nothing; by turns in one run.
 * node test/bench/start.ts [rounds; default 9]
 */
const ROUNDS = Number(process.argv[2] ?? 9)
const LOOK_EVERY_MS = 2

const directory = await mkdtemp(join(tmpdir(), 'lg-bench-'))
const valkey = await Valkey.start({ appendfsync: 'everysec' })
try {
  await aWorld(valkey, directory)
  const took: { readonly empty: number[]; readonly authorizer: number[] } = { empty: [], authorizer: [] }
  // The first round fills the kernel's caches, and is not counted.
  for (let round = -1; round < ROUNDS; round += 1) {
    const [empty, authorizer] = [await emptyNode(), await anAuthorizer()]
    if (round < 0) continue
    took.empty.push(empty)
    took.authorizer.push(authorizer)
  }
  const [empty, authorizer] = [median(took.empty), median(took.authorizer)]
  console.log(
    `an authorizer is ready after ${authorizer.toFixed(0)} ms, ${(authorizer / empty).toFixed(1)} times an empty Node.js (${empty.toFixed(0)} ms); load ${loadavg()[0]?.toFixed(1)}`,
  )
} finally {
  await valkey.stop()
  await rm(directory, { recursive: true, force: true })
}

async function emptyNode(): Promise<number> {
  const from = performance.now()
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit')
  return performance.now() - from
}

async function anAuthorizer(): Promise<number> {
  const from = performance.now()
  const child = spawn(process.execPath, [MAIN, 'authorizer'], {
    env: { PATH: process.env['PATH'], ...authorizerEnv(valkey, directory) },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  try {
    while (!(await listensOn(join(directory, 'authorizer.sock')))) {
      if (child.exitCode !== null) throw new Error('the authorizer ended')
      await pause(LOOK_EVERY_MS)
    }
    return performance.now() - from
  } finally {
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  }
}
