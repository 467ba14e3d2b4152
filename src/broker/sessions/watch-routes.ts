import { Hono } from 'hono'
import type { Principal } from '../../identity/caller.ts'
import type { Lease } from '../../lease/lease.ts'
import { MARK_MS, RENEW_MS, type Watch } from '../../lease/stream/watch-marks.ts'
import { watchEvent } from '../../record/journal/events.ts'
import type { WatchAct } from '../../record/journal/journal-entry.ts'
import { mayJudge } from '../approvals/may-answer.ts'
import { lineOf, mayJudgeLine } from '../approvals/may-judge-line.ts'
import { type Shown, serveOperation } from '../http/operation.ts'
import { isNamed } from '../http/path-parameters.ts'
import { StatusError } from '../http/refusal/status.ts'
import { mustKeepTime } from '../keeps-time.ts'
import { findLease } from '../leases/find-lease.ts'
import type { BrokerEnv, BrokerParts, Person } from '../parts.ts'
import { LEAVE_WATCH, WATCH_LEASE } from './session-operations.ts'

/** After the end of a mark, when the clocks of broker and store are not quite the same. */
const SWEEP_MS = 2000

/** What the one who watches has to know. */
export interface Watching {
  readonly lease: string
  readonly by: string
  /** Until when this counts, and how soon to say it again. */
  readonly until: number
  readonly markMs: number
  readonly renewMs: number
}

export function watchRoutes(parts: BrokerParts): Hono<BrokerEnv> {
  const sweeping = new Map<string, NodeJS.Timeout>()
  /** Whoever is not heard of again is put on record: by this broker, unless it goes meanwhile. */
  const sweepLater = ({ lease, id, by }: Watch): void => {
    const key = `${lease} ${id} ${by}`
    clearTimeout(sweeping.get(key))
    const sweep = (): void => {
      sweeping.delete(key)
      parts.watches.sweep(lease).catch(err => parts.log.warn({ lease, err }, 'who ceased to watch is not on record'))
    }
    sweeping.set(key, setTimeout(sweep, MARK_MS + SWEEP_MS).unref())
  }
  const routes = new Hono<BrokerEnv>()
  serveOperation(routes, WATCH_LEASE, async ({ principal, path: { lease, watch }, body }) => {
    await body()
    const watching = await goOn(await watchOf(lease, watch, principal, parts), parts)
    sweepLater({ lease, id: watch, by: watching.by })
    return watching
  })
  serveOperation(routes, LEAVE_WATCH, async ({ principal, path: { lease, watch }, body }) => {
    await body()
    return leave(await watchOf(lease, watch, principal, parts), parts)
  })
  return routes
}

interface Allowed extends Watch {
  readonly isLive: boolean
}

async function watchOf(lease: string, id: string, principal: Principal, parts: BrokerParts): Promise<Allowed> {
  if (!isNamed('watch', id)) throw new StatusError(400, 'a watch is named by wch_ and 32 hexadecimal digits')
  if (principal.kind === 'agent') throw new StatusError(403, 'agents watch nobody, themselves neither')
  const { lease: found, state } = await findLease(lease, principal, parts)
  await permit(principal, found, parts)
  return { lease, id, by: principal.name, isLive: state.kind === 'active' }
}

/** Who may say yes to what the agent asks may watch what it does: not whoever it acts for, nor through whom its token went. */
async function permit(person: Person, lease: Lease, parts: BrokerParts): Promise<void> {
  const policy = parts.policy()
  const judged = mayJudge(person, lease, policy)
  const may = judged.kind === 'no' ? judged : mayJudgeLine(person, await lineOf(lease.id, parts), policy)
  if (may.kind === 'no') throw new StatusError(403, `this session is for somebody else to watch: ${may.message}`)
}

async function goOn({ isLive, ...watch }: Allowed, parts: BrokerParts): Promise<Watching> {
  const { lease, by } = watch
  if (!isLive) throw new StatusError(409, `lease ${lease} is not live: there is nothing to watch`)
  mustKeepTime(parts)
  const now = parts.clock()
  const until = now + MARK_MS
  const event = (act: WatchAct, reason: string, at: number): string =>
    JSON.stringify(watchEvent({ lease, by, event: act, reason }, at))
  const isMarked = await parts.watches.mark({
    ...watch,
    mark: await parts.signer.sealWatch({ lease, by, until }),
    began: event('watch', '', now),
    lapsed: event('unwatch', 'nothing was heard of them any more', until),
  })
  if (!isMarked) throw new StatusError(409, `too many watch lease ${lease} already`)
  return { lease, by, until, markMs: MARK_MS, renewMs: RENEW_MS }
}

async function leave({ isLive: _, ...watch }: Allowed, parts: BrokerParts): Promise<Shown<typeof LEAVE_WATCH.answer>> {
  const { lease, by } = watch
  const event = JSON.stringify(watchEvent({ lease, by, event: 'unwatch', reason: 'they left' }, parts.clock()))
  return { lease, by, left: await parts.watches.leave({ ...watch, event }) }
}
