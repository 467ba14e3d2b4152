import type { Rule } from '../../lease/lease.ts'
import type { Use } from './use.ts'

type Parameters = NonNullable<Use['parameters']>

interface Placed {
  /** With every word, `web`, that a lease was asked with as the place that it may have stood in, `{name}`. */
  readonly rule: Rule
  /** Null where there is none. */
  readonly key: string | null
  readonly filled: string
}

/**
 * Puts the places of a template back. The record has rules as leases had them, filled. A word is taken for a place only where leases were asked
 * with several, and the rule followed each: what a template writes out stays as it is.
 */
export function withPlaces(uses: readonly Use[]): { readonly uses: readonly Use[]; readonly notes: readonly string[] } {
  const notes = new Set<string>()
  const fillings = new Map<string, Set<string>>()
  for (const { covered, parameters = {} } of uses) {
    for (const { rule } of covered) {
      const { key, filled } = placedRule(rule, parameters)
      if (key !== null) fillings.set(key, (fillings.get(key) ?? new Set()).add(filled))
    }
  }
  const isPlace = ({ key }: Placed) => key !== null && (fillings.get(key)?.size ?? 0) > 1
  const placed = uses.map(use => {
    const { parameters = {} } = use
    const parts = use.covered.map(part => ({ part, placed: placedRule(part.rule, parameters) }))
    const kept = parts.filter(one => isPlace(one.placed))
    for (const one of parts)
      if (one.placed.key !== null && !isPlace(one.placed)) noteWords(parameters, one.placed, notes)
    if (kept.length === 0) return use
    const covered = parts.map(({ part, placed: own }) => (isPlace(own) ? { ...part, rule: own.rule } : part))
    return {
      ...use,
      ...wordsOf(
        use,
        kept.map(one => one.placed),
      ),
      covered,
    }
  })
  return { uses: placed, notes: [...notes] }
}

function placedRule(rule: Rule, parameters: Parameters): Placed {
  const resourceNames = rule.resourceNames.map(name => unfilled(name, parameters))
  const commands = rule.commands.map(command => command.map(word => unfilled(word, parameters)))
  const [words, filled] = [
    JSON.stringify([resourceNames, commands]),
    JSON.stringify([rule.resourceNames, rule.commands]),
  ]
  if (words === filled) return { rule, key: null, filled }
  const placed = { ...rule, resourceNames, commands }
  return { rule: placed, key: JSON.stringify({ ...placed, namespaces: [] }), filled }
}

/** What was done, in the same words: an object by the place that its name stood in, a command by those of the rule. */
function wordsOf({ name, command, parameters = {} }: Use, placed: readonly Placed[]): Pick<Use, 'name' | 'command'> {
  const isIn = (words: readonly string[], word: string) =>
    word !== unfilled(word, parameters) && words.includes(unfilled(word, parameters))
  const names = placed.flatMap(({ rule }) => rule.resourceNames)
  const words = placed.flatMap(({ rule }) => rule.commands.flat())
  const put = (all: readonly string[]) => (word: string) => (isIn(all, word) ? unfilled(word, parameters) : word)
  return { name: put(names)(name), command: command.map(put(words)) }
}

/** Longer ones first: one may be a part of another. */
function unfilled(text: string, parameters: Parameters): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== '')
  const longest = given.toSorted(([, one], [, other]) => other.length - one.length)
  return longest.reduce((words, [name, value]) => {
    const word = new RegExp(`(?<![\\w{])${value.replaceAll(/[^\w-]/g, '\\$&')}(?![\\w}])`, 'g')
    return words.replaceAll(word, () => `{${name}}`)
  }, text)
}

function noteWords(parameters: Parameters, { rule }: Placed, notes: Set<string>): void {
  const words = [...rule.resourceNames, ...rule.commands.flat()]
  for (const [name, value] of Object.entries(parameters)) {
    if (words.some(word => word.includes(`{${name}}`)))
      notes.add(
        `all of these leases were asked for with ${name}=${value}; where the template has {${name}}, write it again`,
      )
  }
}
