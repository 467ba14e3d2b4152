import type { MaskRules } from '../../policy/policy.ts'
import { isSecretName, MASK, maskText, NO_RULES } from './mask-text.ts'

/** Options whose value is a credential although their name is one letter; by program, because `-p` is a port elsewhere. */
const SHORT_OPTIONS: readonly { readonly programs: RegExp; readonly options: readonly string[] }[] = [
  { programs: /^(mysql|mariadb|mycli|percona|xtrabackup)/, options: ['-p'] },
  {
    programs: /^(sshpass|mongo|mongosh|mongodump|mongorestore|mongoexport|docker|podman|helm|az|oc)$/,
    options: ['-p'],
  },
  { programs: /^(redis-cli|valkey-cli)$/, options: ['-a'] },
  { programs: /^(curl|wget|http|https|xh)$/, options: ['-u', '-U', '-E', '-b', '-a'] },
  { programs: /^ldap/, options: ['-w'] },
  { programs: /^(sqlcmd|bcp|isql)$/, options: ['-P'] },
  { programs: /^(smbclient|net|rpcclient)$/, options: ['-U'] },
  { programs: /^(openssl|gpg|zip|unzip|7z|7za)$/, options: ['-k', '-K', '-P', '-pass', '-passin', '-passout', '-p'] },
]

const SPACE = /(\s+)/

/**
 * An argument vector as it may be kept: same length, credentials replaced. It looks at option names, at known shapes of
 * tokens and at randomness, also inside scripts (`sh -c …`). It can miss a secret that looks like a plain word.
 */
export function maskCommand(argv: readonly string[], rules: MaskRules = NO_RULES): readonly string[] {
  let options: ReadonlySet<string> = new Set()
  let secretNext = false
  return argv.map(argument => {
    if (secretNext && !isOption(argument)) {
      secretNext = false
      return MASK
    }
    options = new Set([...options, ...shortOptionsOf(argument)])
    secretNext = announcesSecret(argument, options, rules)
    return maskAttached(argument, options) ?? (secretNext ? argument : maskArgument(argument, rules))
  })
}

/** `-pSECRET`: whatever follows the letter is the secret, also where it reads like the name of an option itself. */
function maskAttached(argument: string, options: ReadonlySet<string>): string | undefined {
  if (options.has(argument) || argument.startsWith('--') || SPACE.test(argument)) return undefined
  const option = [...options].find(letter => argument.startsWith(letter))
  return option === undefined ? undefined : `${option}${MASK}`
}

function maskArgument(argument: string, rules: MaskRules): string {
  const masked = maskText(argument, rules)
  return SPACE.test(masked) ? maskScript(masked, rules) : masked
}

/** The words of a script are an argument vector with its spaces kept; one level deep is enough, text rules did the rest. */
function maskScript(script: string, rules: MaskRules): string {
  const parts = script.split(SPACE)
  const words = parts.filter((_, index) => index % 2 === 0)
  const masked = maskCommand(words.map(unquoted), rules)
  return parts.map((part, index) => (index % 2 === 0 ? requoted(part, masked[index / 2] ?? MASK) : part)).join('')
}

const unquoted = (word: string): string => word.replace(/^["']+|["';]+$/g, '')

function requoted(word: string, masked: string): string {
  const bare = unquoted(word)
  return bare === masked ? word : word.replace(bare, () => masked)
}

function isOption(argument: string): boolean {
  return /^--?[A-Za-z][\w-]*(=|$)/.test(argument)
}

/** `--password` and the short options above: the next argument is the secret. */
function announcesSecret(argument: string, options: ReadonlySet<string>, rules: MaskRules): boolean {
  if (options.has(argument)) return true
  const named = /^--?([A-Za-z][\w.-]*)$/.exec(argument)
  return named?.[1] !== undefined && isSecretName(named[1], rules)
}

function shortOptionsOf(argument: string): readonly string[] {
  const program = argument.slice(argument.lastIndexOf('/') + 1)
  return SHORT_OPTIONS.filter(({ programs }) => programs.test(program)).flatMap(({ options }) => options)
}
