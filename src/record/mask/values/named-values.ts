import type { MaskRules } from '../../../policy/policy.ts'
import { mayRunTexts, namesThatRun } from '../commands/runs.ts'
import { MASK } from '../hidden.ts'
import { isSecretName } from '../secret-name.ts'
import { structureAt } from './structured.ts'
import { isQuotedAt, type Span, valueSpan } from './value-span.ts'

/** name=value, name: value, "name":"value", ["name"]=value, ?name=value, --name=value. A scheme (https://) names nothing. */
const NAMED =
  /(?<![\w.-])([\w.-]+)(\\{0,4}["']?[\]}]?[ \t]{0,8}(?::=|===?|=>|\+?=|->|%3[dD]|:(?!\/\/)|\((?=[ \t]{0,4}\\{0,4}["']))(?:[ \t]|\\{1,4} ){0,8})/g

/** Headers: their value is the rest of the line, up to what a shell would run. */
const HEADER =
  /^(?:(?:proxy-)?authorization|(?:set-)?cookie|x-[\w-]{0,40}(?:token|key|auth|secret|password)|private-token|job-token)$/i

const NEXT_COOKIE = /;[ \t]{0,4}[\w.-]{1,64}=/y

/** Replaces the values of which the name says that they are credentials. Where it says nothing, the value may hold names again. */
export function maskNamedValues(text: string, rules: MaskRules): string {
  const pieces: string[] = []
  let done = 0
  let run: ReadonlySet<string> | null = null
  NAMED.lastIndex = 0
  for (let named = NAMED.exec(text); named !== null; named = NAMED.exec(text)) {
    const [, name = '', sign = ''] = named
    const at = NAMED.lastIndex
    if (isEmpty(sign) || !isSecretName(plainName(name), rules)) continue
    run ??= namesThatRun(text)
    // `spawn_auth("x")`, and `token=x; $token`.
    if (run.has(plainName(name)) || (sign.includes('(') && mayRunTexts(`${name}(`))) continue
    const structure = structureAt(text, at)
    for (const { from, to } of structure?.secrets ?? []) {
      pieces.push(text.slice(done, from), MASK)
      done = to
    }
    if (structure !== null) {
      NAMED.lastIndex = structure.end
      continue
    }
    for (const { from, to } of secretsAt(text, at, plainName(name), sign)) {
      pieces.push(text.slice(done, from), MASK)
      done = to
    }
    NAMED.lastIndex = Math.max(at, done)
  }
  return done === 0 ? text : pieces.join('') + text.slice(done)
}

/** `password= rm`: a shell sets it to nothing, and runs the rest. */
function isEmpty(sign: string): boolean {
  return /^=[ \t]/.test(sign)
}

function plainName(name: string): string {
  return name.replace(/^[-.]+/, '').slice(-64)
}

function secretsAt(text: string, at: number, name: string, sign: string): readonly Span[] {
  // `Authorization:\ Basic\ x` is one word.
  const isHeader = HEADER.test(name) && sign.includes(':') && !sign.includes('\\ ')
  const span = valueSpan(text, at, isHeader ? 'words' : 'word')
  if (span === null) return []
  const spans = isReference(text.slice(span.from, span.to)) ? [] : [span]
  return isHeader && /cookie$/i.test(name) ? [...spans, ...cookiesBehind(text, span.to)] : spans
}

function cookiesBehind(text: string, from: number): readonly Span[] {
  const spans: Span[] = []
  NEXT_COOKIE.lastIndex = from
  while (NEXT_COOKIE.test(text)) {
    const span = valueSpan(text, NEXT_COOKIE.lastIndex)
    if (span === null) break
    spans.push(span)
    NEXT_COOKIE.lastIndex = span.to
  }
  return spans
}

/** `$PASSWORD` names a secret without holding it, and says much about what was done. A hash such as `$6$…` is one. */
export function isReference(value: string): boolean {
  return /^\$(?:\w+|\{\w+\}?)$/.test(value)
}

/** What stands behind a name that announces it: all of it, with its quotes. */
export function maskBehind(text: string, announcement: RegExp, mustBeQuoted: boolean): string {
  const pieces: string[] = []
  let done = 0
  announcement.lastIndex = 0
  while (announcement.test(text)) {
    const at = announcement.lastIndex
    const span = mustBeQuoted && !isQuotedAt(text, at) ? null : valueSpan(text, at)
    if (span === null || span.from < done || isReference(text.slice(span.from, span.to))) continue
    pieces.push(text.slice(done, span.from), MASK)
    done = span.to
    announcement.lastIndex = done
  }
  return done === 0 ? text : pieces.join('') + text.slice(done)
}
