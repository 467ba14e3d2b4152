import { type Ask, ask, type CannotBeAsked } from '../../src/approval/ask.ts'
import type { Question } from '../../src/approval/question/question.ts'
import { ONE } from '../../src/lease/questions/quorum.ts'
import { maskText } from '../../src/record/mask/mask-text.ts'
import type { HttpRequest } from '../../src/request/http-request.ts'
import { aLease } from '../lease/a-lease.ts'
import { read } from '../request/a-http-request.ts'

const lease = aLease()

export interface Sent {
  readonly body?: string | Uint8Array
  readonly type?: string
  readonly headers?: HttpRequest['headers']
}

/** What the approver is asked about a request, as the authorizer asks it. */
export function asking(line: string, { body = '', type, headers = [] }: Sent = {}): Ask | CannotBeAsked {
  const bytes = Buffer.from(body)
  const typed = type === undefined ? headers : ([...headers, ['content-type', type]] as const)
  const request = read(line, { headers: typed, body: bytes })
  const risk = { id: 'a-risk', tier: 'high', why: 'is risky' } as const
  return ask({
    request,
    body: bytes,
    lease,
    policyRevision: 'r1',
    judgement: () => 'r1',
    risk,
    quorum: ONE,
    mask: text => maskText(text),
  })
}

export function asked(line: string, sent: Sent = {}): Ask {
  const made = asking(line, sent)
  if (made.kind === 'cannot-be-asked') throw new Error(made.why)
  return made
}

export function questionOf(line: string, sent: Sent = {}): Question {
  return JSON.parse(asked(line, sent).question) as Question
}

export function whyNot(line: string, sent: Sent = {}): string {
  const made = asking(line, sent)
  return made.kind === 'cannot-be-asked' ? made.why : ''
}
