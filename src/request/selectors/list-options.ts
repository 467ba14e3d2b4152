import { firstValue, isTrue, type Query } from '../query.ts'
import { parseFieldSelector, requiredValue } from './field-selector.ts'
import { isLabelSelector } from './label-selector.ts'

export interface ListOptions {
  readonly watch: boolean
  /** The one object that the field selector demands by metadata.name; '' when it demands none. */
  readonly name: string
}

/**
 * What RequestInfo takes from the query of a collection: it decodes metav1 ListOptions, and when any field of them does not decode
 * it forgets all but `watch`.
 */
export function readListOptions(query: Query): ListOptions {
  const terms = parseFieldSelector(firstValue(query, 'fieldSelector') ?? '')
  if (terms === null || !decodes(query)) return { watch: watchAlone(query), name: '' }
  const name = requiredValue(terms, 'metadata.name') ?? ''
  return { watch: isTrue(query, 'watch'), name: isPathSegment(name) ? name : '' }
}

function decodes(query: Query): boolean {
  return (
    isLabelSelector(firstValue(query, 'labelSelector') ?? '') &&
    isInt64(firstValue(query, 'timeoutSeconds')) &&
    isInt64(firstValue(query, 'limit'))
  )
}

/** Here the API server compares lower-cased text, not folded text as in isTrue. */
function watchAlone(query: Query): boolean {
  const value = firstValue(query, 'watch')
  return value !== undefined && !['0', 'false'].includes(value.toLowerCase())
}

/** strconv.ParseInt(text, 10, 64); a parameter that is not there is fine. */
function isInt64(text: string | undefined): boolean {
  if (text === undefined) return true
  if (!/^[+-]?[0-9]+$/.test(text)) return false
  const number = BigInt(text.replace('+', ''))
  return number === BigInt.asIntN(64, number)
}

function isPathSegment(name: string): boolean {
  return name !== '.' && name !== '..' && !/[/%]/.test(name)
}
