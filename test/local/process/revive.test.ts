import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { revive, reviving } from '../../../local/process/revive.ts'
import { until } from '../../support/until.ts'

const directory = await mkdtemp(join(tmpdir(), 'lg-revive-'))
afterAll(() => rm(directory, { recursive: true, force: true }))

describe('revive', () => {
  test('starts a program again that was killed, and says so', async () => {
    const said: string[] = []
    const supervisor = reviving(line => said.push(line))
    try {
      const program = { command: 'sleep', args: ['60'], logFile: join(directory, 'x.log'), isReady: async () => true }
      const { pid } = await supervisor.start({ name: 'x', ...program })
      process.kill(pid, 'SIGSEGV')
      await until('it to be up again', () => said.includes('x is up again'))
      expect(said[0]).toMatch(/^x ended unasked \(signal SIGSEGV\), see .*x\.log; starting it again$/)
      expect(await supervisor.end('x')).toBe('signal SIGTERM')
      expect(said.length).toBe(2)
    } finally {
      await supervisor.stop()
    }
  })

  test('leaves one down that ends again and again, until a minute is over', async () => {
    const said: string[] = []
    const started: string[] = []
    let now = 0
    const startAgain = async (name: string) => void started.push(name)
    const died = revive({ startAgain, say: line => said.push(line), now: () => now })
    for (let i = 0; i < 7; i++) died({ name: 'y', how: 'exit code 1', logFile: 'y.log', wasUp: true })
    expect(started.length).toBe(5)
    expect(said.at(-1)).toMatch(/stays down/)
    now = 61_000
    died({ name: 'y', how: 'exit code 1', logFile: 'y.log', wasUp: true })
    expect(started.length).toBe(6)
  })

  test('tries again when it does not come up', async () => {
    const said: string[] = []
    let tries = 0
    const startAgain = async () => {
      tries++
      if (tries < 3) throw new Error('z was not ready')
    }
    revive({ startAgain, say: line => said.push(line), now: () => 0 })({
      name: 'z',
      how: 'signal SIGKILL',
      logFile: 'z.log',
      wasUp: true,
    })
    await until('it to be up', () => said.includes('z is up again'))
    expect(tries).toBe(3)
  })
})
