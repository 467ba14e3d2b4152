import type { Verdict } from '../policy/judge/verdict.ts'
import type { MaskRules } from '../policy/policy.ts'
import { maskText } from '../record/mask/mask-text.ts'
import { sha256Of } from './digest.ts'

type Asking = Extract<Verdict, { readonly kind: 'approval' }>

/** The mask of one question, and what of it is the policy's own. */
export interface OwnMask {
  readonly mask: (text: string) => string
  /** Hash of the policy's own rules where they hid something so far, '' where everything would read the same without them. */
  readonly used: () => string
}

export function ownMask(rules: MaskRules): OwnMask {
  const isEmpty = rules.names.length === 0 && rules.prefixes.length === 0
  let isUsed = false
  return {
    mask: text => {
      const masked = maskText(text, rules)
      if (!isEmpty && !isUsed) isUsed = masked !== maskText(text)
      return masked
    },
    used: () => (isUsed ? sha256Of([Buffer.from(JSON.stringify([rules.names, rules.prefixes]))]) : ''),
  }
}

/**
 * What the policy says to one request, hash: why somebody is asked, with every risk that asks; whether somebody has to watch; and what it hid of the question.
 * All else of a policy is asked again of the request that uses a yes, by the judge, so that no yes opens what an edit has closed. Who has to say it is bound by itself.
 */
export function judgementOf({ risk, asks = [risk], watched }: Asking, maskUsed: string): string {
  const said = [
    risk.id,
    risk.tier,
    risk.why,
    asks.map(({ id, tier, why }) => [id, tier, why]),
    watched === true,
    maskUsed,
  ]
  return sha256Of([Buffer.from(JSON.stringify(said), 'utf8')])
}
