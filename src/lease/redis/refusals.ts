import type { RedisLink } from '../../redis/connect/connect-redis.ts'
import { REFUSALS_PREFIX } from '../../redis/keys.ts'
import { REFUSE } from '../../redis/scripts.ts'
import type { Refused } from '../lease-store.ts'

export interface RefusalMarks {
  /** Refusals one source gets into the record in full each minute; the rest is counted. */
  readonly refusalsPerMinute: number
  /** Entries and bytes of the refusals stream from which all are only counted. */
  readonly refusalsMark: number
  readonly refusalsBytes: number
}

export const REFUSAL_MARKS: RefusalMarks = {
  refusalsPerMinute: 60,
  refusalsMark: 50_000,
  refusalsBytes: 50_000_000,
}

const SOURCES_PER_MINUTE = 1000

export async function writeRefusal(
  link: RedisLink,
  { source, entry }: Pick<Refused, 'source' | 'entry'>,
  { refusalsPerMinute, refusalsMark, refusalsBytes }: RefusalMarks = REFUSAL_MARKS,
): Promise<void> {
  const most = [refusalsPerMinute, SOURCES_PER_MINUTE, refusalsMark, refusalsBytes]
  await link.run(REFUSE, [`${REFUSALS_PREFIX}stream`], [REFUSALS_PREFIX, source.slice(0, 64), ...most, entry])
}
