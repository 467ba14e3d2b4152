import { setTimeout as sleep } from 'node:timers/promises'
import { formatDuration, parseDuration } from '../../policy/file/values/duration.ts'
import { DEFAULT_TTL_MS } from '../../policy/template/may-request.ts'
import { brokerClient } from '../broker/broker-client.ts'
import { CliError } from '../command/cli-error.ts'
import type { Terminal } from '../command/terminal.ts'
import { type LeaseWish, requestLease } from '../lease/request.ts'
import type { ShownLease } from '../lease/shown-lease.ts'
import type { TakenLease } from './take-lease.ts'

interface Renewing {
  readonly terminal: Terminal
  readonly wish: LeaseWish
  readonly taken: Pick<TakenLease, 'lease' | 'goOn'>
  /** No lease ends later, epoch milliseconds. */
  readonly until: number
  /** Aborted when the command has ended. */
  readonly done: AbortSignal
}

/** Before a lease ends the next one is asked for: a third of its time, and no more than this. */
const LEAD_MS = 120_000
/** A broker that is away is asked again after this. */
const PAUSE_MS = 2000
/** By the broker's clock a lease is surely over so long after its end. */
const OVER_MS = 1000
const LONGEST_REASON = 500

/** Milliseconds of `--renew-for`; throws where it is none, or a lease could not be asked for twice. */
export function renewTime(text: string, { onBehalfOf }: LeaseWish): number {
  const ms = parseDuration(text)
  if (ms === null) throw new CliError('usage', '--renew-for: must be a duration such as 4h')
  if (onBehalfOf === '-')
    throw new CliError('usage', 'with --renew-for the token of --on-behalf-of has to be in a file')
  return ms
}

/**
 * While the command runs a further lease is taken before the end of each, for the same task: one that begins ends as it was issued, by itself, and
 * what runs over its end is cut. Never rejects: where no further lease is given, the command goes on until the end of the one it has.
 */
export async function keepRenewed(renewing: Renewing): Promise<void> {
  const { terminal, taken, until, done } = renewing
  try {
    let current = begun(taken.lease)
    while (current.endsAt < until - OVER_MS) {
      await wait(current.endsAt - Math.min((current.endsAt - current.begunAt) / 3, LEAD_MS), done)
      const next = await nextOf(current, renewing)
      if (next === null) return
      await taken.goOn(next.lease)
      terminal.note(
        `leasegate: lease ${next.lease.id} goes on from ${current.lease.id}, for ${formatDuration(next.endsAt - next.begunAt)}\n`,
      )
      current = next
    }
    await wait(current.endsAt, done)
    terminal.note(
      `leasegate: lease ${current.lease.id} ends, and with it the time of --renew-for; the command goes on without\n`,
    )
  } catch (error) {
    if (!done.aborted)
      terminal.note(`leasegate: no further lease: ${error instanceof Error ? error.message : 'failed'}\n`)
  }
}

/** By this machine's clock. */
interface Begun {
  readonly lease: ShownLease
  readonly begunAt: number
  readonly endsAt: number
}

function begun(lease: ShownLease): Begun {
  const begunAt = Date.now()
  return { lease, begunAt, endsAt: begunAt + lease.expiresAt - lease.issuedAt }
}

/** Where the template grants no second lease beside the first, it begins when that is over. Null where none is given then either. */
async function nextOf(current: Begun, renewing: Renewing): Promise<Begun | null> {
  const { terminal, done } = renewing
  const said = await tryFor(current, renewing)
  if (typeof said !== 'string') return said
  const { id } = current.lease
  terminal.note(`leasegate: no further lease yet, the command goes on under ${id} until that ends: ${said}\n`)
  await wait(current.endsAt + OVER_MS, done)
  const last = await tryFor({ ...current, endsAt: Date.now() + PAUSE_MS }, renewing)
  if (typeof last !== 'string') return last
  terminal.note(`leasegate: lease ${id} has ended, and no further one is given: ${last}\n`)
  return null
}

/** What the broker says where it gives none. */
async function tryFor(current: Begun, { terminal, wish, until, done }: Renewing): Promise<Begun | string> {
  const broker = brokerClient(terminal)
  for (;;) {
    const leftMs = Math.min(parseDuration(wish.ttl ?? '') ?? DEFAULT_TTL_MS, until - Date.now())
    const ttl = formatDuration(Math.max(1, Math.floor(leftMs / 1000)) * 1000)
    try {
      return begun(await requestLease(broker, { ...wish, ttl, reason: reasonOf(wish) }, terminal.stdin))
    } catch (error) {
      if (!(error instanceof CliError)) throw error
      if (error.code !== 'unavailable' || Date.now() > current.endsAt) return error.message
    }
    await sleep(PAUSE_MS, null, { signal: done })
  }
}

/** It goes into the record, where an id would be masked: what looks like one may be a credential. */
function reasonOf({ reason }: LeaseWish): string {
  const text = `${reason} (goes on from the lease before)`
  return text.length > LONGEST_REASON ? reason : text
}

async function wait(until: number, done: AbortSignal): Promise<void> {
  await sleep(Math.max(0, until - Date.now()), null, { signal: done })
}
