import type { MaskRules } from '../../../policy/policy.ts'
import { MASK } from '../hidden.ts'
import { isSecretName } from '../secret-name.ts'
import { isReference } from './named-values.ts'
import { commandIn, valueSpan } from './value-span.ts'

/** `"name": "DB_PASSWORD"`, `name=DB_PASSWORD`, `- name: DB_PASSWORD`, `"path": "/spec/password"`. */
const NAME = String.raw`\b(?:name|key|path|field)\\{0,4}["']?[ \t]{0,4}[:=][ \t]{0,4}\\{0,4}["']?(?<name>[\w./~-]{1,128})`
const VALUE = String.raw`\bvalue\\{0,4}["']?[ \t]{0,4}[:=][ \t]{0,4}`
/** What may stand between the two: an end of a quote, a comma, a line, the beginning of the other's name. */
const BETWEEN = String.raw`\\{0,4}["']?[ \t\n,]{1,32}\\{0,4}["']?(?:[\w.-]{1,32}\[\d{1,4}\]\.)?`

const NAME_FIRST = new RegExp(`${NAME}${BETWEEN}(?<sign>${VALUE})`, 'g')
const VALUE_FIRST = new RegExp(
  String.raw`(?<sign>${VALUE})(?<value>\\{0,4}"[^"\n\`|;]{1,512}"|[^\s"',\`|;$]{1,128})${BETWEEN}${NAME}`,
  'g',
)
/** `putenv("TOKEN", "x")`. What is not known to set something may run it. */
const ARGUMENTS =
  /\b\w{0,16}(?:put|set|define|append|add)\w{0,16}\([ \t]{0,4}\\{0,4}["'](?<name>[\w./-]{1,128})\\{0,4}["'][ \t]{0,4}(?<sign>,[ \t]{0,4})(?=\\{0,4}["'])/g

/**
 * Replaces values of which the name stands apart from them: as variables of a container have it, and steps of a JSON patch.
 * Not for a text of which a part may run: a value may be that part.
 */
export function maskApart(text: string, rules: MaskRules, ofSecret: boolean): string {
  const isNamed = (name: string) => isSecretPath(name, rules, ofSecret)
  let masked = text
  if (/value/.test(masked)) {
    masked = maskAfter(masked, NAME_FIRST, isNamed)
    masked = masked.replace(VALUE_FIRST, (all, ...found) => {
      const { name = '', sign = '', value = '' } = found.at(-1) as Record<string, string>
      return isNamed(name) && commandIn(value) === value.length
        ? `${sign}${MASK}${all.slice(sign.length + value.length)}`
        : all
    })
  }
  return /["'][ \t]{0,4},/.test(masked) ? maskAfter(masked, ARGUMENTS, isNamed) : masked
}

function maskAfter(text: string, pattern: RegExp, isNamed: (name: string) => boolean): string {
  const pieces: string[] = []
  let done = 0
  pattern.lastIndex = 0
  for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) {
    const span = isNamed(found.groups?.['name'] ?? '') ? valueSpan(text, pattern.lastIndex) : null
    if (span === null || span.from < done || isReference(text.slice(span.from, span.to))) continue
    pieces.push(text.slice(done, span.from), MASK)
    done = span.to
    pattern.lastIndex = done
  }
  return done === 0 ? text : pieces.join('') + text.slice(done)
}

/** The last part of a path says what it leads to; what leads into a Secret's texts is one, whatever its name is. */
function isSecretPath(name: string, rules: MaskRules, ofSecret: boolean): boolean {
  if (name.startsWith('/stringData/') || (ofSecret && name.startsWith('/data/'))) return true
  const last = name.slice(name.lastIndexOf('/') + 1)
  return last !== '' && !last.startsWith('-') && isSecretName(last.slice(-64), rules)
}
