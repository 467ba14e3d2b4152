import { at, listAt, membersAt, textAt } from '../look/json.ts'

/** What disruption budgets say of these pods: they hold up evictions, and not deletes. */
export function budgetNotes(
  budgets: readonly unknown[],
  pods: readonly unknown[],
  how: 'delete' | 'eviction' = 'delete',
): readonly string[] {
  const said = budgets.flatMap(budget => {
    const met = pods.filter(pod => selects(at(budget, 'spec', 'selector'), pod)).length
    if (met === 0) return []
    const allowed = at(budget, 'status', 'disruptionsAllowed')
    const name = textAt(budget, 'metadata', 'name')
    const says = typeof allowed === 'number' ? `allows ${allowed} to be away at the moment` : 'has said nothing yet'
    const asks = how === 'delete' ? 'a delete does not ask it' : evictionSays(allowed)
    return [`PodDisruptionBudget ${name} is for ${met} of these pods and ${says}; ${asks}`]
  })
  const several = how === 'eviction' && said.length > 1
  return [...said, ...(several ? ['the API server evicts no pod that several PodDisruptionBudgets are for'] : [])]
}

/** Pods that do not run yet, or are over, are evicted all the same. */
function evictionSays(allowed: unknown): string {
  const isOpen = typeof allowed === 'number' && allowed > 0
  return isOpen ? 'an eviction asks it' : 'an eviction asks it, and is put off (429) until it allows one'
}

/** LabelSelector of apimachinery: an empty one selects everything, a missing one nothing. */
export function selects(selector: unknown, pod: unknown): boolean {
  if (typeof selector !== 'object' || selector === null) return false
  const labels = new Map(membersAt(pod, 'metadata', 'labels'))
  const equal = membersAt(selector, 'matchLabels').every(([name, value]) => labels.get(name) === value)
  return equal && listAt(selector, 'matchExpressions').every(each => meets(each, labels))
}

function meets(expression: unknown, labels: ReadonlyMap<string, unknown>): boolean {
  const key = textAt(expression, 'key')
  const values = listAt(expression, 'values')
  switch (textAt(expression, 'operator')) {
    case 'In':
      return labels.has(key) && values.includes(labels.get(key))
    case 'NotIn':
      return !labels.has(key) || !values.includes(labels.get(key))
    case 'Exists':
      return labels.has(key)
    default:
      return !labels.has(key)
  }
}
