import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { freshToken, keepFreshToken } from '../../../../local/edition/cluster/fresh-token.ts'
import { until } from '../../../support/until.ts'

const HOUR_MS = 3_600_000
let directory: string
let problems: string[]
let asked: string[][]
/** What the API server answers: a token with so long to live, or an error. */
let answer: { readonly lifeMs: number } | string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lg-fresh-token-'))
  problems = []
  asked = []
  answer = { lifeMs: HOUR_MS }
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] })
})
afterEach(async () => {
  vi.useRealTimers()
  await rm(directory, { recursive: true })
})

const cluster = {
  admin: async (args: readonly string[]) => {
    asked.push([...args])
    if (typeof answer === 'string') return { code: 1, stdout: '', stderr: answer }
    const expirationTimestamp = new Date(Date.now() + answer.lifeMs).toISOString()
    return {
      code: 0,
      stdout: JSON.stringify({ status: { token: `token-${asked.length}`, expirationTimestamp } }),
      stderr: '',
    }
  },
}
const wanted = () => ({ file: join(directory, 'token'), namespace: 'a', account: 'b', audience: null })
const held = () => readFile(join(directory, 'token'), 'utf8').catch(() => '')
const holds = (token: string) => vi.waitFor(async () => expect(await held()).toBe(token), { timeout: 30_000 })

describe('keepFreshToken', () => {
  test('renews after half of the life that the API server gave, and leaves nothing beside the file', async () => {
    answer = { lifeMs: 10 * 60_000 }
    const stop = await keepFreshToken(cluster, wanted())
    expect(await held()).toBe('token-1')
    await vi.advanceTimersByTimeAsync(4 * 60_000)
    expect(asked).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(90_000)
    await holds('token-2')
    expect(await readdir(directory)).toEqual(['token'])
    stop()
  })

  test('fails when there is no first token, and does not go on', async () => {
    answer = 'serviceaccounts "b" not found'
    await expect(keepFreshToken(cluster, wanted())).rejects.toThrow('no token for a/b: serviceaccounts "b" not found')
    await vi.advanceTimersByTimeAsync(HOUR_MS)
    expect(asked).toHaveLength(1)
  })
})

describe('freshToken', () => {
  test('goes on asking for an account that comes later, and tells of a series of failures once', async () => {
    answer = 'not found'
    const { first, stop } = freshToken(cluster, wanted(), problem => problems.push(problem))
    await expect(first).rejects.toThrow('not found')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(asked.length).toBeGreaterThan(2)
    expect(problems).toEqual(['no token for a/b: not found'])
    answer = { lifeMs: HOUR_MS }
    await vi.advanceTimersByTimeAsync(15_000)
    await until('the token', async () => (await held()).startsWith('token-'))
    stop()
  })

  test('after a sleep of the machine the token is renewed at the next look', async () => {
    const { first, stop } = freshToken(cluster, wanted())
    await first
    vi.setSystemTime(Date.now() + 2 * HOUR_MS)
    await vi.advanceTimersByTimeAsync(15_000)
    await holds('token-2')
    stop()
  })
})
