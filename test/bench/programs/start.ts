// From the start of an authorizer until Envoy can ask it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { SOURCE } from '../../../local/edition/leasegate.ts'
import { listensOn } from '../../../local/process/listens-on.ts'
import { must } from '../../../local/process/must.ts'
import { run } from '../../../local/process/run.ts'
import { Valkey } from '../../support/stores/valkey.ts'
import { authorizerEnv } from '../decisions/check/contenders.ts'
import { cpuMicros } from '../decisions/check/process-use.ts'
import { median } from '../decisions/check/round.ts'
import { aWorld } from '../decisions/check/world.ts'

/*
 * How long an authorizer takes from its start until Envoy can ask it, and how much CPU, beside a Node.js that does nothing; from
 * its source, as npm start runs it with what Node.js compiled before, and as an image has it. By turns in one run.
 * npm run bench -- start [rounds; default 9]
 */
const ROUNDS = Number(process.argv[2] ?? 9)
const LOOK_EVERY_MS = 2
const ROOT = join(import.meta.dirname, '../../..')
/** Made for the run, where the image has it: beside the source. */
const PROGRAM = join(ROOT, 'program')

const directory = await mkdtemp(join(tmpdir(), 'lg-bench-'))
const valkey = await Valkey.start({ appendfsync: 'everysec' })
try {
  await must(process.execPath, [join(ROOT, 'local/release/program.ts')])
  await aWorld(valkey, directory)
  const compiled = { NODE_COMPILE_CACHE: join(directory, 'compiled') }
  const kinds = [
    { name: 'an empty Node.js', start: emptyNode },
    { name: 'an authorizer from source', start: () => anAuthorizer([SOURCE]) },
    { name: 'the same with what was compiled', start: () => anAuthorizer([SOURCE], compiled) },
    { name: "an image's authorizer", start: () => anAuthorizer([join(PROGRAM, 'leasegate.cjs')]) },
  ]
  const took = new Map<string, Took[]>(kinds.map(({ name }) => [name, []]))
  // The first round fills the kernel's caches and Node's, and is not counted.
  for (let round = -1; round < ROUNDS; round += 1) {
    for (const { name, start } of kinds) {
      const one = await start()
      if (round >= 0) took.get(name)?.push(one)
    }
  }
  const [least = []] = took.values()
  for (const [name, rounds] of took) console.log(`${name}: ${shown(rounds, least)}`)
  console.log(`load ${loadavg()[0]?.toFixed(1)}`)
} finally {
  await valkey.stop()
  for (const folder of [directory, PROGRAM]) await rm(folder, { recursive: true, force: true })
}

interface Took {
  readonly ms: number
  readonly cpuMs: number
}

function shown(rounds: readonly Took[], least: readonly Took[]): string {
  const of = (key: keyof Took) => {
    const ratio = median(rounds.map((round, at) => round[key] / (least[at]?.[key] ?? Number.NaN)))
    return `${median(rounds.map(round => round[key])).toFixed(0)} ms (${ratio.toFixed(1)} times)`
  }
  return `ready after ${of('ms')}, ${of('cpuMs')} of CPU`
}

async function emptyNode(): Promise<Took> {
  const from = performance.now()
  const { stdout } = await run(process.execPath, ['-p', 'const { user, system } = process.cpuUsage(); user + system'])
  return { ms: performance.now() - from, cpuMs: Number(stdout) / 1000 }
}

async function anAuthorizer(program: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Took> {
  const from = performance.now()
  const child = spawn(process.execPath, [...program, 'authorizer'], {
    env: { PATH: process.env['PATH'], ...authorizerEnv(valkey, directory), ...more },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  try {
    while (!(await listensOn(join(directory, 'authorizer.sock')))) {
      if (child.exitCode !== null) throw new Error('the authorizer ended')
      await pause(LOOK_EVERY_MS)
    }
    return { ms: performance.now() - from, cpuMs: cpuMicros(child.pid ?? 0) / 1000 }
  } finally {
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  }
}
