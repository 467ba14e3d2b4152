// What recording costs a session.
/**
 * What recording costs a session: exec over WebSocket against a server that speaks it, straight, through Envoy, and through Envoy and the
 * recorder into the spool and the embedded engine. Each part is a process of its own (client and authorizers are this one), and what is
 * compared is measured by turns, medians of them.
 * npm run bench -- sessions [megabytes of one session; default 200] [turns; default 3]
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { listensOn } from '../../../local/process/listens-on.ts'
import { freePort } from '../../../local/process/ports.ts'
import type { Supervisor } from '../../../local/process/supervisor.ts'
import { startBoundary } from '../../support/envoy/envoy.ts'
import { allow } from '../../support/envoy/scripted-authorizer.ts'
import { give, type Ran, show, stall } from './sessions/exec-client.ts'
import { cpuMs, type Resident, untilIdle, watchMemory } from './sessions/processes.ts'

const MB = 1_000_000
const SESSION = Number(process.argv[2] ?? 200) * MB
const TURNS = Number(process.argv[3] ?? 3)
const UPLOAD = Math.min(100 * MB, SESSION)
const LONG = Math.min(500 * MB, 5 * SESSION)
const AT_ONCE = 50
const STALLED_MS = 10_000
const FIRST_BYTES = 100

const folder = await mkdtemp(join(tmpdir(), 'lg-bench-sessions-'))
const plain = await aWay(false)
const recorded = await aWay(true)
const WAYS = {
  straight: { port: recorded.serverPort, pids: { server: recorded.pids.server } },
  'through Envoy': { port: plain.port, pids: { server: plain.pids.server, envoy: plain.pids.envoy } },
  recorded: { port: recorded.port, pids: recorded.pids },
} as const
type Way = keyof typeof WAYS
const NAMES = Object.keys(WAYS) as Way[]

try {
  for (const name of NAMES) await show(WAYS[name].port, 20 * MB)
  await compare(`${SESSION / MB} MB of output`, port => show(port, SESSION))
  await compare(`${UPLOAD / MB} MB of input`, port => give(port, UPLOAD))
  await compare(`${AT_ONCE} sessions at once, ${SESSION / MB} MB in all`, port => several(port))
  await compareFirstBytes()
  await measureMemory()
} finally {
  await recorded.stop()
  await plain.stop()
  await rm(folder, { recursive: true, force: true })
}

/** An Envoy with a server behind it, and a recorder or none. */
async function aWay(isRecorded: boolean) {
  const serverPort = await freePort()
  let [server, tap] = [0, 0]
  const boundary = await startBoundary({
    startApiServer: async ({ certificateFile, keyFile }, supervisor, directory) => {
      server = await start(supervisor, directory, 'exec-server', [String(serverPort), certificateFile, keyFile], () =>
        show(serverPort, 1).then(
          () => true,
          () => false,
        ),
      )
      return serverPort
    },
    ...(isRecorded && {
      startRecorder: async (socket: string, supervisor: Supervisor, directory: string) => {
        tap = await start(supervisor, directory, 'recording-tap', [socket, join(folder, 'tap')], () =>
          listensOn(socket),
        )
      },
    }),
  })
  boundary.script.answer = http => allow(http, { streamMs: 3_600_000 })
  const pids = { server, envoy: boundary.envoy.pid, tap }
  return { port: boundary.port, serverPort, pids, stop: boundary.stop }
}

async function start(
  supervisor: Supervisor,
  directory: string,
  name: string,
  args: readonly string[],
  isReady: () => Promise<boolean>,
): Promise<number> {
  const file = join(import.meta.dirname, 'sessions', `${name}.ts`)
  const logFile = join(directory, `${name}.log`)
  const started = await supervisor.start({ name, command: process.execPath, args: [file, ...args], logFile, isReady })
  return started.pid
}

/** One begins behind the other; then all of them run. */
async function several(port: number): Promise<Ran> {
  const from = performance.now()
  const running: Promise<Ran>[] = []
  for (let n = 0; n < AT_ONCE; n++) {
    await new Promise<void>((resolve, reject) => {
      const one = show(port, SESSION / AT_ONCE, resolve)
      one.catch(reject)
      running.push(one)
    })
  }
  const bytes = (await Promise.all(running)).reduce((sum, one) => sum + one.bytes, 0)
  return { bytes, firstByteMs: Number.NaN, seconds: (performance.now() - from) / 1000 }
}

interface Turn {
  readonly rate: number
  /** CPU of each process for a megabyte, milliseconds. */
  readonly cpu: Readonly<Record<string, number>>
}

async function compare(what: string, act: (port: number) => Promise<Ran>): Promise<void> {
  const turns = new Map<Way, Turn[]>(NAMES.map(name => [name, []]))
  for (let turn = 0; turn < TURNS; turn++) for (const name of NAMES) turns.get(name)?.push(await one(name, act))
  console.log(`\n${what}`)
  for (const [name, taken] of turns) {
    const cpu = Object.keys(taken[0]?.cpu ?? {}).map(
      part => `${part} ${median(taken.map(each => each.cpu[part] ?? Number.NaN)).toFixed(2)}`,
    )
    console.log(`  ${name}: ${median(taken.map(({ rate }) => rate)).toFixed(0)} MB/s; CPU ms/MB: ${cpu.join(', ')}`)
  }
}

async function one(name: Way, act: (port: number) => Promise<Ran>): Promise<Turn> {
  const { port, pids } = WAYS[name]
  const parts = Object.entries(pids)
  const before = parts.map(([, pid]) => cpuMs(pid))
  const { bytes, seconds } = await act(port)
  // What is kept is brought into the record behind it, which is part of what it costs.
  if ('tap' in pids) await untilIdle(pids.tap)
  const cpu = parts.map(([part, pid], n) => [part, (cpuMs(pid) - (before[n] ?? 0)) / (bytes / MB)])
  return { rate: bytes / MB / seconds, cpu: Object.fromEntries(cpu) }
}

async function compareFirstBytes(): Promise<void> {
  const waits = new Map<Way, number[]>(NAMES.map(name => [name, []]))
  for (let turn = 0; turn < FIRST_BYTES; turn++) {
    for (const name of NAMES) waits.get(name)?.push((await show(WAYS[name].port, 100)).firstByteMs)
  }
  console.log('\nfrom the request to the first byte of output')
  for (const [name, taken] of waits) {
    const at = (share: number) => taken.toSorted((a, b) => a - b)[Math.floor(taken.length * share)]?.toFixed(1)
    console.log(`  ${name}: ${at(0.5)} ms median, ${at(0.95)} ms p95`)
  }
}

async function measureMemory(): Promise<void> {
  const { port, pids } = recorded
  const run = await watchMemory(pids, () => show(port, LONG))
  describe(`memory over ${LONG / MB} MB of one session`, run)
  const stalled = await watchMemory(pids, async () => {
    const { leave } = await stall(port, LONG)
    await wait(STALLED_MS)
    leave()
  })
  describe(`memory while a client reads nothing of ${LONG / MB} MB for ${STALLED_MS / 1000} s`, stalled)
}

function describe(what: string, resident: Readonly<Record<string, Resident>>): void {
  console.log(`\n${what}, MB resident`)
  for (const [name, { before, most, after }] of Object.entries(resident))
    console.log(`  ${name}: ${before} before, ${most} at most, ${after} after`)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
