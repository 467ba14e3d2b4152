import { writeSync } from 'node:fs'
import { parseKeyFile } from '../../../../src/session/store/keys/key-file.ts'
import { aHead, openStore, output } from '../a-store.ts'

/** A process that records one session and says of each event that it is kept, until somebody kills it. */
const [folder = '', keys = '', auditId = ''] = process.argv.slice(2)
const ring = parseKeyFile(keys)
if (ring.kind === 'problem') throw new Error(ring.message)
const { sink } = await openStore(folder, () => ring.value)
const session = await sink.open(aHead({ auditId, startedAt: '2026-11-29T09:00:00.000Z' }))
for (let n = 0; ; n++) {
  await session.append([output(`${String(n).padStart(8, '0')}${'x'.repeat(n % 50 === 49 ? 300_000 : n % 5000)}`, n)])
  writeSync(1, `${n}\n`)
}
