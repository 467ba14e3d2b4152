import type { MaskRules } from '../../policy/policy.ts'
import { MASK } from './hidden.ts'
import { isReference } from './named-values.ts'
import { isSecretName } from './secret-name.ts'
import { commandIn } from './value-span.ts'

/** Where a here document begins: its last word, and what else is on the line. */
const HERE = /<<-?[ \t]{0,4}\\?["']?(\w{1,64})["']?([^\n]{0,512})\n/g
/** What keeps or sends what it reads, and runs none of it. */
const KEEPS = /(?:^|[\s;&|({'"])(?:cat|tee|kubectl|oc)(?:[ \t][^|;&\n]*)?$/
const PIPED_ON = /\|[ \t]{0,8}(?!(?:sudo[ \t]{1,8})?(?:tee|kubectl|oc)\b)/
/** `password: |`: the value is the lines below that stand further in. */
const BLOCK = /^([ \t]{0,64}(?:- )?)["']?([\w.-]{1,128})["']?:[ \t]{1,8}[|>][0-9+-]{0,2}[ \t\r]{0,8}$/
const MAX_LINE_BEFORE = 512

/**
 * Replaces the lines of a credential in YAML that is written down in a here document. Nowhere else: to a shell `password: |` is a pipe, and what
 * stands below it runs.
 */
export function maskBlocks(text: string, rules: MaskRules): string {
  const pieces: string[] = []
  let done = 0
  HERE.lastIndex = 0
  for (let here = HERE.exec(text); here !== null; here = HERE.exec(text)) {
    const [, end = '', rest = ''] = here
    const before = text.slice(Math.max(done, here.index - MAX_LINE_BEFORE), here.index)
    if (!KEEPS.test(before.slice(before.lastIndexOf('\n') + 1)) || PIPED_ON.test(rest)) continue
    const [from, to] = [HERE.lastIndex, endOf(text, HERE.lastIndex, end)]
    pieces.push(text.slice(done, from), maskLines(text.slice(from, to), rules))
    done = to
    HERE.lastIndex = to
  }
  return done === 0 ? text : pieces.join('') + text.slice(done)
}

/** Tabs may stand before the last word. */
function endOf(text: string, from: number, word: string): number {
  for (let at = from; at < text.length; ) {
    const next = text.indexOf('\n', at)
    const line = text.slice(at, Math.min(next < 0 ? text.length : next, at + 256))
    if (line.trim().replace(/["')]+$/, '') === word) return at
    if (next < 0) return text.length
    at = next + 1
  }
  return text.length
}

function maskLines(document: string, rules: MaskRules): string {
  let within: number | null = null
  return document
    .split('\n')
    .map(line => {
      const indent = line.length - line.trimStart().length
      if (within !== null && line.trim() !== '' && indent <= within) within = null
      if (within !== null) {
        const value = line.slice(indent)
        const to = commandIn(value)
        if (to < value.length) within = null
        return to === 0 || isReference(value) ? line : `${line.slice(0, indent)}${MASK}${value.slice(to)}`
      }
      const block = BLOCK.exec(line)
      if (block !== null && isSecretName((block[2] ?? '').slice(-64), rules)) within = (block[1] ?? '').length
      return line
    })
    .join('\n')
}
