import { type StdioOptions, spawn } from 'node:child_process'
import { killGroup } from '../process/supervisor.ts'
import type { Running } from './stage.ts'

const SEEN_WITHIN_MS = 60_000

/** A process group of its own: a command may be a command's child. */
export function startRunning(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Running {
  const stdio: StdioOptions = ['ignore', 'pipe', 'pipe']
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio, detached: true })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', text => (output += text))
  const exited = new Promise<void>(resolve => child.once('close', () => resolve()))
  return {
    output: () => output,
    saw: pattern =>
      new Promise((resolve, reject) => {
        const end = performance.now() + SEEN_WITHIN_MS
        const timer = setInterval(() => {
          const done = pattern.test(output)
          if (!done && performance.now() < end) return
          clearInterval(timer)
          if (done) resolve()
          else reject(new Error(`never saw ${pattern} in: ${output}`))
        }, 25)
      }),
    ended: async deadlineMs => {
      const startedAt = performance.now()
      const late = Promise.withResolvers<never>()
      const timer = setTimeout(() => late.reject(new Error(`still running after ${deadlineMs} ms`)), deadlineMs)
      await Promise.race([exited, late.promise]).finally(() => clearTimeout(timer))
      return performance.now() - startedAt
    },
    stop: async () => {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
        killGroup(child.pid, 'SIGTERM')
      }
      await exited
    },
  }
}
