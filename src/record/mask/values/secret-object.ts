import { MASK } from '../hidden.ts'
import { structureAt } from './structured.ts'
import { beginsCommand, type Span } from './value-span.ts'

/** The texts of a Secret, in JSON and in YAML. */
const TEXTS = /\b(stringData|data)\\{0,4}["']?[ \t]{0,8}:[ \t]{0,8}/g
const IS_SECRET = /\bkind\\{0,4}["']?[ \t]{0,8}:[ \t]{0,8}\\{0,4}["']?Secret\b/
/** A line of YAML below another. Whatever has no name is none: a shell would run it. */
const LINE = /([ \t]{1,64}[\w.-]{1,253}:[ \t]{1,8})([^\n]*)(?:\n|$)/y

/**
 * Replaces what stands in a Secret that is written down: whatever it is called there, since it was put there to be secret. `data` is that of
 * Secrets where the text, or what it is an argument of, says so.
 */
export function maskSecretObjects(text: string, isOfSecret: boolean): string {
  if (!/stringData|data/.test(text)) return text
  const isSecret = isOfSecret || IS_SECRET.test(text)
  const pieces: string[] = []
  let done = 0
  TEXTS.lastIndex = 0
  for (let found = TEXTS.exec(text); found !== null; found = TEXTS.exec(text)) {
    const at = TEXTS.lastIndex
    if (found[1] === 'data' && !isSecret) continue
    const spans = text[at] === '\n' ? linesBelow(text, at + 1) : (structureAt(text, at)?.secrets ?? [])
    for (const { from, to } of spans) {
      pieces.push(text.slice(done, from), MASK)
      done = to
    }
    TEXTS.lastIndex = Math.max(at, done)
  }
  return done === 0 ? text : pieces.join('') + text.slice(done)
}

function linesBelow(text: string, at: number): readonly Span[] {
  const spans: Span[] = []
  LINE.lastIndex = at
  for (let line = LINE.exec(text); line !== null; line = LINE.exec(text)) {
    const [, name = '', value = ''] = line
    const from = line.index + name.length
    let to = from
    while (to < from + value.length && !beginsCommand(text, to)) to += 1
    if (to > from) spans.push({ from, to })
    if (to < from + value.length) break
  }
  return spans
}
