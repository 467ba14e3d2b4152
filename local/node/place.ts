import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Ran, run } from '../process/run.ts'
import type { Program, Started, Supervisor } from '../process/supervisor.ts'

/**
 * Network, mounts, processes, IPC and host name of its own, on this machine. Whatever runs there ends with its first process, and what
 * was mounted there is gone with the last.
 */
export interface Place extends Inside {
  readonly start: (program: Program) => Promise<Started>
}

/** What is done there by those who did not start it. */
export interface Inside {
  /** Process 1, by the number that it has outside. */
  readonly pid: number
  /** The command that does this there. Paths must be absolute. */
  readonly command: (command: string, args: readonly string[]) => readonly [command: string, args: readonly string[]]
  readonly run: (
    command: string,
    args: readonly string[],
    options?: { readonly input?: string; readonly env?: Readonly<Record<string, string>> },
  ) => Promise<Ran>
  /** The same, where nothing but success will do. */
  readonly must: (command: string, args: readonly string[], input?: string) => Promise<string>
}

interface Options {
  readonly supervisor: Supervisor
  readonly directory: string
  /** Process 1: waits, and buries orphans. */
  readonly pause: string
}

const UNSHARED = ['--mount', '--net', '--pid', '--ipc', '--uts']
const STARTS_WITHIN_MS = 30_000

export async function startPlace({ supervisor, directory, pause: init }: Options): Promise<Place> {
  const { pid } = await supervisor.start({
    name: 'node',
    command: 'unshare',
    args: [...UNSHARED, '--fork', '--kill-child=KILL', '--mount-proc', init],
    logFile: join(directory, 'node.log'),
    isReady: async () => true,
  })
  const there = inside(await firstProcess(pid))
  return {
    ...there,
    start: program => {
      const [command, args] = there.command(program.command, program.args)
      return supervisor.start({ ...program, command, args })
    },
  }
}

export function inside(pid: number): Inside {
  const place = ['-t', String(pid), '-m', '-n', '-p', '-i', '-u', '--']
  const command = (name: string, args: readonly string[]) => ['nsenter', [...place, name, ...args]] as const
  return {
    pid,
    command,
    run: (name, args, options) => run(...command(name, args), options),
    must: async (name, args, input) => {
      const { code, stdout, stderr } = await run(...command(name, args), input === undefined ? {} : { input })
      if (code !== 0) throw new Error(`${name} ${args.join(' ')}: ${stderr || stdout}`)
      return stdout
    },
  }
}

/** Process 1, by the number that it has outside: unshare's child, once it is what it should be. */
async function firstProcess(unshare: number): Promise<number> {
  const end = performance.now() + STARTS_WITHIN_MS
  while (performance.now() < end) {
    const children = await readFile(`/proc/${unshare}/task/${unshare}/children`, 'utf8').catch(() => '')
    const child = Number(children.trim())
    if (child > 0 && (await readFile(`/proc/${child}/comm`, 'utf8').catch(() => '')) === 'pause\n') return child
    await pause(20)
  }
  throw new Error('the namespaces of the node did not come up')
}
