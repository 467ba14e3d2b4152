import { newShares } from '../../src/authorizer/share/shares.ts'
import type { Surroundings } from '../../src/authorizer/surroundings.ts'
import { issueLeaseToken } from '../../src/identity/token/lease-token.ts'
import { LeaseTokenVerifier } from '../../src/identity/token/lease-token-verifier.ts'
import type { Lease } from '../../src/lease/lease.ts'
import type { DecisionEntry } from '../../src/record/journal/journal-entry.ts'
import type { HttpRequest } from '../../src/request/http-request.ts'
import { creating } from '../lease/a-lease.ts'
import { aPolicy, aTemplate, leaseOf } from '../policy/a-policy.ts'
import { testKeys } from '../support/keys.ts'
import { MemoryStores } from '../support/stores/memory-stores.ts'

export const NOW = Date.parse('2026-09-01T10:00:00Z')

/** A lease of agent `bot` for everything in namespace `x`, and the road that it is used on. */
export async function aRoad() {
  const keys = await testKeys()
  const stores = new MemoryStores()
  const policy = aPolicy()
  const lease = leaseOf(aTemplate(), { agent: 'bot', issuedAt: NOW, expiresAt: NOW + 600_000 })
  await stores.store.create(creating(lease))
  const verifier = new LeaseTokenVerifier(() => keys.verify)
  const failures: unknown[] = []
  const around: Surroundings = {
    now: () => NOW,
    identify: (headers, now) => verifier.identify(headers, now),
    findLease: async id => (id === lease.id ? lease : null),
    policy: () => policy,
    ledger: stores.ledger,
    watchers: async () => ({ names: [], until: 0 }),
    shares: newShares(),
    cpuMs: () => 0,
    approvalTimes: { askMs: 900_000, useMs: 300_000 },
    deadlineMs: 10_000,
    onFailure: (_, error) => void failures.push(error),
    keepSent: () => undefined,
  }
  const tokenFor = async (given: Partial<Pick<Lease, 'id' | 'agent'>> = {}) => {
    const issued = await issueLeaseToken({ ...lease, ...given }, { key: keys.signing, now: NOW, ttlMs: 300_000 })
    return issued.token
  }
  return { around, stores, lease, failures, tokenFor, token: await tokenFor() }
}

let asked = 0

export function http(line: string, token: string | null, given: Partial<HttpRequest> = {}): HttpRequest {
  const [method = '', target = ''] = line.split(' ')
  return {
    id: `request-${asked++}`,
    method,
    target,
    headers: token === null ? [] : [['authorization', `Bearer ${token}`]],
    body: new Uint8Array(),
    route: method === 'GET' ? 'read' : 'write',
    source: '127.0.0.1',
    ...given,
  }
}

/** What was journaled last. */
export function lastEntry(journal: readonly string[]): DecisionEntry {
  return JSON.parse(journal.at(-1) ?? '') as DecisionEntry
}
