import { fieldOf, listIn, textIn, textsIn } from '../values/loose.ts'
import { type Found, isBuiltIn, PRODUCTION } from '../values/names.ts'

const MATCHES = ['verbs', 'resources', 'resourceNames', 'namespaces', 'changes', 'changesOnly'] as const
const NO_LISTS = ['namespaceClass', 'minObjects'] as const
/** What says more of another field. */
const BESIDE = ['ownPrefixes'] as const

/** What is wrong between the fields of a risk rule, and between rules. */
export function riskRuleProblems(raw: unknown): readonly Found[] {
  const rules = listIn(raw, 'riskRules')
  const classes = fieldOf(raw, 'namespaceClasses')
  return [
    ...(fieldOf(classes, PRODUCTION) === undefined
      ? []
      : [{ path: ['namespaceClasses', PRODUCTION], message: 'is what productionNamespaces lists' }]),
    ...rules.flatMap((rule, index) => {
      const before = rules.slice(0, index).flatMap(one => textIn(one, 'id') ?? [])
      const problems = isBuiltIn(textIn(rule, 'id') ?? '') ? ofBuiltIn(rule) : ofOwn(rule, before)
      return problems.map(({ path, message }) => ({ path: ['riskRules', index, ...path], message }))
    }),
  ]
}

function has(rule: unknown, field: string): boolean {
  return listIn(rule, field).length > 0
}

/** What the catalogue means by it cannot be said in the words of a file. */
function ofBuiltIn(rule: unknown): readonly Found[] {
  const fields = [...MATCHES, ...NO_LISTS, ...BESIDE, 'apiGroups', 'replaces'].filter(
    field => fieldOf(rule, field) !== undefined,
  )
  const message = `has no meaning here: "${textIn(rule, 'id')}" is built in, and only tier and why can be another`
  return fields.map(field => ({ path: [field], message }))
}

function ofOwn(rule: unknown, before: readonly string[]): readonly Found[] {
  const problems: Found[] = []
  const say = (field: string, message: string) => problems.push({ path: field === '' ? [] : [field], message })
  if (fieldOf(rule, 'why') === undefined) say('', 'must have why: what a human is told, going on from "this …"')
  if (!MATCHES.some(field => has(rule, field)) && NO_LISTS.every(field => fieldOf(rule, field) === undefined)) {
    say('', `must say what it is about: ${[...MATCHES, ...NO_LISTS].join(', ')}`)
  }
  if (has(rule, 'resources') !== has(rule, 'apiGroups')) {
    say('', 'must have apiGroups and resources together: [""] for the core group')
  }
  if (has(rule, 'namespaces') && fieldOf(rule, 'namespaceClass') !== undefined) {
    say('namespaceClass', 'must not stand beside namespaces: list them in one of the two')
  }
  if (has(rule, 'changes') && has(rule, 'changesOnly')) say('changesOnly', 'must not stand beside changes')
  if (fieldOf(rule, 'ownPrefixes') !== undefined && !has(rule, 'changesOnly'))
    say('ownPrefixes', 'has no meaning without changesOnly: [annotations] or [labels]')
  if (has(rule, 'replaces')) problems.push(...replacing(rule, before))
  return problems
}

/** A rule stands for others only where it says all of what happens. */
function replacing(rule: unknown, before: readonly string[]): readonly Found[] {
  const unsure = ['changes', 'minObjects'].filter(field => fieldOf(rule, field) !== undefined)
  const own = textIn(rule, 'id')
  return [
    ...unsure.map(field => ({
      path: [field],
      message:
        'must not stand beside replaces: it says what may happen, and more may happen beside it (changesOnly says all)',
    })),
    ...textsIn(rule, 'replaces').flatMap((id, at) => {
      const message = id === own ? 'is the rule itself' : 'must be built in, or stand above this rule'
      return isBuiltIn(id) || before.includes(id) ? [] : [{ path: ['replaces', at], message }]
    }),
  ]
}
