import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'

interface Options {
  readonly logFile: string
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

/** Runs a tool with its output in the log file; rejects when it fails. Told to end, we end the tool, which a Ctrl-C reaches by itself. */
export async function logged(command: string, args: readonly string[], { logFile, cwd, env }: Options): Promise<void> {
  const log = openSync(logFile, 'a')
  try {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', log, log] })
    const end = () => void child.kill('SIGTERM')
    process.once('SIGTERM', end)
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code, signal) =>
        code === 0 ? resolve() : reject(new Error(`${command} ${args[0]} ended with ${signal ?? `exit code ${code}`}`)),
      )
    }).finally(() => process.off('SIGTERM', end))
  } finally {
    closeSync(log)
  }
}
