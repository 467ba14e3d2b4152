import type { Terms } from './lease.ts'
import { ONE, type Quorum, stricterQuorum } from './quorum.ts'

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
    },
    serviceAccounts: inBoth(a.serviceAccounts, b.serviceAccounts),
  }
}

type People = Pick<Terms['approval'], 'quorum' | 'risks'>

/** Nearly no template says anything of people: then there is nothing to compare. */
function stricterPeople(a: People, b: People): People {
  if ([a.quorum, b.quorum, a.risks, b.risks].every(each => each === undefined)) return {}
  const quorum = both(a.quorum, b.quorum)
  const risks = [...new Set([a.risks, b.risks].flatMap(all => Object.keys(all ?? {})))].flatMap(id => {
    const wanted = both(a.risks?.[id], b.risks?.[id])
    return wanted === undefined ? [] : [[id, wanted] as const]
  })
  return {
    ...(quorum === undefined ? {} : { quorum }),
    ...(risks.length === 0 ? {} : { risks: Object.fromEntries(risks) }),
  }
}

function both(a: Quorum | undefined, b: Quorum | undefined): Quorum | undefined {
  return a === undefined ? b : stricterQuorum(a, b ?? ONE)
}

function inBoth(a: readonly string[], b: readonly string[]): readonly string[] {
  return a.filter(one => b.includes(one))
}
