import { setTimeout as sleep } from 'node:timers/promises'
import type { BrokerClient } from '../broker/broker-client.ts'
import { CliError } from '../command/cli-error.ts'
import { SHOWN_LEASE, type ShownLease } from './shown-lease.ts'

export interface LeaseEnded {
  /** False: one goes on until its time is over. */
  readonly ended: boolean
  /** For standard error. */
  readonly said: string
}

/** A long run has had hundreds: together they would be more than a broker takes of anybody at once. */
const AT_ONCE = 8

/** A broker that is rolled out is back by then. */
const WITHIN_MS = 240_000
const PAUSE_MS = 2000

interface Ending {
  readonly reason: string
  /** A broker that is away is asked again for so long. */
  readonly withinMs?: number
  /** A line about what was done under those that have ended. */
  readonly passed?: Passed
}

export type Passed = (ended: readonly ShownLease[]) => string | Promise<string>

/** Ends leases that follow each other in one task, those that may still run first. Never rejects: what could not be done is said. */
export async function endLeases(
  broker: BrokerClient,
  leases: readonly string[],
  { reason, withinMs = WITHIN_MS, passed = passedByBudgets }: Ending,
): Promise<LeaseEnded> {
  const last = leases.at(-1)
  const results = await endEach(broker, leases, { reason, until: performance.now() + withinMs })
  // The store forgets leases of before that nothing ran under.
  const others = results.flatMap(one => (one.kind === 'goes-on' && (one.isAway || one.id === last) ? [one] : []))
  const ended = results.flatMap(one => (one.kind === 'ended' ? [one.lease] : []))
  const said = others.map(({ id, why }) => `leasegate: lease ${id} goes on until its time is over: ${why}\n`)
  return { ended: others.length === 0, said: `${said.join('')}${await describe(ended, passed)}` }
}

interface Trying {
  readonly reason: string
  /** By `performance.now`. */
  readonly until: number
}

async function endEach(broker: BrokerClient, leases: readonly string[], trying: Trying): Promise<readonly Result[]> {
  const results: Result[] = []
  for (let left = leases.length; left > 0; left -= AT_ONCE) {
    const some = leases.slice(Math.max(0, left - AT_ONCE), left)
    results.unshift(...(await Promise.all(some.map(lease => endLease(broker, lease, trying)))))
    // Of those before none runs any more, and nobody would answer.
    if (results.some(one => one.kind === 'goes-on' && one.isAway)) break
  }
  return results
}

type Result = { readonly kind: 'ended'; readonly lease: ShownLease } | GoesOn

interface GoesOn {
  readonly kind: 'goes-on'
  readonly id: string
  readonly why: string
  /** Nobody said no. */
  readonly isAway: boolean
}

async function endLease(broker: BrokerClient, lease: string, { reason, until }: Trying): Promise<Result> {
  const path = `/v1/leases/${encodeURIComponent(lease)}`
  for (;;) {
    try {
      return { kind: 'ended', lease: await broker('DELETE', path, SHOWN_LEASE, { reason }) }
    } catch (error) {
      const isAway = error instanceof CliError && error.code === 'unavailable'
      const over = isAway ? null : await broker('GET', path, SHOWN_LEASE).catch(() => null)
      if (over !== null && over.state.kind !== 'active' && over.state.kind !== 'frozen')
        return { kind: 'ended', lease: over }
      const why = error instanceof Error ? error.message : 'failed'
      if (!isAway || performance.now() > until) return { kind: 'goes-on', id: lease, why, isAway }
    }
    await sleep(PAUSE_MS)
  }
}

/** Of several, one after the other, the last is the one that counted. */
async function describe(leases: readonly ShownLease[], passed: Passed): Promise<string> {
  const last = leases.at(-1)
  if (last === undefined) return ''
  const { id, state } = last
  const how = state.kind === 'revoked' ? `ended: ${state.reason}` : `had ended already: ${state.kind}`
  const before = leases.length === 1 ? '' : `, under ${leases.length} leases: ${leases.map(one => one.id).join(', ')}`
  const did = await passed(leases)
  return `leasegate: lease ${id} ${how}\n  ${did}${before}; the record: leasegate query lease-timeline --lease ${id}\n`
}

/** By what their budgets count: requests for resources that were let through. */
export function passedByBudgets(leases: readonly ShownLease[]): string {
  const sumOf = (budget: string) => leases.reduce((sum, { taken }) => sum + (taken[budget] ?? 0), 0)
  return describePassed(sumOf('requests'), sumOf('mutations'))
}

export function describePassed(requests: number, mutations: number): string {
  if (requests === 0) return 'no request was let through'
  return `${requests} request${requests === 1 ? '' : 's'} let through, ${mutations} of them change${mutations === 1 ? 's' : ''} something`
}
