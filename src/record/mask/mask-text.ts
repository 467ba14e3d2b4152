import type { MaskRules } from '../../policy/policy.ts'
import { mayRunTexts, runsWhatItReads } from './commands/runs.ts'
import { MASK } from './hidden.ts'
import { maskPrefixed } from './mask-rules.ts'
import { mayHoldCredential } from './may-hold.ts'
import { maskRandom, mayHoldRandom, UUID } from './random.ts'
import { NO_RULES } from './secret-name.ts'
import { maskApart } from './values/apart.ts'
import { maskBlocks } from './values/blocks.ts'
import { maskBehind, maskNamedValues } from './values/named-values.ts'
import { maskByPosition } from './values/positions.ts'
import { maskSecretObjects } from './values/secret-object.ts'

/** A private key is lines of base64; a short last line counts where the end of the key is told. Other lines are none of it. */
const BREAK = String.raw`(?:\\{1,4}[nr]|\s){0,8}`
const KEY = '[A-Z0-9 ]{0,40}PRIVATE KEY-----'
const PRIVATE_KEY = new RegExp(
  [
    `-----BEGIN ${KEY}`,
    `(?:${BREAK}(?:Proc-Type: 4,ENCRYPTED|DEK-Info: [A-Z0-9-]{1,40},[0-9A-F]{1,64})){0,2}`,
    `(?:${BREAK}[A-Za-z0-9+/]{16,}={0,2})*`,
    `(?:${BREAK}[A-Za-z0-9+/]{1,15}={0,2}(?=${BREAK}-----END ${KEY}))?(?:${BREAK}-----END ${KEY})?`,
  ].join(''),
  'g',
)

/** Shapes that give a credential away wherever they stand. */
const SHAPES: readonly RegExp[] = [
  PRIVATE_KEY,
  /\beyJ[\w-]{8,}(\.[\w-]*){0,4}/g,
  /\b(AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}/g,
  /\b(gh[opsur]_|github_pat_|glpat-|gldt-|glrt-|xox[abeoprs]-|xapp-|npm_|pypi-|dop_v1_|hv[sbr]\.|sk-|sk_|rk_|pk_live_|SG\.|AIza|ya29\.|shpat_|dckr_pat_|AGE-SECRET-KEY-|lgp_)[\w.-]{8,}/g,
]

/** `scheme://user:password@`, and `scheme://token@`: the part before the host is all credential. */
const USER_INFO = /\b([a-z][a-z0-9+.-]{1,20}:\/\/)(?:[^\s/?#@'"`|;&$]|&(?!&)|\$(?!\()){1,512}@/gi

const SCHEME = /\b(bearer|basic|digest|negotiate|apikey|splunk)([ \t]{1,8}|%20|\\{1,4} )(?!\[masked\])[\w.~+/=-]{6,}/gi

/** SQL and the shells of databases: the next text in quotes. */
const QUOTED_BEHIND = [
  /\bpass(?:word|wd|phrase)[ \t]{1,8}(?:for[ \t]{1,8}[^=\n;|]{1,128}=[ \t]{0,8})?(?:password[ \t]{0,4})?\(?[ \t]{0,4}(?=[\\'"]|\$\$|[enux]&?')/gi,
  /\bpassword\([ \t]{0,4}/gi,
  /\bidentified[ \t]{1,8}(?:with[ \t]{1,8}[\w'"]{1,64}[ \t]{1,8})?(?:by|as)[ \t]{1,8}(?:password[ \t]{1,8})?/gi,
  /\bcrypt\([ \t]{0,4}/gi,
  /\bconvertto-securestring[ \t]{1,8}(?:-string[ \t]{1,8})?/gi,
  /\bpragma[ \t]{1,8}(?:re)?key[ \t]{0,4}=[ \t]{0,4}/gi,
]

/** ~/.netrc */
const NETRC = /\b(?:login|account)[ \t\n]{1,8}[^\s;|`]{1,128}[ \t\n]{1,8}password[ \t]{1,8}/g

/** What a text is an argument of. */
export interface OfCommand {
  /** It writes Secrets. */
  readonly ofSecret: boolean
  /** Some argument may run what another one holds. */
  readonly runsTexts: boolean
}

const NO_COMMAND: OfCommand = { ofSecret: false, runsTexts: false }

/** In most texts none of this stands. */
const MAY_BE_APART = /value|data|stringData|["'][ \t]{0,4},|<</

/** Free text (a header, a script, a path) with every credential that can be recognised replaced. */
export function maskText(text: string, rules: MaskRules = NO_RULES, command = NO_COMMAND): string {
  return maskRandom(maskShaped(text, rules, command), MASK, decoded => maskShaped(decoded, rules) !== decoded)
}

/** False only where no line of the text is changed by `maskText`: that is told of many lines in one look. */
export function mayBeMasked(text: string): boolean {
  return mayHoldCredential(text) || mayHoldRandom(text)
}

function maskShaped(text: string, rules: MaskRules, { ofSecret, runsTexts } = NO_COMMAND): string {
  // Each command of kubectl names itself by another one. No shape, no name and no word that announces something is in any.
  if (UUID.test(text)) return maskPrefixed(text, rules, MASK)
  if (!ofSecret && rules.names.length === 0 && !mayHoldCredential(text)) return maskPrefixed(text, rules, MASK)
  const mayRun = () => runsTexts || mayRunTexts(text) || runsWhatItReads(text)
  const isRun = MAY_BE_APART.test(text) && mayRun()
  let masked = maskPrefixed(text, rules, MASK)
  for (const shape of SHAPES) masked = masked.replace(shape, MASK)
  masked = masked.replace(USER_INFO, `$1${MASK}@`)
  if (!isRun) masked = maskSecretObjects(masked, ofSecret)
  if (!isRun && masked.includes('<<')) masked = maskBlocks(masked, rules)
  masked = maskByPosition(masked, mayRun)
  masked = maskNamedValues(masked, rules)
  if (!isRun) masked = maskApart(masked, rules, ofSecret)
  masked = masked.replace(SCHEME, `$1$2${MASK}`)
  return ANNOUNCED.test(masked) ? maskAnnounced(masked) : masked
}

/** In most texts none of this stands. */
const ANNOUNCED = /pass(?:word|wd|phrase)|identified|crypt\(|securestring|pragma/i

function maskAnnounced(text: string): string {
  let masked = text
  for (const announcement of QUOTED_BEHIND) masked = maskBehind(masked, announcement, true)
  return maskBehind(masked, NETRC, false)
}
