import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { killGroup } from '../../../local/process/supervisor.ts'
import { Watchdog } from '../../../local/process/watchdog.ts'
import { until } from '../../support/until.ts'
import { differences, machineState, processesOf } from './machine-state.ts'

const ROOT = join(import.meta.dirname, '../../..')

export interface Start extends AsyncDisposable {
  readonly output: () => string
  /** Resolves once it has said this; fails where it ends before. */
  readonly said: (what: RegExp, withinMs: number) => Promise<void>
  /** As a Ctrl-C in its terminal. */
  readonly interrupt: () => void
  /** The launcher alone, by what nobody can handle. */
  readonly kill: () => Promise<void>
  /** Its exit code, once it has ended. */
  readonly ended: Promise<number | null>
  /** What it has changed of the machine: nothing, once all of it has ended. */
  readonly left: () => Promise<readonly string[]>
}

const GONE_WITHIN_MS = 30_000

/** `npm start -- --node`, as its user types it, and the machine before. */
export async function aStart(): Promise<Start> {
  const folder = await mkdtemp(join(tmpdir(), 'lg-start-'))
  const before = await machineState()
  const child = spawn('npm', ['start', '--', '--node'], {
    cwd: ROOT,
    // All that it starts has this, or files in it, by which it is found.
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const group = child.pid
  if (group === undefined) throw new Error('npm could not be started')
  const watchdog = new Watchdog()
  watchdog.watch(group)
  const interrupt = () => {
    if (child.exitCode === null && child.signalCode === null) killGroup(group, 'SIGINT')
  }
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => (output += text))
  const ended = new Promise<number | null>(resolve => child.once('close', resolve))
  const left = async () => [...differences(before, await machineState()), ...(await processesOf(folder))]
  return {
    output: () => output,
    said: (what, withinMs) => saidOf(child, () => output, what, withinMs),
    interrupt,
    kill: async () => {
      process.kill(await launcherIn(folder), 'SIGKILL')
    },
    ended,
    left: async () => {
      const none = async () => (await left()).length === 0
      await until('nothing to be left', none, GONE_WITHIN_MS).catch(() => undefined)
      return left()
    },
    [Symbol.asyncDispose]: async () => {
      interrupt()
      await ended
      watchdog.release(group)
      watchdog.stop()
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

async function saidOf(child: ChildProcess, output: () => string, what: RegExp, withinMs: number): Promise<void> {
  await until(
    `${what}`,
    () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${output()}`)
      return what.test(output())
    },
    withinMs,
  ).catch((error: Error) => {
    throw new Error(`${error.message}\n${output().slice(-4000)}`)
  })
}

/** The process that starts all others, and is no shell or npm before it. */
async function launcherIn(folder: string): Promise<number> {
  const found = (await processesOf(folder)).find(each => / \S*local\/start\.ts /.test(each))
  if (found === undefined) throw new Error('no launcher')
  return Number(found.split(' ')[0])
}
