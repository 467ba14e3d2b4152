import type { MaskRules } from '../../policy/policy.ts'
import { hasMaskedName, maskPrefixed } from './mask-rules.ts'

export const MASK = '[masked]'

/** What is known everywhere, and no more. */
export const NO_RULES: MaskRules = { names: [], prefixes: [] }

const SECRET_WORD =
  /pass(word|wd|phrase|code)?$|^pass|passw|passphrase|secret|token|credential|api[_-]?key|access[_-]?key|private[_-]?key|signing[_-]?key|encryption[_-]?key|account[_-]?key|shared[_-]?key|auth$|authorization|bearer|cookie|^pwd$|[_-]pwd$|^sas$|webhook|dsn$|connection[_-]?string|jwt/i

/** Names that contain such a word and yet hold no secret: references to one. */
const HARMLESS =
  /^(passthrough|passive|bypass|token[_-]?(file|path|ttl|type|url|endpoint)|.*[_-](file|path|dir|name|ttl|length))$/i

/** An option, variable, header or field of this name is taken to hold a credential. */
export function isSecretName(name: string, rules: MaskRules = NO_RULES): boolean {
  return hasMaskedName(name, rules) || (SECRET_WORD.test(name) && !HARMLESS.test(name))
}

/** Shapes that give a credential away wherever they stand. */
const SHAPES: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\beyJ[\w-]{8,}(\.[\w-]*){0,4}/g,
  /\b(AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}/g,
  /\b(gh[opsur]_|github_pat_|glpat-|gldt-|glrt-|xox[abeoprs]-|xapp-|npm_|pypi-|dop_v1_|hv[sbr]\.|sk-|sk_|rk_|pk_live_|SG\.|AIza|ya29\.|shpat_|dckr_pat_|AGE-SECRET-KEY-|lgp_)[\w.-]{8,}/g,
]

/** `scheme://user:password@`, and `scheme://token@`: the part before the host is all credential. */
const USER_INFO = /\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/?#@'"]{1,512}@/gi

const SCHEME = /\b(bearer|basic|digest|negotiate|apikey|splunk)(\s+|%20)(?!\[masked\])[\w.~+/=-]{6,}/gi

const HEADER =
  /\b((?:proxy-)?authorization|(?:set-)?cookie|x-[\w-]{0,40}(?:token|key|auth|secret|password)|private-token|job-token)(["']?\s*:\s*["']?)(?!\[masked\])[^\s"'][^"'\n]*/gi

/** name=value, name: value, "name":"value", ?name=value. The name decides. */
const ASSIGNMENT = /([A-Za-z_][\w.-]{0,63})(["']?\s*(?::=|=>|=|:)\s*)("(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s"'&;,|)}]+)/g

/** Free text (a header, a script, a path) with every credential that can be recognised replaced. */
export function maskText(text: string, rules: MaskRules = NO_RULES): string {
  let masked = maskPrefixed(text, rules, MASK)
  for (const shape of SHAPES) masked = masked.replace(shape, MASK)
  masked = masked.replace(USER_INFO, `$1${MASK}@`)
  masked = masked.replace(HEADER, `$1$2${MASK}`)
  masked = masked.replace(SCHEME, `$1$2${MASK}`)
  masked = masked.replace(ASSIGNMENT, (all: string, name: string, sign: string, value: string) =>
    isSecretName(name, rules) && !isReference(value) ? `${name}${sign}${requote(value)}` : all,
  )
  return masked.replace(RUN, (run: string, ...rest: unknown[]) => (isRandom(run, textBefore(rest)) ? MASK : run))
}

/** `$PASSWORD`, `${PASSWORD}`, `$(cat …)` name a secret without holding it, and say much about what was done. */
function isReference(value: string): boolean {
  return /^["']?\$[\w{(]/.test(value)
}

function requote(value: string): string {
  const quote = /^["']/.exec(value)?.[0] ?? ''
  return `${quote}${MASK}${quote !== '' && value.length > 1 && value.endsWith(quote) ? quote : ''}`
}

const RUN = /[A-Za-z0-9_+/=-]{20,}/g
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** What stands right before the run: replace() hands over offset and whole text last. */
function textBefore(rest: readonly unknown[]): string {
  const [offset, whole] = rest.slice(-2)
  return typeof offset === 'number' && typeof whole === 'string' ? whole.slice(Math.max(0, offset - 8), offset) : ''
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
  if ((padded || (run.includes('+') && run.length >= 32)) && mixes(run) >= 2) return true
  // With slashes it could be a path: only case that changes all the time tells it apart (secret keys of AWS).
  return run.length >= 32 && mixes(run) === 3 && switches(run) >= run.length / 3
}

function randomWord(word: string): boolean {
  if (/^[0-9a-f]{32,}$/i.test(word)) return true
  if (word.length < 16 || entropy(word) < 3.2) return false
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
