import { namesOf } from '../../policy/programs/interpreters.ts'

/** Looked for at the beginning of each run alone: a shorter one holds none. */
const SHORTEST = 12
const RUN = new RegExp(`(?<![A-Za-z0-9_+/=-])[A-Za-z0-9_+/=-]{${SHORTEST},}`, 'g')
const [LETTER, BETWEEN] = [1, 2]
/** By ASCII code: what is of a word, what stands between the words of a run; 0 for what ends it. */
const ASCII = 128
const OF_RUN = Uint8Array.from({ length: ASCII }, (_, code) => {
  const character = String.fromCharCode(code)
  return /[A-Za-z0-9]/.test(character) ? LETTER : /[/_=+-]/.test(character) ? BETWEEN : 0
})
/** A shorter word shows nothing, unless all of the run is base64. */
const SHORTEST_WORD = 16
const LONG_BASE64 = 32
/** Names something, and gives nothing away. */
export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** A script that runs what it decodes: then the code is the command, and must be seen. */
const DECODES = /base64|base32|b64|xxd|openssl|uudecode|gunzip|zcat/i
const INTERPRETER = namesOf('shell', 'foreign', 'language', 'console', 'runner')
const RUNS = new RegExp(
  String.raw`\|[ \t]{0,8}(?:[\w./-]{1,64}[ \t]{1,4}){0,4}(?:[\w.-]{0,64}/){0,8}${INTERPRETER}(?![\w-])|\b(?:eval|source|exec)\b|sh[ \t]{1,4}-c|<\(|^\.`,
)

/** The text with each run of characters replaced that is long and without words in it. `mask` stands in its place. */
export function maskRandom(text: string, mask: string, holdsSecret: (decoded: string) => boolean): string {
  let showsCode: boolean | null = null
  return text.replace(RUN, (run: string, at: number) => {
    const decoded = decodedText(run)
    if (decoded !== null && isPair(decoded)) return mask
    if (run.length < 20 || !isRandom(run, text.slice(Math.max(0, at - 8), at))) return run
    // Words in base64 are a text, or a command, like any other.
    showsCode ??= DECODES.test(text) && RUNS.test(text)
    const readable = showsCode || (decoded !== null && /\S\s+\S/.test(decoded))
    return readable && (decoded === null || !holdsSecret(decoded)) ? run : mask
  })
}

/** Whether a line of the text may have such a run. All that goes into containers is looked through, so runs are found by hand. */
export function mayHoldRandom(text: string): boolean {
  const { length } = text
  let [from, word, longest] = [0, 0, 0]
  for (let at = 0; at <= length; at++) {
    const code = at < length ? text.charCodeAt(at) : 0
    const kind = code < ASCII ? OF_RUN[code] : 0
    if (kind === LETTER) continue
    if (at - word > longest) longest = at - word
    word = at + 1
    if (kind === BETWEEN) continue
    if (at - from >= SHORTEST && mayBeRandom(text, from, at, longest)) return true
    from = word
    longest = 0
  }
  return false
}

function mayBeRandom(text: string, from: number, to: number, longest: number): boolean {
  const run = text.slice(from, to)
  const decoded = decodedText(run)
  if (decoded !== null && isPair(decoded)) return true
  // Neither is any of its words random then, nor all of it.
  if (longest < SHORTEST_WORD && run.length < LONG_BASE64 && !run.endsWith('=')) return false
  return run.length >= 20 && isRandom(run, text.slice(Math.max(0, from - 8), from))
}

/** Base64 of which no byte that begins four characters is over 127: most runs are none. */
const OF_ASCII = /^(?:[A-Za-f][A-Za-z0-9+/_-]{3}){3,}(?:[A-Za-z0-9+/_-]|[A-Za-f][A-Za-z0-9+/_-]{1,2})?={0,2}$/

/** What the run says when it is base64 of printable ASCII. */
function decodedText(run: string): string | null {
  if (!OF_ASCII.test(run)) return null
  const decoded = Buffer.from(run, 'base64').toString('latin1')
  return decoded.length >= (run.length * 3) / 4 - 3 && /^[\t\n\r\x20-\x7e]+$/.test(decoded) ? decoded : null
}

/** `user:password`, as Basic carries it. */
function isPair(decoded: string): boolean {
  return /^[\w.@+-]{1,64}:[^\s:/]{3,256}\s?$/.test(decoded)
}

/**
 * Long and without words in it: hex of 128 bits and more (digests of images and UUIDs excepted), base64, base36.
 * Names that Kubernetes makes up (web-7d4b9c6f5d-x2x9z) are pieces too short to count.
 */
function isRandom(run: string, before: string): boolean {
  if (UUID.test(run) || /sha(256|512)[:@-]$/i.test(before)) return false
  return base64(run) || run.split(/[/_=+-]+/).some(randomWord)
}

function base64(run: string): boolean {
  const padded = /^[A-Za-z0-9+/_-]{22,}={1,2}$/.test(run)
  if ((padded || (run.includes('+') && run.length >= LONG_BASE64)) && mixes(run) >= 2) return true
  // With slashes it could be a path: only case that changes all the time tells it apart (secret keys of AWS).
  return run.length >= LONG_BASE64 && mixes(run) === 3 && switches(run) >= run.length / 3
}

function randomWord(word: string): boolean {
  if (/^[0-9a-f]{32,}$/i.test(word)) return true
  if (word.length < SHORTEST_WORD || entropy(word) < 3.2) return false
  return (mixes(word) === 3 && switches(word) >= 4) || (word.length >= 24 && mixes(word) === 2 && switches(word) >= 6)
}

/** How many of upper case, lower case and digits occur. */
function mixes(text: string): number {
  return [/[a-z]/, /[A-Z]/, /[0-9]/].filter(kind => kind.test(text)).length
}

/** How often the kind of character changes: rarely in words and version numbers, all the time in keys. */
function switches(text: string): number {
  const kinds = text.replace(/[a-z]/g, 'a').replace(/[A-Z]/g, 'A').replace(/[0-9]/g, '0')
  return kinds.replace(/(.)\1+/g, '$1').length - 1
}

/** Shannon entropy, bits per character. */
function entropy(text: string): number {
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  return [...counts.values()].reduce((sum, n) => sum - (n / text.length) * Math.log2(n / text.length), 0)
}
