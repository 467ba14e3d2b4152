import type { MaskRules } from '../../policy/policy.ts'

/** Whether one of the rules names it. Each is looked at once: no pattern can make this slow. */
export function hasMaskedName(name: string, { names }: MaskRules): boolean {
  const lower = name.toLowerCase()
  return names.some(pattern => matches(lower, pattern.toLowerCase()))
}

function matches(name: string, pattern: string): boolean {
  const [open, close] = [pattern.startsWith('*'), pattern.endsWith('*')]
  const core = pattern.slice(open ? 1 : 0, close ? -1 : undefined)
  if (open && close) return name.includes(core)
  if (open) return name.endsWith(core)
  return close ? name.startsWith(core) : name === core
}

/** Everything that a credential may consist of; a slash ends it, because paths are worth keeping. */
const WORD = /[A-Za-z0-9._~+=-]+/g

/** The text with each word replaced from where one of the prefixes begins in it. */
export function maskPrefixed(text: string, { prefixes }: MaskRules, mask: string): string {
  if (prefixes.length === 0) return text
  return text.replace(WORD, word => {
    const starts = prefixes.map(prefix => startOf(word, prefix)).filter(at => at >= 0)
    return starts.length === 0 ? word : `${word.slice(0, Math.min(...starts))}${mask}`
  })
}

/** Where the prefix begins and something follows it, not in the middle of another word; -1: nowhere. */
function startOf(word: string, prefix: string): number {
  for (let at = word.indexOf(prefix); at >= 0; at = word.indexOf(prefix, at + 1)) {
    if (word.length > at + prefix.length && !/[A-Za-z0-9]/.test(word[at - 1] ?? ' ')) return at
  }
  return -1
}
