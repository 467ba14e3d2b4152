import type { Principal } from '../../identity/caller.ts'
import type { ConsoleRecord } from '../console/record/record.ts'
import { StatusError } from '../http/refusal/status.ts'
import type { BrokerParts } from '../parts.ts'

const NO_WAY =
  'this broker was given no way to the record (LEASEGATE_QUERY_SOCKET or LEASEGATE_CLICKHOUSE_URL), so it cannot tell; the platform team can: leasegate query'

/** Throws where there is none: nobody is told that nothing was there. */
export function recordOf({ record }: Pick<BrokerParts, 'record'>): ConsoleRecord {
  if (record === null) throw new StatusError(503, NO_WAY)
  return record
}

export type OneByOne = <T>(principal: Principal, ask: () => Promise<T>) => Promise<T>

/** Lets each ask the record one thing at a time, whatever it is about, so that none takes all of the few places there are. */
export function askers(): OneByOne {
  const asking = new Set<string>()
  return async (principal, ask) => {
    const who = principal.kind === 'agent' ? `agent ${principal.agent}` : `person ${principal.name}`
    if (asking.has(who)) throw new StatusError(429, 'you ask the record already; one question at a time', 1)
    asking.add(who)
    try {
      return await ask()
    } finally {
      asking.delete(who)
    }
  }
}

/** `why` as the record's port says it. */
export function recordAway(why: string): StatusError {
  return new StatusError(503, why, 1)
}
