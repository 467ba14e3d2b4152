import { onTestFinished } from 'vitest'
import { partitionName } from '../../../src/lease/lease-id.ts'
import { isPoison } from '../../../src/record/journal/journal.ts'
import type { JournalItem, PoisonItem } from '../../../src/record/journal/journal-entry.ts'
import { type ReaderSettings, RedisJournalReader } from '../../../src/record/journal/redis/redis-journal-reader.ts'
import type { RedisLink } from '../../../src/redis/connect/connect-redis.ts'
import { partitionPrefix } from '../../../src/redis/keys.ts'
import { Valkey } from '../../support/stores/valkey.ts'
import { aDecision } from '../a-journal-entry.ts'

/** A Valkey of the test that runs, with readers of its journal. */
export async function start() {
  const valkey = await Valkey.start()
  onTestFinished(() => valkey.stop())
  // Not what is tried here: other tests hold up the machine.
  const link = await valkey.connected({ deadlineMs: 5000 })
  return { valkey, link, read: (settings?: Partial<ReaderSettings>) => reading(link, settings) }
}

function reading(link: RedisLink, settings: Partial<ReaderSettings> = {}): RedisJournalReader {
  const reader = new RedisJournalReader(link, { consumer: 'tap-0', ...settings })
  onTestFinished(() => reader.close())
  return reader
}

export const forever = new AbortController().signal

/** Reads until so many items came, or nothing more comes. */
export async function take(reader: RedisJournalReader, count: number): Promise<(JournalItem | PoisonItem)[]> {
  const items: (JournalItem | PoisonItem)[] = []
  for (;;) {
    const more = await reader.read(100, forever)
    items.push(...more)
    if (more.length === 0 || items.length >= count) return items
  }
}

export function ids(items: readonly (JournalItem | PoisonItem)[]): string[] {
  return items.map(item =>
    isPoison(item) ? item.problem : item.entry.kind === 'decision' ? item.entry.auditId : item.entry.kind,
  )
}

export async function write(link: RedisLink, partition: number, auditIds: readonly string[]): Promise<void> {
  const key = `${partitionPrefix(partitionName(partition))}journal`
  const settled = '{"decision":"allow","reason":"","approval":""}'
  for (const auditId of auditIds) {
    await link.ask('write', redis => redis.xadd(key, '*', 'e', JSON.stringify(aDecision({ auditId })), 's', settled))
  }
}

/** So many at once, of which each is larger than this many bytes; a number more for each. */
export async function writeMany(link: RedisLink, partition: number, count: number, bytes: number): Promise<void> {
  const key = `${partitionPrefix(partitionName(partition))}journal`
  const entry = (n: number) => JSON.stringify(aDecision({ auditId: String(n), detail: 'x'.repeat(bytes) }))
  await link.ask('write', async redis => {
    const adding = redis.pipeline()
    for (let n = 0; n < count; n += 1) adding.xadd(key, '*', 'e', entry(n))
    return adding.exec()
  })
}

export async function left(reader: RedisJournalReader): Promise<number> {
  return (await reader.lag()).reduce((sum, { length }) => sum + length, 0)
}
