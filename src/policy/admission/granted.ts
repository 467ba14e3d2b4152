import type { Terms } from '../../lease/lease.ts'
import type { RuleSet } from '../../lease/questions/risk-rule.ts'
import type { ApiRequest } from '../../request/api-request.ts'
import { changesCode } from '../pods/changes-code.ts'
import { EXTRA_KEYS } from '../rbac/identity.ts'
import { RISKS } from '../risk/risks.ts'
import { compiled } from '../risk-rules/rule-set.ts'
import { stanceOf } from '../risk-rules/stance.ts'
import { anew } from '../risk-rules/under-rules.ts'
import { cel } from './cel.ts'
import type { Variable } from './objects.ts'

/** Beginnings of the words that the API server is told, each of them before a name. */
export const DANGER = 'danger:'
export const ACCOUNT = 'account:'
export const SECRET = 'secret:'
/** A human said yes to this very request. */
export const APPROVED = 'approved'
/** Any Secret of the namespace. */
export const ANY = '*'

const WRITES: ReadonlySet<string> = new Set(['create', 'update', 'patch'])

/** Whoever says yes to one of these is told that something else will run, or that it will have a Secret. */
const OF_CODE: ReadonlySet<string> = new Set(['workload-code', 'pod-secrets', 'pods-ephemeral'])
const POD_SECRETS = 'pod-secrets'
const OF_SECRETS = RISKS.filter(({ id }) => id === POD_SECRETS)
const NO_RULES: readonly RuleSet[] = [[]]

/** Whoever may hand any Secret to any pod without a human gains nothing by one that a pod has already: as each state of the policy weighs it. */
export function maySpreadSecrets(terms: Terms): boolean {
  return (terms.riskRules ?? NO_RULES).every(riskRules => {
    if (riskRules.some(({ match }) => match?.replaces.includes(POD_SECRETS))) return false
    const rule = compiled(riskRules).weighedAnew.get(POD_SECRETS)
    return OF_SECRETS.length > 0 && OF_SECRETS.every(entry => stanceOf(anew(entry, rule), terms) === 'pass')
  })
}

/** Whether pods may come to show a Secret that they have by this: other code, without a human, where these are named. */
export function mayShowSecret(request: Pick<ApiRequest, 'info' | 'object'>, granted: string): boolean {
  if (granted === '') return false
  const names = granted.split(' ').filter(word => word.startsWith(SECRET) && word !== `${SECRET}${ANY}`)
  return names.length > 0 && changesCode(request)
}

/**
 * What the API server is told of the terms with a write, '' where there is nothing to say. It is of the lease as it was issued and of the
 * policy that the request was judged by, both: what a template names later opens nothing under a lease of before.
 */
export function grantedWith({ info }: ApiRequest, terms: Terms): string {
  return info.isResourceRequest && WRITES.has(info.verb) ? wordsOnce(terms) : ''
}

/** Terms are never changed, and are the same for many requests. */
const known = new WeakMap<Terms, string>()

function wordsOnce(terms: Terms): string {
  const before = known.get(terms)
  if (before !== undefined) return before
  const words = wordsOfTerms(terms).join(' ')
  known.set(terms, words)
  return words
}

export function wordsOfTerms(terms: Terms): readonly string[] {
  const { dangerous, serviceAccounts, podSecrets = [] } = terms
  return [
    ...dangerous.map(id => `${DANGER}${id}`),
    ...serviceAccounts.map(account => `${ACCOUNT}${account}`),
    ...(maySpreadSecrets(terms) ? [ANY] : podSecrets).map(name => `${SECRET}${name}`),
  ]
}

/**
 * Whether a yes is also for what runs in pods: one to this very request is. One that lasts is for every request of the same risks, and so
 * only where these say that code changes.
 */
export function agreesToCode(request: ApiRequest, { untilLeaseEnds }: { readonly untilLeaseEnds?: string }): boolean {
  if (!changesCode(request)) return false
  return untilLeaseEnds === undefined || untilLeaseEnds.split(' ').some(id => OF_CODE.has(id))
}

/** What is told where a human said yes to this very request. */
export function withYes(request: ApiRequest, granted = ''): string | undefined {
  const words = granted.split(' ').filter(word => word !== '')
  const all = changesCode(request) && !words.includes(APPROVED) ? [...words, APPROVED] : words
  return all.length === 0 ? undefined : all.join(' ')
}

/** More than one value, or none, grants nothing. */
export const GRANTED: readonly Variable[] = [
  { name: 'said', expression: `request.userInfo.?extra[?"${EXTRA_KEYS.terms}"].orValue([])` },
  { name: 'granted', expression: cel`variables.said.size() == 1 ? variables.said[0].split(" ") : []` },
]

/** Of a list of names those that the lease was issued with. */
export function grantedOf(names: string, beginning: string): string {
  return `${names}.filter(each, ("${beginning}" + each) in variables.granted)`
}
