import type { Policy } from '../policy.ts'
import { type Parameters, parameters } from './objects.ts'

/** Keys of one template end in these; a template's name has no upper case, so that no key is two things. */
export const DANGEROUS_KEY = '.dangerous'
export const ACCOUNTS_KEY = '.serviceAccounts'
/** The boundary's own namespace, and service accounts that are agents: they get no rights of their own. */
export const GUARDED_KEY = 'guardedNamespace'
export const AGENTS_KEY = 'agentAccounts'

const NAME = 'leasegate-admission'
const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+:[^:]+)$/

/** What of the policy file the admission policies go by: lists of words, since CEL reads no YAML. */
export function toParameters(policy: Policy, namespace: string, guarded: string): Parameters {
  const lists: readonly (readonly [string, readonly string[]])[] = [
    [GUARDED_KEY, guarded === '' ? [] : [guarded]],
    [AGENTS_KEY, policy.agents.flatMap(({ match }) => SERVICE_ACCOUNT.exec(match.claims['sub'] ?? '')?.[1] ?? [])],
    ...policy.templates.flatMap(({ name, dangerous, serviceAccounts }) => [
      [`${name}${DANGEROUS_KEY}`, dangerous] as const,
      [`${name}${ACCOUNTS_KEY}`, serviceAccounts] as const,
    ]),
  ]
  const data = lists.filter(([, words]) => words.length > 0).map(([key, words]) => [key, words.join(' ')])
  return parameters(NAME, namespace, Object.fromEntries(data))
}
