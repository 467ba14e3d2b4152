import { join } from 'node:path'
import type { Report } from './cache.ts'
import { goTools } from './go-tools.ts'

const S3 = '1.8.0'

/** An S3 server with versions and object lock, for tests of the second place of ledgers. */
export async function ensureS3Server(report: Report): Promise<string> {
  const folder = await goTools({
    name: `s3-${S3}`,
    module: join(import.meta.dirname, 'go/s3'),
    programs: { s3: '.' },
    report,
  })
  return join(folder, 's3')
}

/** The day of its commit: the module has no versions. */
const WITNESS = '20260720'

/** A witness of transparency logs, for tests of cosignatures. */
export async function ensureWitness(report: Report): Promise<string> {
  const folder = await goTools({
    name: `witness-${WITNESS}`,
    module: join(import.meta.dirname, 'go/witness'),
    programs: { witness: '.' },
    report,
  })
  return join(folder, 'witness')
}
