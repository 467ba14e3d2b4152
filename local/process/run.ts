import { spawn } from 'node:child_process'

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

interface Options {
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  readonly cwd?: string
}

/** Runs a command to its end; 127 when it cannot be started. */
export function run(command: string, args: readonly string[], { env, input, cwd }: Options = {}): Promise<Ran> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, cwd, stdio: ['pipe', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', text => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', text => (stderr += text))
  child.stdin.on('error', () => undefined)
  child.stdin.end(input ?? '')
  return new Promise(resolve => {
    child.once('error', error => resolve({ code: 127, stdout, stderr: error.message }))
    child.once('close', code => resolve({ code: code ?? 128, stdout, stderr }))
  })
}
