import { readFile } from 'node:fs/promises'
import { answerVerifier } from '../../../src/approval/verify-answer.ts'
import { parseVerifyKeys } from '../../../src/identity/keys/keys.ts'
import { LEASE } from '../../../src/identity/token/lease-claims.ts'
import type { Committed } from '../../../src/lease/committed.ts'
import { newApprovalId } from '../../../src/lease/lease-id.ts'
import type { Quorum } from '../../../src/lease/questions/quorum.ts'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { asking } from '../../lease/a-lease.ts'
import type { CliWorld } from '../cli-world.ts'

const USE_MS = 300_000

/** A lease as `leasegate lease request` printed it. */
type Printed = Record<string, unknown>

/** What an authorizer asks under a lease; gives the approval's id. A digest is one letter here. */
export async function asker(
  world: CliWorld,
  printed: Printed,
): Promise<(digest: string, quorum?: Quorum) => Promise<string>> {
  const commit = await committer(world, printed)
  return async (digest, quorum) => {
    const committed = await commit(digest, quorum)
    if (committed.kind !== 'pending') throw new Error(committed.kind)
    return committed.approval
  }
}

/** Sends once more what was asked about, as a client does that waits by itself: the yes that is there is used. */
export async function user(world: CliWorld, printed: Printed): Promise<(digest: string) => Promise<void>> {
  const commit = await committer(world, printed)
  return async digest => {
    const committed = await commit(digest)
    if (committed.kind !== 'allowed') throw new Error(committed.kind)
  }
}

async function committer(
  world: CliWorld,
  { state: _, taken: __, ...shown }: Printed,
): Promise<(digest: string, quorum?: Quorum) => Promise<Committed>> {
  const lease = LEASE.parse(shown)
  const keys = await parseVerifyKeys(await readFile(world.path('public.jwks.json'), 'utf8'))
  if (keys.kind !== 'ok') throw new Error('there are no keys')
  const verifyAnswer = answerVerifier({ keys: () => keys.value, useMs: USE_MS, isApprover: () => true })
  const ledger = new RedisLeaseLedger(await world.valkey.connected(), { verifyAnswer })
  const question = {
    summary: 'get secrets "db" in shop',
    method: 'GET',
    target: '/api/v1/namespaces/shop/secrets/db',
    contentType: '',
    bodySha256: '',
    bodyBytes: 0,
    bodyPreview: '',
    risk: 'secrets-read',
    agent: lease.agent,
    sponsor: lease.sponsor,
    task: 'it hangs\u001b[2J',
    lease: lease.id,
  }
  return (digest, quorum) => {
    const asked = asking(lease, digest.repeat(64), newApprovalId(lease.id))
    const intent = {
      ...asked.intent,
      question: JSON.stringify({ ...question, quorum }),
      askMs: 900_000,
      useMs: USE_MS,
    }
    return ledger.commit({ ...asked, intent: intent as typeof asked.intent })
  }
}
