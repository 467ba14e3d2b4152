/** One comma-separated term, unescaped. */
interface Term {
  readonly field: string
  readonly equal: boolean
  readonly value: string
}

let last: { readonly selector: string; readonly terms: readonly Term[] | null } = { selector: '', terms: [] }

/**
 * The terms of a field selector in Kubernetes' order (sorted as text), or null where fields.ParseSelector of k8s.io/apimachinery fails.
 * The last one is kept: reading, judging and proposing leases all ask for that of the same request.
 */
export function parseFieldSelector(selector: string): readonly Term[] | null {
  if (selector !== last.selector) last = { selector, terms: parsed(selector) }
  return last.terms
}

function parsed(selector: string): readonly Term[] | null {
  const terms: Term[] = []
  for (const text of splitTerms(selector).toSorted(compareBytes)) {
    if (text === '') continue
    const term = parseTerm(text)
    if (term === null) return null
    terms.push(term)
  }
  return terms
}

/** The value that the selector demands of a field: the first term that names it with = or ==. */
export function requiredValue(terms: readonly Term[], field: string): string | undefined {
  return terms.find(term => term.equal && term.field === field)?.value
}

function splitTerms(selector: string): readonly string[] {
  return selector.match(/(?:\\[\s\S]|[^,\\]|\\$)+/g) ?? []
}

/** Go sorts strings by their bytes, JavaScript by UTF-16 units. */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

function parseTerm(text: string): Term | null {
  const operator = /!=|==|=/.exec(text)
  if (operator === null) return null
  const value = unescapeValue(text.slice(operator.index + operator[0].length))
  return value === null ? null : { field: text.slice(0, operator.index), equal: operator[0] !== '!=', value }
}

/** Only \\ \, and \= are escapes; a bare comma or equals sign is an error. */
function unescapeValue(escaped: string): string | null {
  if (!/^(?:\\[\\,=]|[^\\,=])*$/.test(escaped)) return null
  return escaped.replace(/\\([\\,=])/g, '$1')
}
