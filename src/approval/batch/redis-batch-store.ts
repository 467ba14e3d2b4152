import { z } from 'zod'
import type { Lease } from '../../lease/lease.ts'
import { isApprovalId, partitionOf } from '../../lease/lease-id.ts'
import { LIMITS } from '../../lease/limits.ts'
import { PARTS } from '../../lease/questions/again.ts'
import { mostQuestions } from '../../lease/redis/commit.ts'
import type { RedisLink } from '../../redis/connect/connect-redis.ts'
import { KEEP_ASKED_MS, partitionPrefix } from '../../redis/keys.ts'
import { parseWords } from '../../redis/parse-reply.ts'
import { RedisError } from '../../redis/redis-error.ts'
import { ASK_BATCH } from '../../redis/scripts.ts'
import type { AskedBatch, BatchAsked, BatchStore, MemberAsked, Standing } from './batch-store.ts'

const LIMIT = z.enum(['lease', 'agent', 'minute', 'batches', 'budget'])

/** Beside the questions that the authorizer asks, under the same limits and in the same lists. */
export class RedisBatchStore implements BatchStore {
  readonly #link: RedisLink

  constructor(link: RedisLink) {
    this.#link = link
  }

  async standing(
    { id, agent, ancestors: [root] }: Pick<Lease, 'id' | 'agent' | 'ancestors'>,
    { digest, subject }: Pick<MemberAsked, 'digest' | 'subject'>,
    now: number,
  ): Promise<Standing> {
    const prefix = partitionPrefix(partitionOf(id))
    // As the scripts have it: a no to whoever handed the lease on holds as well.
    const first =
      root === undefined ? null : this.#link.ask('first', redis => redis.hget(`${prefix}lease:${root}`, 'agent'))
    const whose = (await first) ?? agent
    const [asked, no] = await Promise.all([
      this.#link.ask('asked', redis => redis.get(`${prefix}asked:${id}:${digest}`)),
      this.#link.ask('no', redis => redis.get(`${prefix}no:${whose}:${subject}`)),
    ])
    const [refused = '', until = ''] = (no ?? '').split(' ')
    return { asked: known(asked), refused: now < Number(until) ? known(refused) : null }
  }

  async ask({
    id,
    lease,
    limits,
    digest,
    question,
    members,
    now,
    askMs,
    useMs,
    event,
  }: BatchAsked): Promise<AskedBatch> {
    if (![id, ...members.map(one => one.id)].every(isApprovalId)) throw new RedisError('refused', 'not an approval id')
    const prefix = partitionPrefix(partitionOf(id))
    const chain = [lease.id, ...lease.ancestors].join(' ')
    const { questionsOfLease, questionsOfAgent, questionsPerMinute, batchesOfAgent } = LIMITS
    const most = [questionsOfLease, questionsOfAgent, questionsPerMinute, batchesOfAgent]
    const head = [
      prefix,
      now,
      chain,
      lease.agent,
      id,
      digest,
      question,
      askMs,
      useMs,
      KEEP_ASKED_MS,
      ...most,
      event,
      mostQuestions(limits),
    ]
    const args = [...head, ...members.flatMap(memberArguments)]
    const reply = await this.#link.run(ASK_BATCH, [`${prefix}approval:${id}`, `${prefix}journal`], args)
    const [kind, what = '', ...more] = parseWords('ask-batch', reply)
    if (kind === 'asked' || kind === 'moved' || kind === 'ended') return { kind }
    if (kind === 'refused') return { kind, members: refusedBy([what, ...more]) }
    if (kind === 'open' && isApprovalId(what)) return { kind, approval: what }
    if (kind === 'too-many') return { kind: 'too-many-questions', limit: LIMIT.parse(what) }
    throw new RedisError('bad-reply', 'ask-batch: an answer of the store cannot be read')
  }
}

function memberArguments({ id, digest, subject, about, parts, question }: MemberAsked): readonly string[] {
  return [id, digest, subject, about, PARTS.map(part => parts[part]).join(' '), question]
}

/** By member the no that binds it, each by its id: the store could say anything. */
function refusedBy(words: readonly string[]): ReadonlyMap<string, string> {
  const noes = toMap(words)
  if (![...noes].flat().every(isApprovalId)) throw new RedisError('bad-reply', 'ask-batch: noes cannot be read')
  return noes
}

/** Key, value, key, value. */
function toMap(words: readonly string[]): ReadonlyMap<string, string> {
  return new Map(words.flatMap((word, at) => (at % 2 === 0 ? [[word, words[at + 1] ?? ''] as const] : [])))
}

function known(text: string | null): string | null {
  return text !== null && isApprovalId(text) ? text : null
}
