import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { Watchdog } from './watchdog.ts'

export interface Program {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** Beside what every program has: its own environment holds no more of ours than that. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Both streams go here. */
  readonly logFile: string
  /** Resolves true once the program does its work; asked again until then. */
  readonly isReady: () => Promise<boolean>
  readonly readyWithinMs?: number
}

export interface Started {
  readonly name: string
  readonly pid: number
  /** Ends this program alone; how it ended, as in Death. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<string>
}

/** A program that ended though nobody asked it to. */
export interface Death {
  readonly name: string
  /** `exit code 1`, `signal SIGSEGV`. */
  readonly how: string
  readonly logFile: string
  /** It had come up; otherwise whoever starts it hears of it in any case. */
  readonly wasUp: boolean
}

/** A program that did not come up, with what it said last and where the rest is. */
export class StartError extends Error {
  readonly code = 'start-failed'
}

const READY_WITHIN_MS = 60_000
const STOP_WITHIN_MS = 10_000
const ASK_EVERY_MS = 50
const LAST_LINES = 12
const INHERITED =
  /^(?:GOGC|PATH|HOME|USER|LANG|LC_\w+|TZ|TMPDIR|NODE_OPTIONS|NODE_COMPILE_CACHE|NODE_EXTRA_CA_CERTS|SSL_CERT_(?:FILE|DIR))$/

interface Child {
  readonly program: Program
  readonly process: ChildProcess
  readonly exited: Promise<string>
  isUp: boolean
  stopping: boolean
}

/**
 * Starts programs and ends them in reverse order. Each has a process group of its own, so that a Ctrl-C in the terminal reaches
 * only us and the order of the end is ours; whatever ends us ends them too.
 */
export class Supervisor {
  readonly #children: Child[] = []
  readonly #programs = new Map<string, Program>()
  readonly #onDeath: (death: Death) => void
  readonly #onExit = (): void => this.#killAll()
  #watchdog: Watchdog | null = null
  #stopped = false

  constructor(onDeath: (death: Death) => void = () => undefined) {
    this.#onDeath = onDeath
    process.on('exit', this.#onExit)
  }

  /** Resolves once the program is ready; rejects with a StartError when it ends or is not ready in time. */
  async start(program: Program): Promise<Started> {
    // Somebody who is still starting things one after the other must not outrun the end.
    if (this.#stopped) throw new StartError(`${program.name} is not started any more: all is being stopped`)
    this.#programs.set(program.name, program)
    const child = this.#launch(program)
    await becomesReady(child)
    child.isUp = true
    return {
      name: program.name,
      pid: child.process.pid ?? 0,
      stop: signal => end(child, signal ?? 'SIGTERM'),
    }
  }

  /** Starts a program that has ended, as it was started the first time. */
  async startAgain(name: string): Promise<Started> {
    const program = this.#programs.get(name)
    if (program === undefined) throw new Error(`${name} was never started`)
    return this.start(program)
  }

  /** Ends one program as its death would, or as asked; nobody is told. How it ended, as in Death. */
  end(name: string, signal: NodeJS.Signals = 'SIGTERM'): Promise<string> {
    return end(this.#named(name), signal)
  }

  /** Sends a signal that is no end, such as SIGSTOP. */
  signal(name: string, signal: NodeJS.Signals): void {
    signalGroup(this.#named(name), signal)
  }

  #named(name: string): Child {
    const child = this.#children.find(({ program }) => program.name === name)
    if (child === undefined) throw new Error(`${name} is not running`)
    return child
  }

  /** Has a folder of folders, such as a control group, removed once the programs have ended, however we end. Its path holds no blank. */
  removeAtEnd(folder: string): void {
    this.#watchdog ??= new Watchdog()
    this.#watchdog.remove(folder)
  }

  /** Final: nothing can be started afterwards. */
  async stop(): Promise<void> {
    this.#stopped = true
    for (const child of [...this.#children].reverse()) await end(child, 'SIGTERM')
    process.off('exit', this.#onExit)
    this.#watchdog?.stop()
  }

  #launch(program: Program): Child {
    this.#watchdog ??= new Watchdog()
    const child = launch(program)
    const { pid } = child.process
    this.#children.push(child)
    if (pid !== undefined) this.#watchdog.watch(pid)
    void child.exited.then(how => {
      this.#children.splice(this.#children.indexOf(child), 1)
      if (pid !== undefined) this.#watchdog?.release(pid)
      if (!child.stopping) this.#onDeath({ name: program.name, how, logFile: program.logFile, wasUp: child.isUp })
    })
    return child
  }

  #killAll(): void {
    for (const child of this.#children) signalGroup(child, 'SIGKILL')
  }
}

function launch(program: Program): Child {
  const log = openSync(program.logFile, 'a', 0o600)
  try {
    const started = spawn(program.command, program.args, {
      cwd: program.cwd,
      env: { ...common(), ...program.env },
      stdio: ['ignore', log, log],
      detached: true,
    })
    const exited = new Promise<string>(resolve => {
      started.once('error', error => resolve(error.message))
      started.once('exit', (code, signal) => {
        // Programs of a program end with it, however it ended.
        if (started.pid !== undefined) killGroup(started.pid, 'SIGKILL')
        resolve(signal === null ? `exit code ${code}` : `signal ${signal}`)
      })
    })
    return { program, process: started, exited, isUp: false, stopping: false }
  } finally {
    closeSync(log)
  }
}

/** Tokens and keys that a shell holds for somebody else, such as a cloud's command line, are no business of our programs. */
function common(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => INHERITED.test(name)))
}

async function becomesReady(child: Child): Promise<void> {
  const { program, exited } = child
  const limit = program.readyWithinMs ?? READY_WITHIN_MS
  const settled = new AbortController()
  try {
    const problem = await Promise.race([
      exited.then(how => `ended at once (${how})`),
      pause(limit, `was not ready within ${limit / 1000} s`, { signal: settled.signal }),
      ready(program, settled.signal),
    ])
    if (problem !== null) throw await startError(program, problem)
  } finally {
    settled.abort()
  }
}

async function ready({ isReady }: Program, settled: AbortSignal): Promise<null> {
  while (!settled.aborted && !(await isReady().catch(() => false))) await pause(ASK_EVERY_MS)
  return null
}

async function startError(program: Program, what: string): Promise<StartError> {
  const log = await readFile(program.logFile, 'utf8').catch(() => '')
  const last = log.trimEnd().split('\n').slice(-LAST_LINES).join('\n  ')
  return new StartError(`${program.name} ${what}; its last words:\n  ${last}\n  (all of it: ${program.logFile})`)
}

async function end(child: Child, signal: NodeJS.Signals): Promise<string> {
  child.stopping = true
  signalGroup(child, signal)
  const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), STOP_WITHIN_MS)
  const how = await child.exited
  clearTimeout(timer)
  return how
}

function signalGroup({ process: { pid, exitCode, signalCode } }: Child, signal: NodeJS.Signals): void {
  if (pid !== undefined && exitCode === null && signalCode === null) killGroup(pid, signal)
}

/** It may be gone already. */
export function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // Ended in between.
  }
}
