import type { Terms } from './lease.ts'

/** Nothing is named and nothing is skipped. */
export const NO_TERMS: Terms = { dangerous: [], approval: { skip: [], require: [] }, serviceAccounts: [] }

/** What both say: whatever opens something must be in both, whatever wants a human counts from either. */
export function stricterTerms(a: Terms, b: Terms): Terms {
  return {
    dangerous: inBoth(a.dangerous, b.dangerous),
    approval: {
      skip: inBoth(a.approval.skip, b.approval.skip),
      require: [...new Set([...a.approval.require, ...b.approval.require])],
    },
    serviceAccounts: inBoth(a.serviceAccounts, b.serviceAccounts),
  }
}

function inBoth(a: readonly string[], b: readonly string[]): readonly string[] {
  return a.filter(one => b.includes(one))
}
