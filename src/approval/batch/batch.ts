import type { Quorum } from '../../lease/questions/quorum.ts'
import { isOne, ONE, stricterQuorum } from '../../lease/questions/quorum.ts'
import { TIERS } from '../../lease/questions/risk-rule.ts'
import { shownArgument } from '../../support/text/shown-text.ts'
import type { Approval } from '../approval.ts'
import { sha256Of } from '../digest.ts'
import type { Question } from '../question/question.ts'
import { sha256 } from '../verify-answer.ts'

/** Requests that are asked about as one question. Each is shown, bound and used by itself: a batch lets nothing through. */
export const MOST_MEMBERS = 50
/** Of what all of them say, as JSON: whoever answers has to read it. */
export const MOST_BYTES = 131_072
/** Of the line in a list. */
const SUMMARY_CHARACTERS = 300

/** What a yes to one of them is bound to. */
export type Member = Pick<Approval, 'digest' | 'questionSha256' | 'question'>

/** SHA-256, hex: over the digest of each request and what is shown of it, in their order. */
export function batchDigest(members: readonly Pick<Member, 'digest' | 'questionSha256'>[]): string {
  const texts = ['leasegate-batch-1', ...members.flatMap(({ digest, questionSha256 }) => [digest, questionSha256])]
  return sha256Of(texts.map(text => Buffer.from(text, 'utf8')))
}

/** The question about all of them: made of theirs alone, so that whoever shows it can make it again. Of one lease, and never of none. */
export function batchQuestion(members: readonly Pick<Member, 'question'>[]): Question {
  const questions = members.map(({ question }) => question)
  const [first] = questions
  if (first === undefined) throw new Error('a batch of nothing')
  const { agent, delegatedBy, sponsor, task, lease } = first
  const quorum = questions.map(one => one.quorum ?? ONE).reduce(stricterQuorum)
  return {
    summary: summaryOf(questions),
    facts: questions.flatMap(factsOf),
    method: '',
    target: '',
    contentType: '',
    bodySha256: '',
    bodyBytes: 0,
    bodyPreview: '',
    bodyCut: '',
    risk: [...new Set(questions.map(({ risk }) => risk))].join(', '),
    tier: worstOf(questions),
    why: '',
    ...wanted(quorum),
    agent,
    ...(delegatedBy === undefined ? {} : { delegatedBy }),
    sponsor,
    task,
    lease,
  }
}

/**
 * Whether these are the members that were asked about, and all of them: whoever writes to the store can exchange one, and make digest and
 * question of the batch anew. So each says by itself whose it is: who may answer the batch is told by what it says of that.
 */
export function isWhole(batch: Approval, members: readonly Approval[]): boolean {
  const { id, digest, questionSha256, members: ids = [] } = batch
  const areTheirs = members.every((one, index) => one.id === ids[index] && one.batch === id && isOfOneLease(one, batch))
  return (
    ids.length > 0 &&
    members.length === ids.length &&
    areTheirs &&
    batchDigest(members) === digest &&
    sha256(JSON.stringify(batchQuestion(members))) === questionSha256
  )
}

function isOfOneLease(one: Approval, { lease, agent, question: { sponsor, task } }: Approval): boolean {
  const { question } = one
  const isOfLease = [one, question].every(of => of.lease === lease && of.agent === agent)
  return isOfLease && question.sponsor === sponsor && question.task === task
}

/** '' where none says one. */
function worstOf(questions: readonly Question[]): string {
  return TIERS.findLast(tier => questions.some(one => one.tier === tier)) ?? ''
}

function wanted(quorum: Quorum): Pick<Question, 'quorum'> {
  return isOne(quorum) ? {} : { quorum }
}

function summaryOf(questions: readonly Question[]): string {
  const all = `${questions.length} requests as one: ${questions.map(({ summary }) => summary).join('; ')}`
  return all.length <= SUMMARY_CHARACTERS ? all : `${all.slice(0, SUMMARY_CHARACTERS).toWellFormed()} …`
}

/** With its number before each line; what reaches far keeps its mark in front. */
function factsOf(
  { summary, method, target, contentType, bodyBytes, bodySha256, risk, tier, why, facts }: Question,
  index: number,
): readonly string[] {
  const number = `(${index + 1})`
  // The same bytes do something else as another kind of patch.
  const body = bodyBytes === 0 ? 'no body' : `${bodyBytes} bytes of ${shownArgument(contentType)}, sha256 ${bodySha256}`
  const lines = [
    `${number} ${summary}`,
    `${number} exactly ${method} ${target}, ${body}`,
    `${number} risk: this ${why} (${tier}, ${risk})`,
  ]
  return [
    ...lines,
    ...facts.map(fact => (fact.startsWith('! ') ? `! ${number} ${fact.slice(2)}` : `${number} ${fact}`)),
  ]
}
