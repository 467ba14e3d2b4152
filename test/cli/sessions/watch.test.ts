import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CliError } from '../../../src/cli/command/cli-error.ts'
import type { Terminal } from '../../../src/cli/command/terminal.ts'
import { keepMark } from '../../../src/cli/sessions/live/keep-mark.ts'
import { RedisWatchMarks } from '../../../src/lease/stream/redis-watch-marks.ts'
import { until } from '../../support/until.ts'
import { CliWorld } from '../cli-world.ts'

let world: CliWorld
let marks: RedisWatchMarks
beforeAll(async () => {
  world = await CliWorld.start()
  marks = new RedisWatchMarks(await world.valkey.connected())
})
afterAll(() => world.stop())

async function terminalOf(sub: string): Promise<Terminal> {
  const env = await world.envOf(sub)
  const stopping = () => new AbortController().signal
  return { env, stdin: (async function* () {})(), print: () => {}, note: () => {}, stopping }
}

async function aLease(): Promise<string> {
  const args = ['--template', 'restart-web', '--reason', 'a test', '-o', 'json']
  const { stdout, stderr } = await world.as('web-operator', 'lease', 'request', ...args)
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout).id
}

const end = (lease: string) => world.as('web-operator', 'lease', 'revoke', lease, '--reason', 'done')

describe('keepMark', () => {
  test('says again that somebody watches, until they leave', async () => {
    const lease = await aLease()
    const kept = await keepMark(await terminalOf('hana'), lease)
    expect(kept).toMatchObject({ by: 'hana', markMs: 15_000 })
    const [first] = await marks.marks(lease)
    expect(first).toBeDefined()
    await until('the next mark', async () => (await marks.marks(lease))[0] !== first)
    expect(await marks.marks(lease)).toHaveLength(1)
    expect(await kept.leave()).toBe(true)
    expect(await marks.marks(lease)).toEqual([])
    expect(kept.lost.aborted).toBe(false)
    await end(lease)
  })

  test('is lost with the lease, and says why', async () => {
    const lease = await aLease()
    const kept = await keepMark(await terminalOf('hana'), lease)
    await end(lease)
    await until('it to be lost', () => kept.lost.aborted)
    expect(kept.lost.reason).toBeInstanceOf(CliError)
    expect(String(kept.lost.reason)).toContain('is not live')
    await kept.leave()
  })

  test('is not for the agent', async () => {
    const lease = await aLease()
    await expect(keepMark(await terminalOf('web-operator'), lease)).rejects.toThrow('agents watch nobody')
    expect(await marks.marks(lease)).toEqual([])
    await end(lease)
  })
})
