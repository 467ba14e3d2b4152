import type { Plan } from '../../approval/plan/plan.ts'
import { printable } from '../../support/text/printable.ts'

/** On a terminal nobody reads more; the console has all of it. */
const MOST_LINES = 60

/** What would happen, as lines below the question. */
export function describePlan(plan: Plan | null, problem: string, now: number): readonly string[] {
  if (plan === null) return problem === '' ? [] : [`  no plan: ${printable(problem)}`]
  const lines = [
    `  plan     ${plan.summary}   (${age(now - plan.madeAt)} old)`,
    ...plan.facts.map(({ name, value }) => `    ${name}: ${value}`),
    ...shortened(plan.changes.map(changeLine)),
    ...(plan.counts.length === 0
      ? []
      : [`    meets ${plan.counts.map(({ kind, count }) => `${count} ${kind}`).join(', ')}`]),
    ...shortened(plan.affected.map(affectedLine)),
    ...plan.notes.map(note => `    ! ${note}`),
    ...plan.cut.map(({ what, missing }) => `    and ${missing} more ${what}`),
  ]
  return lines.map(printable)
}

function changeLine({ anew, ...change }: Plan['changes'][number]): string {
  return `${lineOf(change)}${anew === true ? '   (set anew at each write)' : ''}`
}

function lineOf({ path, kind, before, after, hidden }: Plan['changes'][number]): string {
  if (hidden === true) return `    ${SIGNS[kind]} ${path}: ${kind}, hidden`
  if (kind === 'changed') return `    ~ ${path}: ${before ?? ''} -> ${after ?? ''}`
  return `    ${SIGNS[kind]} ${path}: ${(kind === 'added' ? after : before) ?? ''}`
}

const SIGNS = { added: '+', removed: '-', changed: '~' } as const

function affectedLine({ kind, namespace, name, detail }: Plan['affected'][number]): string {
  const where = namespace === '' ? '' : ` in ${namespace}`
  return `    ${kind} ${name}${where}${detail === undefined ? '' : ` (${detail})`}`
}

function shortened(lines: readonly string[]): readonly string[] {
  if (lines.length <= MOST_LINES) return lines
  return [
    ...lines.slice(0, MOST_LINES),
    `    … ${lines.length - MOST_LINES} more of these: leasegate approvals ID -o json, or the console`,
  ]
}

function age(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
}
