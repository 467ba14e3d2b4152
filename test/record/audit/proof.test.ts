import { hash } from 'node:crypto'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkProof, findEntries, toProof } from '../../../src/record/audit/proof.ts'
import { Ledger } from '../../../src/record/ledger/ledger.ts'
import { toLines } from '../../../src/record/ledger/lines.ts'
import { makeLedgerFolder } from '../ledger/a-ledger.ts'

const ROW = '{"a":1}'

test('a proof whose hashes are spelled otherwise, or are none, is refused', async () => {
  await using home = await makeLedgerFolder()
  const ledger = await Ledger.open({
    folder: join(home.directory, 'tap-a'),
    name: 'tap-a',
    key: home.key,
    now: Date.now,
  })
  const entry = (id: string) => ({ kind: 'decision', at: 1, id, hash: hash('sha256', ROW, 'base64url') }) as const
  await ledger.settle(await ledger.hold(toLines(['x', 'y', 'z'].map(entry))))
  await ledger.checkpoint()
  await ledger.close()
  const [found] = await findEntries(home.directory, ['tap-a'], 'y')
  if (found === undefined) throw new Error('it is not there')
  const proof = await toProof(found, ROW, home.key)
  if (proof.kind === 'problem') throw new Error(proof.message)
  expect(checkProof(proof.value, home.publicKey)).toMatchObject({ kind: 'ok', value: { row: ROW } })
  const [first = ''] = /^[A-Za-z0-9+/]{43}=$/m.exec(proof.value) ?? []
  for (const other of [`${first}!`, first.slice(0, -1), ` ${first}`, `${first}AAAA`, first.slice(4), '']) {
    const { kind } = checkProof(proof.value.replace(first, other), home.publicKey)
    expect([other, kind]).toEqual([other, 'problem'])
  }
})
