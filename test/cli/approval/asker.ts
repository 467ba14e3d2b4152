import { LEASE } from '../../../src/identity/token/lease-claims.ts'
import { newApprovalId } from '../../../src/lease/lease-id.ts'
import type { Quorum } from '../../../src/lease/questions/quorum.ts'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { asking } from '../../lease/a-lease.ts'
import type { CliWorld } from '../cli-world.ts'

/** What an authorizer asks under a lease that `leasegate lease request` printed; gives the approval's id. A digest is one letter here. */
export async function asker(
  { valkey }: CliWorld,
  { state: _, taken: __, ...shown }: Record<string, unknown>,
): Promise<(digest: string, quorum?: Quorum) => Promise<string>> {
  const lease = LEASE.parse(shown)
  const ledger = new RedisLeaseLedger(await valkey.connected())
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
  return async (digest, quorum) => {
    const asked = asking(lease, digest.repeat(64), newApprovalId(lease.id))
    const intent = {
      ...asked.intent,
      question: JSON.stringify({ ...question, quorum }),
      askMs: 900_000,
      useMs: 300_000,
    }
    const committed = await ledger.commit({ ...asked, intent: intent as typeof asked.intent })
    if (committed.kind !== 'pending') throw new Error(committed.kind)
    return committed.approval
  }
}
