import { isLabelSelector, Tokens } from './label-selector.ts'

/** One of what a label selector asks for, all of which have to hold. */
export interface Requirement {
  readonly key: string
  readonly operator: 'in' | 'notin' | 'exists' | 'absent' | '<' | '>'
  readonly values: readonly string[]
}

/** Null where labels.Parse fails, and where a list of values leaves some out, which nobody means. */
export function labelRequirements(selector: string): readonly Requirement[] | null {
  if (!isLabelSelector(selector)) return null
  const tokens = new Tokens(selector)
  const found: (Requirement | null)[] = []
  while (tokens.peek() !== '') {
    found.push(requirement(tokens))
    tokens.takeIf(',')
  }
  return found.every(each => each !== null) ? found : null
}

function requirement(tokens: Tokens): Requirement | null {
  if (tokens.takeIf('!')) return { key: tokens.take(), operator: 'absent', values: [] }
  const key = tokens.take()
  if (['', ','].includes(tokens.peek())) return { key, operator: 'exists', values: [] }
  const operator = tokens.take()
  if (operator === 'in' || operator === 'notin') {
    const values = valueSet(tokens)
    return values === null ? null : { key, operator, values }
  }
  const value = tokens.peek() === ',' ? '' : tokens.take()
  if (operator === '<' || operator === '>') return { key, operator, values: [value] }
  return { key, operator: operator === '!=' ? 'notin' : 'in', values: [value] }
}

function valueSet(tokens: Tokens): readonly string[] | null {
  tokens.take()
  const words: string[] = []
  for (let word = tokens.take(); word !== ')'; word = tokens.take()) words.push(word)
  const isWhole = words.length % 2 === 1 && words.every((word, at) => (word === ',') === (at % 2 === 1))
  return isWhole ? words.filter(word => word !== ',') : null
}

/** Whether whatever meets the one meets the other too; no where that takes more than a look at the two. */
export function implies(given: Requirement, wanted: Requirement): boolean {
  if (given.key !== wanted.key) return false
  switch (wanted.operator) {
    case 'exists':
      return given.operator === 'exists' || given.operator === 'in'
    case 'in':
      return given.operator === 'in' && given.values.every(value => wanted.values.includes(value))
    case 'notin':
      if (given.operator === 'in') return !given.values.some(value => wanted.values.includes(value))
      return (
        given.operator === 'absent' ||
        (given.operator === 'notin' && wanted.values.every(value => given.values.includes(value)))
      )
    case 'absent':
      return given.operator === 'absent'
    case '<':
    case '>':
      return given.operator === wanted.operator && given.values[0] === wanted.values[0]
  }
}
