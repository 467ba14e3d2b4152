import { beginsCommand, type Span } from './value-span.ts'

export interface Structure {
  /** Values in it, in order, without their quotes. */
  readonly secrets: readonly Span[]
  readonly end: number
}

/** What names a Secret, or a place in one, rather than holding it. */
const REFERENCES: ReadonlySet<string> = new Set([
  'name',
  'namespace',
  'key',
  'kind',
  'apiVersion',
  'secretName',
  'path',
])
const A_NAME = /^[\w./-]{1,253}$/

/** With what may stand before it: nothing but JSON's own words. Quotes come with the backslashes of whatever they are wrapped in. */
const SIGN = /([ \t,:]*(?:(?:true|false|null|-?\d[\d.eE+-]*)[ \t,]*)?)([{}[\]]|(\\{0,8})["'])/y
const BEGINS = /[ \t]{0,8}[{[](?=[ \t]{0,8}(?:[{[]|\\{0,8}["']))/y
const COLON = /[ \t]{0,8}:/y

/**
 * The object or list of JSON (or of what is written like it) that begins here, behind a name that announces a credential: whatever stands
 * in it is one, but for names of Secrets and of what is in them. It ends where it is JSON no more: a mask must not hide a command.
 * Null where a value of another kind begins.
 */
export function structureAt(text: string, at: number): Structure | null {
  BEGINS.lastIndex = at
  if (!BEGINS.test(text)) return null
  const secrets: Span[] = []
  let [depth, name, end, isAfterValue] = [0, '', at, false]
  for (let sign = signAt(text, at); sign !== null; sign = signAt(text, end)) {
    const [, between = '', found = '', backslashes] = sign
    // Two values side by side are words of a shell.
    if (isAfterValue && !/[}\]]/.test(found) && !between.includes(',')) break
    end = SIGN.lastIndex
    isAfterValue = backslashes !== undefined || /[}\]]/.test(found)
    if (backslashes === undefined) {
      depth += found === '{' || found === '[' ? 1 : -1
      if (depth === 0) break
      if (found === '{' || found === ']') name = ''
      continue
    }
    const value = quoted(text, end, found)
    COLON.lastIndex = value.end
    const isName = COLON.test(text)
    const words = text.slice(value.from, value.to)
    isAfterValue = !isName
    if (isName) name = words
    else if (words !== '' && !(REFERENCES.has(name) && A_NAME.test(words))) secrets.push(value)
    end = value.end
    if (!value.isWhole) break
  }
  return { secrets, end }
}

function signAt(text: string, at: number): RegExpExecArray | null {
  SIGN.lastIndex = at
  return SIGN.exec(text)
}

/** To the same quote, or to where a command may begin, or, where the quote is missing, to the end of the word. */
function quoted(text: string, from: number, quote: string): Span & { readonly end: number; readonly isWhole: boolean } {
  const closing = text.indexOf(quote, from)
  for (let at = from; at < (closing < 0 ? text.length : closing); at += 1) {
    if (beginsCommand(text, at) || (closing < 0 && /\s/.test(text[at] ?? '')))
      return { from, to: at, end: at, isWhole: false }
  }
  if (closing < 0) return { from, to: text.length, end: text.length, isWhole: false }
  return { from, to: closing, end: closing + quote.length, isWhole: true }
}
