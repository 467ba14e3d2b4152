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

/** Ends leases that follow each other in one task, those that may still run first. Never rejects: what could not be done is said. */
export async function endLeases(broker: BrokerClient, leases: readonly string[], reason: string): Promise<LeaseEnded> {
  const last = leases.at(-1)
  const results = await endEach(broker, leases, reason)
  // The store forgets leases of before that nothing ran under.
  const others = results.flatMap(one => (one.kind === 'goes-on' && (one.isAway || one.id === last) ? [one] : []))
  const ended = results.flatMap(one => (one.kind === 'ended' ? [one.lease] : []))
  const said = others.map(({ id, why }) => `leasegate: lease ${id} goes on until its time is over: ${why}\n`)
  return { ended: others.length === 0, said: `${said.join('')}${describe(ended)}` }
}

async function endEach(broker: BrokerClient, leases: readonly string[], reason: string): Promise<readonly Result[]> {
  const results: Result[] = []
  for (let left = leases.length; left > 0; left -= AT_ONCE) {
    const some = leases.slice(Math.max(0, left - AT_ONCE), left)
    results.unshift(...(await Promise.all(some.map(lease => endLease(broker, lease, reason)))))
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

/** A broker that is rolled out is back by then. */
const TRIES = 20
const PAUSE_MS = 2000

async function endLease(broker: BrokerClient, lease: string, reason: string): Promise<Result> {
  const path = `/v1/leases/${encodeURIComponent(lease)}`
  for (let tried = 1; ; tried++) {
    try {
      return { kind: 'ended', lease: await broker('DELETE', path, SHOWN_LEASE, { reason }) }
    } catch (error) {
      const isAway = error instanceof CliError && error.code === 'unavailable'
      const over = isAway ? null : await broker('GET', path, SHOWN_LEASE).catch(() => null)
      if (over !== null && over.state.kind !== 'active' && over.state.kind !== 'frozen')
        return { kind: 'ended', lease: over }
      const why = error instanceof Error ? error.message : 'failed'
      if (!isAway || tried === TRIES) return { kind: 'goes-on', id: lease, why, isAway }
    }
    await sleep(PAUSE_MS)
  }
}

/** Of several, one after the other, the last is the one that counted. */
function describe(leases: readonly ShownLease[]): string {
  const last = leases.at(-1)
  if (last === undefined) return ''
  const [requests, mutations] = [sumOf(leases, 'requests'), sumOf(leases, 'mutations')]
  const { id, state } = last
  const how = state.kind === 'revoked' ? `ended: ${state.reason}` : `had ended already: ${state.kind}`
  const did = `${requests} request${requests === 1 ? '' : 's'}, ${mutations} of them change${mutations === 1 ? 's' : ''} something`
  const before = leases.length === 1 ? '' : `, under ${leases.length} leases: ${leases.map(one => one.id).join(', ')}`
  return `leasegate: lease ${id} ${how}\n  ${did}${before}; the record: leasegate query lease-timeline --lease ${id}\n`
}

function sumOf(leases: readonly ShownLease[], budget: string): number {
  return leases.reduce((sum, { taken }) => sum + (taken[budget] ?? 0), 0)
}
