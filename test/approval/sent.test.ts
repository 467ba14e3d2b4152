import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { sentKeeper } from '../../src/approval/sent/keep-sent.ts'
import { generateKeyFiles, parseVerifyKeys } from '../../src/identity/keys/keys.ts'

test('what agents ask about takes little of the store, however long it is', async () => {
  const parsed = await parseVerifyKeys((await generateKeyFiles()).verify)
  if (parsed.kind !== 'ok') throw new Error(parsed.message)
  const kept = new Map<string, number>()
  const keep = sentKeeper({
    store: { keepSent: async (id, box) => void kept.set(id, box.length) },
    keys: () => parsed.value,
    now: Date.now,
    keepMs: 60_000,
    onFailure: (_, error) => {
      throw error
    },
  })
  for (const [id, bytes] of [
    ['short', 100_000],
    ['long', 3_000_000],
  ] as const)
    keep(id, { method: 'PUT', target: '/', headers: [], body: Buffer.alloc(bytes) })
  await setImmediate()
  await setImmediate()
  expect([...kept.keys()]).toEqual(['short'])
})
