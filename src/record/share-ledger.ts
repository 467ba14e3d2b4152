import type { RecordConfig } from '../config/roles.ts'
import { copyCheckpoints } from './copies/copy-checkpoints.ts'
import { takerOf } from './copies/s3-place.ts'
import type { Ledger } from './ledger/ledger.ts'
import { cosignNewest } from './witness/cosign-checkpoints.ts'
import { readWitnessPolicy } from './witness/witness-policy.ts'

const WITHIN_MS = 60_000

/**
 * Brings what is signed in a ledger that no tap keeps to where those of taps go: the second place and the witnesses, as far as they are set.
 * Rejects where one of them does not take it; the next time brings what is missing.
 */
export async function shareLedger(
  config: RecordConfig,
  { folder, name }: Pick<Ledger, 'folder' | 'name'>,
): Promise<void> {
  const taker = takerOf(config)
  const { ledgerWitnessesFile: file, ledgerWitnessesCaFile: caFile } = config
  const copied =
    taker === null ? null : copyCheckpoints({ folder, ledger: name, taker }, AbortSignal.timeout(WITHIN_MS))
  const cosigned =
    file === null ? null : readWitnessPolicy(file).then(policy => cosignNewest({ folder, policy, caFile }, new Map()))
  const failed = (await Promise.allSettled([copied, cosigned])).find(one => one.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
