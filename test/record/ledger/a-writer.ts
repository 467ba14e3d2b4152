import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Ledger } from '../../../src/record/ledger/ledger.ts'
import { toLines } from '../../../src/record/ledger/lines.ts'

/** Enters one batch after the other and tells of each that is entered, until it is killed. */
const [folder = '', keyFile = '', from = '0'] = process.argv.slice(2)
const key = createPrivateKey(readFileSync(keyFile))
const ledger = await Ledger.open({ folder, name: 'killed', key })
for (let batch = Number(from); ; batch++) {
  const entries = [0, 1, 2].map(n => ({
    kind: 'decision' as const,
    at: Date.now(),
    id: `a-${batch}-${n}`,
    hash: 'h'.repeat(43),
  }))
  await ledger.settle(await ledger.hold(toLines(entries)))
  if (batch % 5 === 0) await ledger.checkpoint()
  process.stdout.write(`${batch}\n`)
}
