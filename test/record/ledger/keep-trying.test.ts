import { describe, expect, test } from 'vitest'
import { keepTrying } from '../../../src/record/ledger/keep-trying.ts'
import { createLogger } from '../../../src/support/logger.ts'
import { until } from '../../support/until.ts'

function collecting() {
  const lines: string[] = []
  const log = createLogger({ name: 'tap', level: 'info', destination: { write: line => void lines.push(line) } })
  return { log, lines }
}

describe('keepTrying', () => {
  test('tells once that it fails and once that it goes well again, and tries on meanwhile', async () => {
    const { log, lines } = collecting()
    let [tries, fails] = [0, true]
    const act = async () => {
      tries += 1
      if (fails) throw new Error('away')
    }
    const rounds = keepTrying(act, { failed: 'it fails', again: 'it goes on' }, log, 5)
    await until('a few tries', () => tries > 3)
    fails = false
    await until('the second word', () => lines.some(line => line.includes('it goes on')))
    expect(rounds.failingSeconds()).toBe(0)
    const before = tries
    await rounds.stop(1000)
    expect(tries).toBeGreaterThan(before)
    expect(lines).toEqual([expect.stringContaining('it fails'), expect.stringContaining('it goes on')])
  })

  test('ends in time while something hangs', async () => {
    const { log } = collecting()
    let begun = false
    const hang = () => {
      begun = true
      return new Promise<void>(() => {})
    }
    const rounds = keepTrying(hang, { failed: '', again: '' }, log)
    await until('it began', () => begun)
    await rounds.stop(20)
  })
})
