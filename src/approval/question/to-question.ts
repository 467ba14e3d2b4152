import { createHash } from 'node:crypto'
import type { Lease } from '../../lease/lease.ts'
import { isOne, type Quorum } from '../../lease/questions/quorum.ts'
import { describeRisk, type Risk } from '../../policy/judge/verdict.ts'
import { isOpaque } from '../../policy/risk/opaque.ts'
import type { ApiRequest } from '../../request/api-request.ts'
import { carriesCredential } from '../../request/object/carries-credential.ts'
import { countEscapes, countTags, shown } from '../../support/text/shown-text.ts'
import type { Canonical } from '../canonical/canonical-request.ts'
import { readBody } from './body.ts'
import { factsOf } from './facts.ts'
import type { Question } from './question.ts'
import { shownFacts, shownPlaces } from './shown-facts.ts'
import { summarise } from './summary.ts'
import { weightOf } from './weight.ts'

/** A command longer than this is read to its end by nobody. */
const SUMMARY_BYTES = 4096
const TARGET_BYTES = 3072
/** As JSON; the store takes no more than 16 KB. */
const QUESTION_BYTES = 14_000
const PREVIEWS = [4096, 1024, 0]
/** Reading and showing a body takes time that others wait for. */
const BODY_BYTES = 64 * 1024

export interface Asking {
  /** Whether a yes may last as long as the lease. */
  readonly untilLeaseEnds: boolean
  readonly request: ApiRequest
  readonly canonical: Canonical
  readonly body: Uint8Array
  readonly lease: Lease
  /** What it was narrowed from, root first; null: cannot be read. */
  readonly above?: readonly (Lease | null)[]
  readonly risk: Risk
  /** All risks that ask, where that one is not alone. */
  readonly asks?: readonly Risk[]
  readonly quorum: Quorum
  /** Budgets that have nothing left for it. */
  readonly beyond?: readonly string[]
  /** Takes credentials out of what bodies say; never a command. */
  readonly mask: (text: string) => string
}

/** `why` completes "an approver cannot be shown this: …". */
export type Asked =
  | { readonly kind: 'question'; readonly question: Question }
  | { readonly kind: 'cannot-be-shown'; readonly why: string }

/**
 * The request as the approver must see it: rendered by us from the bytes that will run, never from the agent's words. The same
 * request always gives the same text. What cannot be shown is not asked.
 */
export function toQuestion(asking: Asking): Asked {
  const { request, body } = asking
  const summary = summarise(request)
  if (Buffer.byteLength(summary) > SUMMARY_BYTES) return cannot(`the command is longer than ${SUMMARY_BYTES} bytes`)
  const target = targetOf(asking.canonical)
  if (Buffer.byteLength(target) > TARGET_BYTES) return cannot(`path and query are longer than ${TARGET_BYTES} bytes`)
  if (body.length > BODY_BYTES) return cannot(`the body is larger than ${BODY_BYTES} bytes`)
  const read = readBody(request, body)
  if (read.kind === 'unreadable') return cannot(read.why)
  const lines = factLines(asking)
  const facts =
    lines === null
      ? null
      : [...beyondOf(asking), ...warningOf([summary, ...lines]), ...opaqueOf(asking), ...alsoOf(asking), ...lines]
  if (facts === null)
    return cannot(
      'the body says more about what runs than fits before a human, or has a credential in a command; send less at once, and put credentials into a Secret',
    )
  for (const limit of PREVIEWS) {
    const preview = carriesCredential(request.info) ? HIDDEN : cutPreview(read.text, limit, body.length)
    const question = toText({ ...asking, summary, target, facts, ...preview })
    if (Buffer.byteLength(JSON.stringify(question)) <= QUESTION_BYTES) return { kind: 'question', question }
  }
  return cannot('it is too long')
}

interface Rendered extends Asking {
  readonly summary: string
  readonly target: string
  readonly facts: readonly string[]
  readonly bodyPreview: string
  readonly bodyCut: string
}

