import { sha256 } from '../../../src/approval/verify-answer.ts'
import type { Asked, VerifyAnswer } from '../../../src/lease/lease-store.ts'

/** Stands for a signature where nobody forges: what the answer is to, in the open. */
export function plainAnswer(approval: string, endsAt: number): string {
  return JSON.stringify({ approval, endsAt, seal: sha256(approval) })
}

export const verifyPlain: VerifyAnswer = async (answer, { approval }: Asked, now) => {
  const { approval: to, endsAt, seal } = JSON.parse(answer === '' ? '{}' : answer)
  return to === approval && seal === sha256(approval) && now < endsAt ? { until: endsAt, bound: '' } : null
}
