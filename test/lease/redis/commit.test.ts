import { describe, expect, test } from 'vitest'
import { newApprovalId, newLeaseId } from '../../../src/lease/lease-id.ts'
import { parseCommitReply } from '../../../src/lease/redis/commit.ts'

const id = newApprovalId(newLeaseId('web', 4))
/** What a terminal obeys, in the place of an id that refusals repeat. */
const OTHER = '\u001b[2Japproved'

const replies = (one: string, before = one) => [
  { kind: 'pending', approval: one },
  { kind: 'pending', approval: id, again: { before, why: ['used'] } },
  { kind: 'rejected', approval: one, why: '' },
  { kind: 'unproven', approval: one },
  { kind: 'approved', approval: one, answer: '' },
  { kind: 'allowed', approval: one, answer: '' },
]

describe('an answer of the store', () => {
  test.each(replies(id))('has ids of approvals ($kind)', reply => {
    expect(parseCommitReply(JSON.stringify(reply))).toEqual(reply)
  })

  test.each(replies(OTHER))('with anything else in their place is none ($kind)', reply => {
    expect(() => parseCommitReply(JSON.stringify(reply))).toThrow('cannot be read')
  })
})
