import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { z } from 'zod'
import { KEY_BYTES } from '../seal.ts'
import { SessionError } from '../session-error.ts'
import type { SessionKeys } from './session-keys.ts'

/** A key management service across the world answers in less; a session waits for it to begin. */
const LONGEST_MS = 10_000
const MOST_BYTES = 64 * 1024

const wrappedSchema = z.strictObject({ keyId: z.string().min(1).max(200), wrapped: z.string().min(1).max(8192) })
const openedSchema = z.strictObject({ key: z.string() })

/**
 * Keys that a program wraps and opens, which stands for a key management service. It is run without a shell and with one argument,
 * `wrap` or `unwrap`; it reads one line of JSON and answers with one:
 *
 *   wrap    {"key": "<base64>", "context": "…"}                        {"keyId": "…", "wrapped": "…"}
 *   unwrap  {"keyId": "…", "wrapped": "…", "context": "…"}             {"key": "<base64>"}
 *
 * The context is what services call additional authenticated data, or encryption context: with another one it must not open.
 */
export function commandKeys(program: string, longestMs = LONGEST_MS): SessionKeys {
  return {
    wrap: async (dataKey, context) => {
      const key = Buffer.from(dataKey).toString('base64')
      const answer = wrappedSchema.safeParse(await ask(program, 'wrap', { key, context }, longestMs))
      if (!answer.success) throw new SessionError('unavailable', `${program} wrap answered something else`)
      return answer.data
    },
    unwrap: async (wrapped, context) => {
      const answer = openedSchema.safeParse(await ask(program, 'unwrap', { ...wrapped, context }, longestMs))
      const key = Buffer.from(answer.data?.key ?? '', 'base64')
      if (key.length !== KEY_BYTES) throw new SessionError('no-key', `${program} unwrap gave no key`)
      return key
    },
  }
}

/** Its answer, or undefined for what is no JSON. Rejects with a SessionError when it fails, and says nothing of what it wrote. */
async function ask(program: string, what: 'wrap' | 'unwrap', given: object, longestMs: number): Promise<unknown> {
  const child = spawn(program, [what], {
    stdio: ['pipe', 'pipe', 'ignore'],
    timeout: longestMs,
    killSignal: 'SIGKILL',
    // None of our settings: some hold passwords.
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
  })
  const { promise: ended, resolve } = Promise.withResolvers<string>()
  child.once('error', error => resolve((error as NodeJS.ErrnoException).code ?? 'cannot be run'))
  child.once('close', (code, signal) => resolve(code === 0 ? '' : `exit ${code ?? signal}`))
  // It may end without reading.
  child.stdin.on('error', () => {})
  child.stdin.end(`${JSON.stringify(given)}\n`)
  const answer = await textOf(child.stdout)
  if (answer === null) child.kill('SIGKILL')
  const failure = await ended
  if (failure !== '') throw new SessionError('unavailable', `${program} ${what} failed (${failure})`)
  return answer === null ? undefined : parseJson(answer)
}

/** Null when it is longer than an answer can be. */
async function textOf(stdout: Readable): Promise<string | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stdout as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > MOST_BYTES) return null
  }
  return Buffer.concat(chunks).toString()
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
