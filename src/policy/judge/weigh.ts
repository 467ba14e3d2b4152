import type { Terms } from '../../lease/lease.ts'
import { isOne, ONE, type Quorum, stricterQuorum } from '../../lease/questions/quorum.ts'
import type { RiskEntry } from '../risk/entry.ts'
import { stanceOf } from '../risk-rules/stance.ts'
import type { Risk, Verdict } from './verdict.ts'

export type Passing = Exclude<Verdict, { readonly kind: 'deny' }>

/** The verdict on a request that is granted and that nothing bars: whether its risks let it pass, or who has to say yes. */
export function weigh(risks: readonly RiskEntry[], terms: Terms, rule: string, mayLast: boolean): Passing {
  const [asking, ...others] = risks.filter(risk => stanceOf(risk, terms) !== 'pass')
  if (asking !== undefined) {
    const asks = others.length === 0 ? {} : { asks: eachOnce([asking, ...others]) }
    const lasting = mayLast && terms.approval.untilLeaseEnds === true ? { untilLeaseEnds: idsOf(risks) } : {}
    return { kind: 'approval', rule, risk: plain(asking), ...asks, ...wantedPeople(risks, terms), ...lasting }
  }
  const [worst] = risks
  return { kind: 'allow', rule, risk: worst === undefined ? null : plain(worst) }
}

/** They come worst first; a lease and the policy of today may have one with two weights. */
function eachOnce(risks: readonly RiskEntry[]): readonly Risk[] {
  const worst = risks.filter(({ id }, at) => risks.findIndex(one => one.id === id) === at)
  return worst.map(plain).toSorted((one, other) => (one.id < other.id ? -1 : 1))
}

/** A yes that lasts is to a request of these risks and no other. */
function idsOf(risks: readonly RiskEntry[]): string {
  const ids = risks.map(({ id }) => id)
  return ids.sort().join(' ')
}

/** Of everything that the request is: the lesser risk may be the one that wants more people. */
function wantedPeople(risks: readonly RiskEntry[], terms: Terms): { readonly quorum?: Quorum } {
  const wanted = risks.map(risk => stanceOf(risk, terms)).filter(stance => typeof stance === 'object')
  const quorum = wanted.reduce(stricterQuorum, terms.approval.quorum ?? ONE)
  return isOne(quorum) ? {} : { quorum }
}

/** The worst risk that the terms let nobody say yes to, or null. */
export function neverPasses(risks: readonly RiskEntry[], terms: Terms): RiskEntry | null {
  return risks.find(risk => stanceOf(risk, terms) === 'never') ?? null
}

/** A risk with what becomes of it: `refused` is a danger that no term names, `never` one of a tier that nobody can say yes to. */
export interface WeighedRisk extends Risk {
  readonly outcome: 'pass' | 'ask' | 'never' | 'refused'
  /** Who has to say yes to it, where it asks. */
  readonly quorum?: Quorum
}

export function weighed(risk: RiskEntry, terms: Terms): WeighedRisk {
  const { id, disposition } = risk
  if (disposition === 'dangerous' && !terms.dangerous.includes(id)) return { ...plain(risk), outcome: 'refused' }
  const stance = stanceOf(risk, terms)
  if (typeof stance === 'string') return { ...plain(risk), outcome: stance }
  return { ...plain(risk), outcome: 'ask', quorum: stricterQuorum(terms.approval.quorum ?? ONE, stance) }
}

export function plain({ id, tier, why }: RiskEntry): Risk {
  return { id, tier, why }
}
