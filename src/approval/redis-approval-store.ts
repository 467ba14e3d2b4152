import { z } from 'zod'
import { isApprovalId, partitionName, partitionOf } from '../lease/lease-id.ts'
import { readStates } from '../lease/redis-lease-states.ts'
import type { RedisLink } from '../redis/connect-redis.ts'
import { KEEP_MS, PARTITIONS, partitionPrefix } from '../redis/keys.ts'
import { parseWords } from '../redis/parse-reply.ts'
import { RedisError } from '../redis/redis-error.ts'
import { ANSWER } from '../redis/scripts.ts'
import type { Answer, Answered, Approval, ApprovalState, ApprovalStore } from './approval.ts'

const STATES = ['pending', 'approved', 'rejected', 'used', 'expired'] as const satisfies readonly ApprovalState[]

const questionSchema = z.object({
  summary: z.string(),
  method: z.string(),
  target: z.string(),
  contentType: z.string(),
  bodySha256: z.string(),
  bodyBytes: z.number(),
  bodyPreview: z.string(),
  risk: z.string(),
  agent: z.string(),
  sponsor: z.string(),
  task: z.string(),
  lease: z.string(),
})

const approvalSchema = z.object({
  id: z.string(),
  lease: z.string(),
  agent: z.string(),
  digest: z.string(),
  question: z.string().transform(text => questionSchema.parse(JSON.parse(text))),
  state: z.enum(STATES),
  askedAt: z.coerce.number(),
  endsAt: z.coerce.number(),
  decidedBy: z.string(),
})

/** Questions and answers; asking and using a yes are part of the commit. Answers resolve when they are durable. */
export class RedisApprovalStore implements ApprovalStore {
  readonly #link: RedisLink
  readonly #partitions: number

  constructor(link: RedisLink, settings: { readonly partitions?: number } = {}) {
    this.#link = link
    this.#partitions = settings.partitions ?? PARTITIONS
  }

  async find(id: string, now: number): Promise<Approval | null> {
    if (!this.#known(id)) return null
    const key = `${partitionPrefix(partitionOf(id))}approval:${id}`
    const fields = await this.#link.ask('approval', redis => redis.hgetall(key))
    if (Object.keys(fields).length === 0) return null
    const approval = toApproval({ ...fields, id })
    if (approval === null) throw new RedisError('bad-reply', `approval ${id} cannot be read`)
    return this.#asOf(approval, now)
  }

  async pending(now: number): Promise<readonly Approval[]> {
    const partitions = Array.from({ length: this.#partitions }, (_, index) => partitionName(index))
    const open = (partition: string) =>
      this.#link.ask('pending', redis =>
        redis.zrange(`${partitionPrefix(partition)}pending`, now + 1, '+inf', 'BYSCORE'),
      )
    const ids = (await Promise.all(partitions.map(open))).flat().toSorted()
    const found = await Promise.all(ids.map(id => this.find(id, now).catch(skipUnreadable)))
    return found.filter(approval => approval?.state === 'pending') as Approval[]
  }

  async answer({ id, by, verdict, now, event }: Answer): Promise<Answered> {
    if (!this.#known(id)) return { kind: 'unknown' }
    const prefix = partitionPrefix(partitionOf(id))
    const args = [prefix, now, id, by, verdict, event, KEEP_MS]
    const reply = await this.#link.runDurably(ANSWER, [`${prefix}approval:${id}`, `${prefix}journal`], args)
    const [kind, state] = parseWords('answer', reply)
    if (kind === 'unknown') return { kind: 'unknown' }
    if (kind === 'closed') return { kind: 'closed', state: z.enum(STATES).parse(state) }
    const approval = kind === 'answered' ? await this.find(id, now) : null
    if (approval === null) throw new RedisError('bad-reply', 'answer: an answer of the store cannot be read')
    return { kind: 'answered', approval }
  }

  #known(id: string): boolean {
    return isApprovalId(id) && Number.parseInt(partitionOf(id), 16) < this.#partitions
  }

  /** What is open ends by itself, with its time or with its lease. */
  async #asOf(approval: Approval, now: number): Promise<Approval> {
    if (approval.state !== 'pending' && approval.state !== 'approved') return approval
    if (now >= approval.endsAt) return { ...approval, state: 'expired' }
    const [lease] = await readStates(this.#link, [approval.lease], now, this.#partitions)
    return lease?.kind === 'active' ? approval : { ...approval, state: 'expired' }
  }
}

/** One question that cannot be read must not hide the others; asked for by its id it says so. */
function skipUnreadable(error: unknown): null {
  if (error instanceof RedisError && error.code === 'bad-reply') return null
  throw error
}

function toApproval(fields: Readonly<Record<string, string>>): Approval | null {
  try {
    return approvalSchema.parse(fields)
  } catch {
    return null
  }
}
