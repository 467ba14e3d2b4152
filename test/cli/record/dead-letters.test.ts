import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isPoison } from '../../../src/record/journal/journal.ts'
import { RedisJournalReader } from '../../../src/record/journal/redis/redis-journal-reader.ts'
import { partitionPrefix } from '../../../src/redis/keys.ts'
import { aDecision } from '../../record/a-journal-entry.ts'
import { Valkey } from '../../support/stores/valkey.ts'
import { leasegate } from '../leasegate.ts'

let valkey: Valkey
let reader: RedisJournalReader
beforeAll(async () => {
  valkey = await Valkey.start()
  const link = await valkey.connected()
  const key = `${partitionPrefix('00')}journal`
  for (const entry of ['{"kind":"decision"', '{"kind":"nothing"}', JSON.stringify(aDecision())]) {
    await link.ask('write', redis => redis.xadd(key, '*', 'e', entry))
  }
  reader = new RedisJournalReader(link, { consumer: 'tap' })
  const items = await reader.read(10, new AbortController().signal)
  for (const item of items.filter(isPoison)) await reader.setAside(item)
  await reader.acknowledge(items.filter(item => !isPoison(item)))
})
afterAll(async () => {
  reader.close()
  await valkey.stop()
})

const ask = (...args: readonly string[]) =>
  leasegate(['record', 'dead-letters', ...args], { LEASEGATE_REDIS_URL: valkey.url })

async function letters(): Promise<readonly { readonly letter: string; readonly problem: string }[]> {
  return JSON.parse((await ask('list', '-o', 'json')).stdout)
}

describe('leasegate record dead-letters', () => {
  test('lists them with what is wrong, and shows one in full', async () => {
    const [first, second] = await letters()
    expect(first).toMatchObject({ letter: expect.stringMatching(/^00\/\d+-\d+$/), problem: 'entry: not JSON' })
    expect(second?.problem).toContain('kind')
    const { stdout } = await ask('list')
    // A column whose rows say the same stands above the table: both may be set aside in one millisecond.
    for (const column of [/LETTER .*PROBLEM/, /SET ASIDE +\S/]) expect(stdout).toMatch(column)
    expect(stdout).toContain(`${first?.letter} `)
    expect(stdout).toContain(`${second?.letter} `)
    const shown = await ask('show', first?.letter ?? '')
    expect(shown).toMatchObject({ code: 0, stdout: expect.stringContaining('entry      {"kind":"decision"') })
  })

  test.each([
    { name: 'a name that is none', args: ['show', 'x'], code: 2, says: 'is no name of a dead letter' },
    { name: 'one that is not there', args: ['show', '00/1-1'], code: 1, says: 'there is no dead letter 00/1-1' },
    { name: 'nothing to act on', args: ['drop'], code: 2, says: '--all' },
    { name: 'one that is gone', args: ['replay', '00/1-1'], code: 1, says: 'no longer there: 00/1-1' },
  ])('refuses $name in one line', async ({ args, code, says }) => {
    const ran = await ask(...args)
    expect(ran).toMatchObject({ code, stderr: expect.stringContaining(says) })
    expect(ran.stderr).toMatch(/^leasegate: [^\n]+\n$/)
  })

  test('gives one back to the journal, which is read again, and drops the rest', async () => {
    const [first] = await letters()
    expect(await ask('replay', first?.letter ?? '')).toMatchObject({ code: 0, stdout: '1 given back to the journal\n' })
    const again = await reader.read(10, new AbortController().signal)
    expect(again).toMatchObject([{ stream: '00', problem: 'entry: not JSON' }])
    expect(await ask('drop', '--all')).toMatchObject({ code: 0, stdout: '1 dropped\n' })
    expect((await ask('list')).stdout).toBe('no dead letters\n')
  })
})
