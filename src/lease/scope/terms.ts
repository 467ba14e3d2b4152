import type { Terms } from '../lease.ts'
import { ONE, type Quorum, stricterQuorum } from '../questions/quorum.ts'
import { bothRuleSets, type RuleSet, stricterTiers } from '../questions/risk-rule.ts'

/** Nothing is named and nothing is skipped. */
export const NO_TERMS: Terms = { dangerous: [], approval: { skip: [], require: [] }, serviceAccounts: [] }

/** What both say: whatever opens something must be in both, whatever wants a human counts from either. */
export function stricterTerms(a: Terms, b: Terms): Terms {
  return {
    dangerous: inBoth(a.dangerous, b.dangerous),
    approval: {
      skip: inBoth(a.approval.skip, b.approval.skip),
      require: [...new Set([...a.approval.require, ...b.approval.require])],
      ...stricterPeople(a.approval, b.approval),
      ...(a.approval.untilLeaseEnds && b.approval.untilLeaseEnds ? { untilLeaseEnds: true } : {}),
    },
    serviceAccounts: inBoth(a.serviceAccounts, b.serviceAccounts),
    ...bothSecrets(a, b),
    ...stricterRules(a, b),
    ...bothNetworks(a, b),
    ...bothImages(a, b),
    ...eitherWatched(a, b),
    ...bothAskBeyond(a, b),
  }
}

function bothSecrets({ podSecrets: a = [] }: Terms, { podSecrets: b = [] }: Terms): Pick<Terms, 'podSecrets'> {
  const podSecrets = inBoth(a, b)
  return podSecrets.length === 0 ? {} : { podSecrets }
}

/** Who says nothing of it gives nothing more. */
function bothAskBeyond({ askBeyond: a = [] }: Terms, { askBeyond: b = [] }: Terms): Pick<Terms, 'askBeyond'> {
  const askBeyond = a.filter(one => b.includes(one))
  return askBeyond.length === 0 ? {} : { askBeyond }
}

function bothNetworks({ networks: a = [] }: Terms, { networks: b = [] }: Terms): Pick<Terms, 'networks'> {
  const networks = bothLists(a, b)
  return networks.length === 0 ? {} : { networks }
}

function bothImages({ images: a = [] }: Terms, { images: b = [] }: Terms): Pick<Terms, 'images'> {
  const images = bothLists(a, b)
  return images.length === 0 ? {} : { images }
}

type Lists = readonly (readonly string[])[]

/** Of each list something must hold; one that both have is there once. */
function bothLists(a: Lists, b: Lists): Lists {
  return [...a, ...b.filter(list => !a.some(one => one.join() === list.join()))]
}

function eitherWatched({ watched: a = [] }: Terms, { watched: b = [] }: Terms): Pick<Terms, 'watched'> {
  const watched = [...new Set([...a, ...b])]
  return watched.length === 0 ? {} : { watched }
}

/** Who has no rules takes every risk for what the catalogue says, and so a set of none counts as well. */
function stricterRules({ riskRules: a }: Terms, { riskRules: b }: Terms): Pick<Terms, 'riskRules'> {
  return a === undefined && b === undefined ? {} : { riskRules: bothRuleSets(a ?? NO_RULES, b ?? NO_RULES) }
}

const NO_RULES: readonly RuleSet[] = [[]]

type People = Pick<Terms['approval'], 'quorum' | 'risks' | 'tiers'>

/** Nearly no template says anything of people: then there is nothing to compare. */
function stricterPeople(a: People, b: People): People {
  if ([a.quorum, b.quorum, a.risks, b.risks, a.tiers, b.tiers].every(each => each === undefined)) return {}
  const quorum = both(a.quorum, b.quorum)
  const risks = [...new Set([a.risks, b.risks].flatMap(all => Object.keys(all ?? {})))].flatMap(id => {
    const wanted = both(a.risks?.[id], b.risks?.[id])
    return wanted === undefined ? [] : [[id, wanted] as const]
  })
  return {
    ...(quorum === undefined ? {} : { quorum }),
    ...(risks.length === 0 ? {} : { risks: Object.fromEntries(risks) }),
    ...(a.tiers === undefined && b.tiers === undefined ? {} : { tiers: stricterTiers(a.tiers ?? {}, b.tiers ?? {}) }),
  }
}

function both(a: Quorum | undefined, b: Quorum | undefined): Quorum | undefined {
  return a === undefined ? b : stricterQuorum(a, b ?? ONE)
}

function inBoth(a: readonly string[], b: readonly string[]): readonly string[] {
  return a.filter(one => b.includes(one))
}
