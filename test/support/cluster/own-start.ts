import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { type Ran, run } from '../../../local/process/run.ts'
import { until } from '../until.ts'

const START = join(import.meta.dirname, '../../../local/start.ts')

/** What `npm start --` runs, to its end. */
export function start(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ran> {
  return run(process.execPath, [START, ...args], { env })
}

export interface Up {
  readonly pid: number
  readonly output: () => string
  /** Ends it as a Ctrl-C does; its exit code. */
  readonly stop: () => Promise<number | null>
}

/** The same, until it says how to go on. */
export async function startUp(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Up> {
  const child = spawn(process.execPath, [START, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => (output += text))
  const exited = new Promise<number | null>(resolve => child.once('close', resolve))
  await until(
    'the boundary to be up',
    () => hasEnded(child, output) || output.includes('stays up until Ctrl-C'),
    60_000,
  )
  return {
    pid: child.pid ?? 0,
    output: () => output,
    stop: () => {
      child.kill('SIGINT')
      return exited
    },
  }
}

function hasEnded(child: ChildProcess, output: string): false {
  if (child.exitCode === null) return false
  throw new Error(`it ended with exit code ${child.exitCode}: ${output}`)
}
