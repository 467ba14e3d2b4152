import { spawn } from 'node:child_process'
import { MAIN } from '../../local/edition/leasegate.ts'

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Of our own environment: where programs are, and where Node.js keeps what it has compiled. */
export const SURROUNDINGS: Readonly<Record<string, string>> = Object.fromEntries(
  ['PATH', 'NODE_COMPILE_CACHE'].flatMap(name => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value]]
  }),
)

/** Runs the real command with nothing of ours in the environment but what is given. */
export async function leasegate(args: readonly string[], env: Record<string, string> = {}, stdin = ''): Promise<Ran> {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { ...SURROUNDINGS, ...env } })
  child.stdin.on('error', () => {})
  child.stdin.end(stdin)
  const [stdout, stderr, code] = await Promise.all([
    child.stdout.toArray(),
    child.stderr.toArray(),
    new Promise<number | null>(resolve => child.on('close', resolve)),
  ])
  return { code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }
}
