import type { Again } from '../lease/questions/again.ts'

const SAYS = {
  policy: 'the policy for this task was edited, and says something else to it',
  lease: 'it was for another lease',
  line: 'the path, the query or the command differs',
  body: 'the body differs',
  used: 'it was used',
  expired: 'its time is over',
  refused: 'it was a no to another request about the same',
} as const satisfies Record<Again['why'][number], string>

/** For agent and approver. The store says it, and nothing rests on it. */
export function describeAgain({ before, why }: Again): string {
  return `what was said to ${before} does not hold for it: ${why.map(each => SAYS[each]).join(', ')}`
}
