import { expect, test } from 'vitest'
import type { Approval } from '../../../src/approval/approval.ts'
import type { Plan } from '../../../src/approval/plan/plan.ts'
import { planTogether } from '../../../src/broker/batches/batch-plan.ts'
import { noPlanner } from '../../../src/broker/plan/planner.ts'

const nothing = { facts: [], changes: [], affected: [], counts: [], cut: [], object: null }

/** Each with one note that weighs, behind as many as there can be of others. */
function planned(light: number): Plan {
  const notes = ['the data of 1 volumes is deleted with it', ...Array.from({ length: light }, (_, at) => `note ${at}`)]
  return { ...nothing, kind: 'delete', madeAt: 1, summary: 'deletes', notes, heavy: 1 }
}

test('of the most requests that one question can have no plan loses what weighs most, however much is said of the others', async () => {
  const members = Array.from({ length: 50 }, () => ({}) as Approval)
  const planner = { ...noPlanner(''), of: async () => ({ kind: 'plan', plan: planned(20) }) as const }
  const made = await planTogether(members, planner)
  if (made.kind !== 'plan') throw new Error(made.problem)
  const { notes, heavy, cut } = made.plan
  expect(notes.slice(0, heavy)).toEqual(members.map((_, at) => `(${at + 1}) the data of 1 volumes is deleted with it`))
  expect(cut).toContainEqual({ what: 'notes', missing: 50 * 21 - notes.length })
})
