import { z } from 'zod'
import { isApprovalId, partitionOf } from '../lease/lease-id.ts'
import type { Page, PageOf } from '../lease/lease-store.ts'
import { AGAIN } from '../lease/questions/again.ts'
import { fromEach, missingIn } from '../lease/redis/from-each.ts'
import { partitionNames, readPage } from '../lease/redis/page.ts'
import { rowsOf } from '../lease/redis/records.ts'
import type { RedisLink } from '../redis/connect/connect-redis.ts'
import { KEEP_MS, PARTITIONS, partitionPrefix } from '../redis/keys.ts'
import { parseWords } from '../redis/parse-reply.ts'
import { RedisError } from '../redis/redis-error.ts'
import { ANSWER, APPROVALS, WITHDRAW } from '../redis/scripts.ts'
import type { Answer, Answered, Approval, ApprovalState, ApprovalStore, Withdrawal } from './approval.ts'
import { QUESTION } from './question/question.ts'
import { sha256 } from './verify-answer.ts'

const STATES = [
  'pending',
  'approved',
  'rejected',
  'used',
  'expired',
  'withdrawn',
] as const satisfies readonly ApprovalState[]

const approvalSchema = z.object({
  id: z.string(),
  lease: z.string(),
  agent: z.string(),
  digest: z.string(),
  question: z.string().transform(text => QUESTION.parse(JSON.parse(text))),
  state: z.enum(STATES),
  askedAt: z.coerce.number(),
  endsAt: z.coerce.number(),
  useMs: z.coerce.number(),
  decidedBy: z.string(),
  why: z.string().default(''),
  answer: z.string().default(''),
  again: z
    .string()
    .default('')
    .transform(text => (text === '' ? null : AGAIN.parse(JSON.parse(text)))),
  members: z.string().transform(toIds).optional(),
  batch: z.string().refine(isApprovalId).optional(),
  lasting: z.string().optional(),
})

function toIds(text: string): readonly string[] {
  return text.split(' ').filter(isApprovalId)
}

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
    const found = (await this.#read([id], now, false)).found.get(id)
    if (found === 'unreadable') throw new RedisError('bad-reply', `approval ${id} cannot be read`)
    return found ?? null
  }

  async pending({ agent, ...page }: PageOf, now: number): Promise<Page<Approval>> {
    const { partial = false } = page
    const waiting = agent === null ? this.#open(page) : this.#openOf(agent, now, partial)
    const { items: ids, next, missing: away = [] } = await waiting
    const { found, missing } = await this.#read(ids, now, partial)
    // One question that cannot be read must not hide the others; asked for by its id it says so.
    const items = ids.flatMap(id => found.get(id) ?? []).filter(one => one !== 'unreadable' && one.state === 'pending')
    return { items: items as Approval[], next, ...missingIn([...away, ...missing]) }
  }

  #open(page: Omit<PageOf, 'agent'>): Promise<Page<string>> {
    return readPage(this.#link, { partitions: this.#partitions, named: ['open'] }, page)
  }

  /** An agent has so few that they are one page. */
  async #openOf(agent: string, now: number, isPartial: boolean): Promise<Page<string>> {
    // What it asks under a lease that was handed to it is where its giver's leases are.
    const read = (name: string) =>
      this.#link.ask('pending', redis =>
        redis.zrange(`${partitionPrefix(name)}waits:${agent}`, now + 1, '+inf', 'BYSCORE', 'LIMIT', 0, 1000),
      )
    const { found, missing } = await fromEach(partitionNames(this.#partitions), read, isPartial)
    return { items: found.flat().toSorted(), next: null, ...missingIn(missing) }
  }

  async answer({
    id,
    by,
    verdict,
    why,
    proof,
    before,
    endsAt,
    now,
    event,
    lasting = '',
    members = [],
  }: Answer): Promise<Answered> {
    if (!this.#known(id)) return { kind: 'unknown' }
    const prefix = partitionPrefix(partitionOf(id))
    const ofEach = members.flatMap(one => [one.id, one.proof, one.event])
    const args = [prefix, now, id, by, verdict, proof, endsAt, event, KEEP_MS, why, before, lasting, ...ofEach]
    const reply = await this.#link.runDurably(ANSWER, [`${prefix}approval:${id}`, `${prefix}journal`], args)
    return this.#answered(id, reply, now)
  }

  async withdraw({ id, agent, why, now, event, members }: Withdrawal): Promise<Answered> {
    if (!this.#known(id)) return { kind: 'unknown' }
    const prefix = partitionPrefix(partitionOf(id))
    const args = [prefix, now, id, agent, event, why, ...members.flatMap(one => [one.id, one.event])]
    const reply = await this.#link.runDurably(WITHDRAW, [`${prefix}approval:${id}`, `${prefix}journal`], args)
    return this.#answered(id, reply, now)
  }

  async #answered(id: string, reply: unknown, now: number): Promise<Answered> {
    const [kind, state] = parseWords('answer', reply)
    if (kind === 'unknown' || kind === 'moved') return { kind }
    if (kind === 'closed') return { kind: 'closed', state: z.enum(STATES).parse(state) }
    const approval = kind === 'answered' ? await this.find(id, now) : null
    if (approval === null) throw new RedisError('bad-reply', 'answer: an answer of the store cannot be read')
    return { kind: 'answered', approval }
  }

  #known(id: string): boolean {
    return isApprovalId(id) && Number.parseInt(partitionOf(id), 16) < this.#partitions
  }

  /** One call a partition. */
  async #read(ids: readonly string[], now: number, isPartial: boolean) {
    const found = new Map<string, Approval | 'unreadable'>()
    const groups = Map.groupBy(ids, partitionOf)
    const readOf = async (partition: string): Promise<void> => {
      const members = groups.get(partition) ?? []
      const prefix = partitionPrefix(partition)
      const reply = await this.#link.run(APPROVALS, [`${prefix}reads`], [prefix, now, ...members])
      for (const [index, [lease, ...fields]] of rowsOf(reply, members.length).entries()) {
        const id = members[index] ?? ''
        if (lease !== undefined)
          found.set(id, toApproval(id, fields, lease === 'live' ? now : Number.POSITIVE_INFINITY))
      }
    }
    const { missing } = await fromEach([...groups.keys()], readOf, isPartial)
    return { found, missing } as const
  }
}

/** As of `now`: what is open ends by itself, with its time or with its lease. */
function toApproval(id: string, pairs: readonly string[], now: number): Approval | 'unreadable' {
  const fields: Record<string, string> = { id }
  for (let i = 0; i + 1 < pairs.length; i += 2) fields[pairs[i] ?? ''] = pairs[i + 1] ?? ''
  try {
    const questionSha256 = sha256(fields['question'] ?? '')
    const { answer: signed, members, batch, lasting, ...read } = approvalSchema.parse(fields)
    const together = {
      ...(members === undefined ? {} : { members }),
      ...(batch === undefined ? {} : { batch }),
      ...(lasting === undefined ? {} : { lasting }),
    }
    const approval: Approval = { ...read, ...together, signed, questionSha256 }
    const isOpen = approval.state === 'pending' || approval.state === 'approved'
    return isOpen && now >= approval.endsAt ? { ...approval, state: 'expired' } : approval
  } catch {
    return 'unreadable'
  }
}
