import type { LedgerS3Config, RecordConfig } from '../../config/roles.ts'
import { RecordError } from '../record-sink.ts'
import type { CopyTaker } from './copy.ts'
import { type S3Place, s3Taker } from './s3-copies.ts'

/** Where the settings say that checkpoints are; null where they name no server. Throws a RecordError where they name half of one. */
export function s3Place(config: LedgerS3Config): S3Place | null {
  const { ledgerS3Url: url, ledgerS3Bucket: bucket, ledgerS3CredentialsFile: credentialsFile } = config
  if (url === null && bucket === null && credentialsFile === null) return null
  if (url === null || bucket === null || credentialsFile === null) {
    const names = ['LEASEGATE_LEDGER_S3_URL', 'LEASEGATE_LEDGER_S3_BUCKET', 'LEASEGATE_LEDGER_S3_CREDENTIALS_FILE']
    throw new RecordError('not-configured', `${names.join(', ')} go together`)
  }
  const { ledgerS3Prefix, ledgerS3Region: region, ledgerS3CaFile: caFile } = config
  return { url, bucket, prefix: ledgerS3Prefix ?? '', region, credentialsFile, caFile }
}

/** What puts them there, locked as the settings say. */
export function takerOf(config: RecordConfig): CopyTaker | null {
  const place = s3Place(config)
  const lock = { mode: config.ledgerS3Lock, days: config.ledgerS3Kept }
  return place === null ? null : s3Taker(place, lock)
}
