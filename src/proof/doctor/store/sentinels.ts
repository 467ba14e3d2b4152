import type { Finding } from '../../../findings/report.ts'
import { nameOf } from '../../../redis/guide/address.ts'
import type { SentinelSaid } from '../../../redis/sentinel/sentinel.ts'

/** So many go on agreeing when one of them is gone. */
const ENOUGH = 3

export function seenOf(said: readonly SentinelSaid[]): readonly string[] {
  return said.map(one =>
    one.kind === 'primary'
      ? `sentinel ${one.sentinel} names ${nameOf(one.at)}, after ${one.epoch} failovers`
      : `sentinel ${one.sentinel}: ${one.why}`,
  )
}

/** Whoever asks them has reached the store, so one of them at least knows where it is. */
export function judgeSentinels(said: readonly SentinelSaid[], replicas: number, durable: number): readonly Finding[] {
  const named = said.filter(one => one.kind === 'primary')
  const places = new Set(named.map(({ at }) => nameOf(at)))
  const most = Math.max(0, ...named.map(({ others }) => others + 1))
  return [
    ...said.flatMap(one => (one.kind === 'problem' ? [silent(one.sentinel, one.why)] : [])),
    ...(places.size > 1 ? [apart([...places])] : []),
    ...(named.length > 0 && most < ENOUGH ? [few(most)] : []),
    ...(replicas > 0 && durable === 0 ? [undurable()] : []),
  ]
}

function silent(sentinel: string, why: string): Finding {
  return {
    severity: 'warning',
    what: `sentinel ${sentinel} does not tell where the primary is: ${why}`,
    why: 'Where no sentinel does, nobody who has lost the store finds it again: everything is denied.',
    mend: 'Start it, or correct LEASEGATE_REDIS_SENTINELS and what they are asked with (ACL SETUSER USER +sentinel|get-master-addr-by-name +sentinel|master there).',
  }
}

function apart(places: readonly string[]): Finding {
  return {
    severity: 'warning',
    what: `sentinels name different primaries: ${places.join(' and ')}`,
    why: 'A failover is going on, or one of them is cut off. The one that knows of the latest failover is believed.',
    mend: 'Ask again in a minute. If it stays so, see which sentinel the others do not reach (SENTINEL CKQUORUM NAME).',
  }
}

function few(count: number): Finding {
  return {
    severity: 'warning',
    what: `${count === 1 ? 'one sentinel watches' : `${count} sentinels watch`} the store`,
    why: 'When one of fewer than three is gone, the others are no majority, and nothing takes over.',
    mend: 'Run three or more, on machines that do not fail together.',
  }
}

export function undurable(): Finding {
  return {
    severity: 'warning',
    what: 'replicas take over by themselves, and LEASEGATE_REDIS_REPLICAS is 0',
    why: 'An end counts before a replica has it. One that takes over without it ends every lease of that partition.',
    mend: 'Let LEASEGATE_REDIS_REPLICAS be 1, or as many as may take over, for the broker and for commands.',
  }
}
