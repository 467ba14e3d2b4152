import type { MaskRules } from '../../../policy/policy.ts'
import { MASK } from '../hidden.ts'
import { isSecretName } from '../secret-name.ts'
import { isReference } from './named-values.ts'
import { commandIn } from './value-span.ts'

/** Where a here document begins: its last word, and what else is on the line. */
const HERE = /<<-?[ \t]{0,4}\\?["']?(\w{1,64})["']?([^\n]{0,512})\n/g
/** What sends objects to a cluster, and runs none of them: `exec`, `run` and `debug` do. */
const SENDS = String.raw`(?:kubectl|oc)(?:[ \t]{1,8}-{1,2}[\w-]{1,32}(?:[= \t]{1,8}[\w./:][\w./:-]{0,127})?){0,8}[ \t]{1,8}(?:apply|create|replace|patch)(?![\w-])[^|;&()<>$\n\x60]*`
const SENT = new RegExp(String.raw`(?:^|[\s;&|({'"])${SENDS}$`)
/** One file, which nobody runs by its name. */
const KEPT = String.raw`[\w./-]{0,256}[\w-]\.(?:ya?ml|json|conf|cfg|ini|toml|properties|env)`
const COPIED = /(?:^|[\s;&|({'"])cat[ \t]*$/
const WRITTEN = new RegExp(String.raw`(?:^|[\s;&|({'"])(?:cat[ \t]*>|tee(?:[ \t]+-a)?[ \t])[ \t]*(${KEPT})[ \t]*$`)
const WRITTEN_BEHIND = new RegExp(String.raw`^[ \t]*>{1,2}[ \t]*(${KEPT})[ \t]*(?:$|['"])`)
/** Behind a copy: sent on, and to nothing else. */
const SENT_ON = new RegExp(String.raw`^[ \t]*\|[ \t]*${SENDS}['")]{0,4}$`)
/** `password: |`: the value is the lines below that stand further in. */
const BLOCK = /^([ \t]{0,64}(?:- )?)["']?([\w.-]{1,128})["']?:[ \t]{1,8}[|>][0-9+-]{0,2}[ \t\r]{0,8}$/
const MAX_LINE_BEFORE = 512

/**
 * Replaces the lines of a credential in YAML that is written down in a here document. Nowhere else: to a shell `password: |` is a pipe, and what
 * stands below it runs.
 */
export function maskBlocks(text: string, rules: MaskRules): string {
  const pieces: string[] = []
  let [done, files] = [0, 0]
  HERE.lastIndex = 0
  for (let here = HERE.exec(text); here !== null; here = HERE.exec(text)) {
    const [, end = '', rest = ''] = here
    const before = text.slice(Math.max(done, here.index - MAX_LINE_BEFORE), here.index)
    const line = before.slice(before.lastIndexOf('\n') + 1)
    const [begin, from] = [here.index - line.length, HERE.lastIndex]
    const beside = () => {
      files += 1
      return files > MOST_FILES ? null : `${text.slice(0, begin)}\n${text.slice(endOf(text, from, end))}`
    }
    if (!isKept(line, rest, beside)) continue
    const to = endOf(text, from, end)
    pieces.push(text.slice(done, from), maskLines(text.slice(from, to), rules))
    done = to
    HERE.lastIndex = to
  }
  return done === 0 ? text : pieces.join('') + text.slice(done)
}

/** Whether the document goes to a cluster, or to a file that nothing beside it may run: `beside` is all else, null where that is too much. */
function isKept(before: string, rest: string, beside: () => string | null): boolean {
  if (SENT.test(before)) return /^[ \t]*(?:[;&'")]|$)/.test(rest)
  if (COPIED.test(before) && SENT_ON.test(rest)) return true
  const file = /^[ \t]*(?:$|['"])/.test(rest) ? WRITTEN.exec(before) : COPIED.test(before) && WRITTEN_BEHIND.exec(rest)
  return !!file && !mayRun(file[1] ?? '', beside())
}

/** It may be called by its name, by a pattern or by a variable. */
function mayRun(file: string, others: string | null): boolean {
  const commands = others?.replace(SENT_FILE, ' ') ?? file
  return /[*?[\]{}$\x60~]/.test(commands) || commands.includes(file.slice(file.lastIndexOf('/') + 1))
}

/** A file that is sent to the cluster, by its name. */
const SENT_FILE = new RegExp(String.raw`(?:^|[\n;&|])[ \t]*${SENDS}`, 'g')
/** Each is compared with all else. */
const MOST_FILES = 8

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
