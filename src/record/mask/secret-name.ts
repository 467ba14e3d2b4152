import type { MaskRules } from '../../policy/policy.ts'
import { hasMaskedName } from './mask-rules.ts'

/** What is known everywhere, and no more. */
export const NO_RULES: MaskRules = { names: [], prefixes: [] }

const SECRET_WORD =
  /pass(word|wd|phrase|code)?$|^pass|passw|passphrase|secret|token|credential|api[_-]?key|access[_-]?key|private[_-]?key|signing[_-]?key|encryption[_-]?key|account[_-]?key|shared[_-]?key|master[_-]?auth|auth$|authorization|bearer|cookie|(?:^|[_-])pwd?$|^psk$|pre[_-]?shared|auth[_-]?key|(?:license|subscription|functions|certificate)[_-]?key$|mnemonic|seed[_-]?phrase|^pat$|^sas$|^sig$|signature$|webhook|dsn$|sonar\.login$|connection[_-]?string|jwt/i

/** The same wherever it stands in a text: a pattern without captures. */
export const SECRET_ANYWHERE = SECRET_WORD.source
  .replace(/\^(\w+)\$/g, String.raw`(?<!\w)$1(?!\w)`)
  .replace(/[$^]/g, '')
  .replace(/\((?!\?)/g, '(?:')

/** Names that contain such a word and yet hold no secret: references to one. */
const HARMLESS =
  /^(passthrough|passive|bypass|token[_-]?(file|path|ttl|type|url|endpoint)|.*[._-](file|path|dir|name|ttl|length|stdin))$/i
/** The same as Kubernetes writes its fields: `secretKeyRef`, `secretName`. */
const REFERENCE = /[a-z0-9](?:Name|Namespace|Ref|Path|File)$/
/** Fields of Kubernetes' API that say whether there is a token, which, and for whom. */
const OF_KUBERNETES =
  /(?:^|\.)(?:automountServiceAccountToken|imagePullSecrets|tokenRequests|webhooks|serviceAccountToken(?:InSecrets|\.(?:audience|expirationSeconds|path))?)$/

/** An option, variable, header or field of this name is taken to hold a credential. */
export function isSecretName(name: string, rules: MaskRules = NO_RULES): boolean {
  return hasMaskedName(name, rules) || (SECRET_WORD.test(name) && !isHarmless(name))
}

function isHarmless(name: string): boolean {
  return HARMLESS.test(name) || REFERENCE.test(name) || OF_KUBERNETES.test(name)
}
