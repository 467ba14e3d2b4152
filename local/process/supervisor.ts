import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'

export interface Program {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
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
  /** Ends this program alone. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>
}

/** A program that did not come up, with what it said last and where the rest is. */
export class StartError extends Error {
  readonly code = 'start-failed'
}

const READY_WITHIN_MS = 60_000
const STOP_WITHIN_MS = 10_000
const ASK_EVERY_MS = 50
const LAST_LINES = 12

interface Child {
  readonly program: Program
  readonly process: ChildProcess
  readonly exited: Promise<string>
  stopping: boolean
}

/**
 * Starts programs and ends them in reverse order. Each has a process group of its own, so that a Ctrl-C in the terminal reaches
 * only us and the order of the end is ours; whatever ends us ends them too.
 */
export class Supervisor {
  readonly #children: Child[] = []
  readonly #programs = new Map<string, Program>()
  readonly #onDeath: (name: string, how: string, logFile: string) => void
  readonly #onExit = (): void => this.#killAll()

  constructor(onDeath: (name: string, how: string, logFile: string) => void = () => undefined) {
    this.#onDeath = onDeath
    process.on('exit', this.#onExit)
  }

  /** Resolves once the program is ready; rejects with a StartError when it ends or is not ready in time. */
  async start(program: Program): Promise<Started> {
    this.#programs.set(program.name, program)
    const child = launch(program)
    this.#children.push(child)
    void child.exited.then(how => {
      this.#drop(child)
      if (!child.stopping) this.#onDeath(program.name, how, program.logFile)
    })
    await becomesReady(child)
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

  /** Ends one program as its death would, or as asked; nobody is told. */
  async end(name: string, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await end(this.#named(name), signal)
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

  async stop(): Promise<void> {
    for (const child of [...this.#children].reverse()) await end(child, 'SIGTERM')
    process.off('exit', this.#onExit)
  }

  #drop(child: Child): void {
    const at = this.#children.indexOf(child)
    if (at !== -1) this.#children.splice(at, 1)
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
      env: { ...process.env, ...program.env },
      stdio: ['ignore', log, log],
      detached: true,
    })
    const exited = new Promise<string>(resolve => {
      started.once('error', error => resolve(error.message))
      started.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`))
    })
    return { program, process: started, exited, stopping: false }
  } finally {
    closeSync(log)
  }
}

async function becomesReady(child: Child): Promise<void> {
  const { program } = child
  const limit = program.readyWithinMs ?? READY_WITHIN_MS
  const end = performance.now() + limit
  let how: string | null = null
  void child.exited.then(said => {
    how = said
  })
  for (;;) {
    if (how !== null) throw await startError(program, `ended at once (${how})`)
    if (await program.isReady().catch(() => false)) return
    if (performance.now() > end) throw await startError(program, `was not ready within ${limit / 1000} s`)
    await new Promise(resolve => setTimeout(resolve, ASK_EVERY_MS))
  }
}

async function startError(program: Program, what: string): Promise<StartError> {
  const log = await readFile(program.logFile, 'utf8').catch(() => '')
  const last = log.trimEnd().split('\n').slice(-LAST_LINES).join('\n  ')
  return new StartError(`${program.name} ${what}; its last words:\n  ${last}\n  (all of it: ${program.logFile})`)
}

async function end(child: Child, signal: NodeJS.Signals): Promise<void> {
  child.stopping = true
  signalGroup(child, signal)
  const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), STOP_WITHIN_MS)
  await child.exited
  clearTimeout(timer)
}

/** The group may be gone already. */
function signalGroup({ process: { pid, exitCode, signalCode } }: Child, signal: NodeJS.Signals): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  try {
    process.kill(-pid, signal)
  } catch {
    // Ended in between.
  }
}
