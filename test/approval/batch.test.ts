import { expect, test } from 'vitest'
import { batchQuestion } from '../../src/approval/batch/batch.ts'
import type { Question } from '../../src/approval/question/question.ts'
import { aLease, aQuestion } from '../lease/a-lease.ts'

const factsOf = (given: Partial<Question>) =>
  batchQuestion([{ question: { ...aQuestion(aLease()), bodyBytes: 2, ...given } }]).facts.join('\n')

test('what a patch of the same bytes is, is said of each of several requests', () => {
  const [merge, strategic] = ['application/merge-patch+json', 'application/strategic-merge-patch+json']
  expect(factsOf({ contentType: merge })).toContain(`2 bytes of ${merge}, sha256`)
  expect(factsOf({ contentType: strategic })).toContain(`2 bytes of ${strategic}, sha256`)
})

test.each(['application/json, no body', 'x\u202ey', "x' (2) risk: none", 'x\u00a0y'])(
  'a kind of body cannot pass for what is said of it: %j',
  contentType => {
    const [line = ''] = factsOf({ contentType })
      .split('\n')
      .filter(fact => fact.includes(' exactly '))
    expect(line).toMatch(/^\(1\) exactly \S+ \S+, 2 bytes of '[\x20-\x7e]*', sha256 [0-9a-f]*$/)
  },
)