function toText(rendered: Rendered): Question {
  const {
    canonical,
    body,
    lease,
    above = [],
    risk,
    quorum,
    beyond = [],
    summary,
    target,
    facts,
    bodyPreview,
    bodyCut,
    mask,
  } = rendered
  const handed = [lease, ...above.toReversed()].find(one => one?.delegated !== undefined)
  return {
    summary,
    facts,
    method: canonical.method,
    target,
    contentType: canonical.contentType,
    bodySha256: createHash('sha256').update(body).digest('hex'),
    bodyBytes: body.length,
    bodyPreview: mask(bodyPreview),
    bodyCut: body.length === 0 ? '' : bodyCut,
    risk: risk.id,
    tier: risk.tier,
    why: risk.why,
    ...(isOne(quorum) ? {} : { quorum }),
    ...(beyond.length === 0 ? {} : { beyond }),
    ...(rendered.untilLeaseEnds ? ({ untilLeaseEnds: true } as const) : {}),
    agent: lease.agent,
    ...(handed?.delegated === undefined ? {} : { delegatedBy: handed.delegated.by }),
    sponsor: lease.sponsor,
    task: lease.task.reason,
    lease: lease.id,
  }
}

const HIDDEN = { bodyPreview: '', bodyCut: 'not shown: it may hold a credential' }

/** A request that needs such characters is rare, and worth a second look. */
function warningOf(texts: readonly string[]): readonly string[] {
  const [count, tags] = [countEscapes(texts), countTags(texts)]
  return [
    ...(tags === 0 ? [] : [`! high risk: a text is hidden in it, in ${tags} tag characters that nothing shows`]),
    ...(count === 0 ? [] : [`! ${count} characters that would not be seen, or pass for others, are written as \\u{…}`]),
  ]
}

/** It is said also where another risk asks. Without numbers: one that is edited makes no other question of it. */
function beyondOf({ beyond = [] }: Asking): readonly string[] {
  return beyond.map(budget => `! beyond its budget: nothing is left of ${budget}`)
}

/** Nobody can say yes to what nobody can read: at least it is said that they cannot. Before anything is cut, and of what runs alone. */
function opaqueOf({ request }: Asking): readonly string[] {
  const commands = request.stream === null ? [] : [request.stream.command.join(' ')]
  const inBody = (factsOf(request.object) ?? []).filter(fact => weightOf(fact) === 'runs').map(({ text }) => text)
  return [...commands, ...inBody].some(isOpaque)
    ? ['! opaque: part of what runs is encoded, or decided by what cannot be seen here']
    : []
}

/** A yes is to every reason for which somebody is asked. */
function alsoOf({ risk, asks = [] }: Asking): readonly string[] {
  return asks.filter(({ id }) => id !== risk.id).map(one => `! it also ${describeRisk(one)}`)
}

function factLines({ request, mask }: Asking): readonly string[] | null {
  const facts = factsOf(request.object)
  if (facts === null) return null
  return carriesCredential(request.info) ? shownPlaces(facts.map(({ place }) => place)) : shownFacts(facts, mask)
}

/** Whitespace between members says nothing and would push the rest out of sight. */
function cutPreview(text: string, limit: number, bodyBytes: number): Pick<Question, 'bodyPreview' | 'bodyCut'> {
  const folded = shown(text)
  const all = Buffer.byteLength(folded)
  if (all <= limit) return { bodyPreview: folded, bodyCut: '' }
  const bodyPreview = Buffer.from(folded)
    .subarray(0, limit)
    .toString('utf8')
    .replace(/\ufffd+$/, '')
  const kept = Buffer.byteLength(bodyPreview)
  return { bodyPreview, bodyCut: `first ${kept} of ${all} bytes (${bodyBytes} as sent), ${all - kept} not shown` }
}

/** The command stands in the summary. */
function targetOf({ path, parameters }: Canonical): string {
  const query = parameters
    .filter(([name]) => name !== 'command')
    .map(([name, value]) => (name === '?' ? value : `${name}=${shown(value)}`))
  return shown(query.length === 0 ? path : `${path}?${query.join('&')}`)
}

function cannot(why: string): Asked {
  return { kind: 'cannot-be-shown', why }
}
