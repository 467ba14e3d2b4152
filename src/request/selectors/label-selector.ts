const MAX_NAME = 63
const MAX_PREFIX = 253
const MAX_INT64 = 2n ** 63n - 1n

const TOKENS = /!=|==|[=!(),<>]|[^=!(),<> \t\r\n]+/g
const NAME = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/
const DNS_LABEL = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/

/**
 * Whether labels.Parse of k8s.io/apimachinery accepts the selector. What it selects is the API server's business; that it parses
 * decides whether a field selector in the same query names the object (see readListOptions).
 */
export function isLabelSelector(selector: string): boolean {
  const tokens = new Tokens(selector)
  if (tokens.peek() === '') return true
  do {
    if (!isRequirement(tokens)) return false
  } while (tokens.takeIf(','))
  return tokens.peek() === ''
}

function isRequirement(tokens: Tokens): boolean {
  const absent = tokens.takeIf('!')
  if (!isLabelKey(tokens.take())) return false
  const after = tokens.peek()
  if (absent || after === '' || after === ',') return true
  const operator = tokens.take()
  if (operator === 'in' || operator === 'notin') return isValueSet(tokens)
  if (operator === '<' || operator === '>') return isInteger(exactValue(tokens))
  return /^(?:=|==|!=)$/.test(operator) && isLabelValue(exactValue(tokens))
}

function exactValue(tokens: Tokens): string {
  return tokens.peek() === ',' ? '' : tokens.take()
}

/** '(' values ')': commas may be missing values ('(,a,,)'), but two values never stand side by side. */
function isValueSet(tokens: Tokens): boolean {
  if (!tokens.takeIf('(')) return false
  while (!tokens.takeIf(')')) {
    if (tokens.takeIf(',')) continue
    const value = tokens.take()
    const next = tokens.peek()
    if (value === '' || !isLabelValue(value) || (next !== ',' && next !== ')')) return false
  }
  return true
}

function isLabelKey(key: string): boolean {
  const [first = '', second, ...rest] = key.split('/')
  if (rest.length > 0) return false
  if (second === undefined) return isName(first)
  return first.length <= MAX_PREFIX && first.split('.').every(label => DNS_LABEL.test(label)) && isName(second)
}

function isLabelValue(value: string): boolean {
  return value === '' || isName(value)
}

function isName(text: string): boolean {
  return text.length <= MAX_NAME && NAME.test(text)
}

function isInteger(text: string): boolean {
  return /^[0-9]{1,63}$/.test(text) && BigInt(text) <= MAX_INT64
}

/** The selector's tokens in order, and '' for ever after the last. */
export class Tokens {
  readonly #tokens: readonly string[]
  #at = 0

  constructor(selector: string) {
    this.#tokens = selector.match(TOKENS) ?? []
  }

  peek(): string {
    return this.#tokens[this.#at] ?? ''
  }

  take(): string {
    const token = this.peek()
    this.#at += 1
    return token
  }

  takeIf(wanted: string): boolean {
    if (this.peek() !== wanted) return false
    this.#at += 1
    return true
  }
}
