import type { Budget } from '../../lease/lease.ts'
import type { TaskTemplate, TemplateRule } from '../policy.ts'
import { READS_MANY, READS_ONE } from '../secret-reads.ts'
import { aboutTemplate, reaches, type Warning } from './warning.ts'

const READS: ReadonlySet<string> = new Set(['get', 'list', 'watch', 'head', 'options'])

/** A budget of nothing forbids what a rule seems to grant. */
const SPENDS = {
  requests: () => true,
  mutations: ({ verbs }) => verbs.some(verb => !READS.has(verb) && verb !== '*'),
  objects: ({ verbs }) => verbs.some(verb => !READS.has(verb) && verb !== '*'),
  deletes: ({ verbs }) => verbs.some(verb => verb === 'delete' || verb === 'deletecollection'),
  secretReads: rule =>
    rule.resources.includes('secrets') && [...READS_ONE, ...READS_MANY].some(verb => reaches(rule, verb, SECRETS)),
  execSeconds: rule => ['exec', 'attach', 'portforward'].some(kind => reaches(rule, 'create', session(kind))),
} as const satisfies Record<Exclude<Budget, 'questions' | 'requestsPerSecond'>, (rule: TemplateRule) => boolean>

const session = (kind: string) => ({ group: '', resource: `pods/${kind}` })
const SECRETS = { group: '', resource: 'secrets' }

export function budgetWarnings(template: TaskTemplate): readonly Warning[] {
  const budgets = ['requests', 'mutations', 'deletes', 'secretReads', 'objects', 'execSeconds'] as const
  return budgets
    .filter(budget => !template.askBeyond?.some(one => one === budget))
    .filter(budget => template.budgets[budget] === 0 && template.rules.some(SPENDS[budget]))
    .map(budget => aboutTemplate(template, `a budget of no ${budget} forbids what its rules grant`))
}
