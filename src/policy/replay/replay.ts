import type { ApiRequest } from '../../request/api-request.ts'
import { unmetByRequest } from '../conditions/conditions.ts'
import { judge } from '../judge/judge.ts'
import type { Verdict } from '../judge/verdict.ts'
import type { Policy, TemplateRule } from '../policy.ts'
import { grantFor, issuedAnew, lacksHolder, lacksParameters } from './issued-anew.ts'
import { hasBody, readingsOf } from './readings.ts'
import { NOBODY_WATCHES, type Recorded, SAYINGS, type Saying, saidThen, wasRefusedUnread } from './recorded.ts'

/** What the record lacks where it does not tell. */
export type Lacking =
  /** What was sent, or the fields that it changes. */
  | 'body'
  /** Whether it was a tunnel. */
  | 'upgrade'
  /** What was sent: something in its row is masked or cut. */
  | 'row'
  /** What the lease was asked with. */
  | 'parameters'
  /** What the leases grant that it was narrowed from. */
  | 'narrowed'
  /** Whether a lease for all namespaces that are granted would have been asked for. */
  | 'namespaces'
  /** Whether the lease was bound to a certificate, or for a person. */
  | 'holder'
  /** Whether somebody would watch. */
  | 'watched'

export type Replayed =
  /** Something else than a policy decided then. */
  | { readonly kind: 'not-judged' }
  | { readonly kind: 'told'; readonly was: Saying; readonly now: Saying; readonly why: string }
  /** `between`: what it may be, mildest first; at least two. */
  | {
      readonly kind: 'untold'
      readonly was: Saying
      readonly between: readonly Saying[]
      readonly lacking: Lacking
    }

/**
 * What this policy says to a recorded request, under the lease that it would have given to whoever asked as then. It is judged as often as there are
 * ways to fill in what the record does not have; told is only what comes out the same each time.
 */
export function replay(policy: Policy, row: Recorded): Replayed {
  const was = saidThen(row)
  if (was === null) return { kind: 'not-judged' }
  if (wasRefusedUnread(row)) return { kind: 'told', was, now: 'deny', why: row.reason }
  const readings = readingsOf(row, ownPrefixesOf(policy))
  const said = new Said()
  const untold = (lacking: Lacking): Replayed => ({ kind: 'untold', was, between: said.kinds(), lacking })
  if (readings === null) {
    said.may(...SAYINGS)
    return untold('row')
  }
  sayAll(said, policy, row, readings)
  const body = hasBody(row, readings)
  // A body that names another object is refused where nothing else refuses it, and only then was it looked for.
  if (body && was === 'deny' && !said.isSurely('deny')) said.may('deny')
  // The bodies that were tried are the ends, and what was sent is somewhere between.
  if (body && said.spans()) said.may('ask')
  const isSure = said.kinds().length === 1
  const lacking = lackingOf(said, policy, row, readings)
  if (!isSure) return untold(body ? 'body' : 'upgrade')
  if (lacking !== null) return untold(lacking)
  const { now, why } = said.first()
  return { kind: 'told', was, now, why }
}

/** What else may be so, for what the record does not say of the lease. */
function lackingOf(said: Said, policy: Policy, row: Recorded, readings: readonly ApiRequest[]): Lacking | null {
  const found = grantFor(policy, row)
  if (found === null) return null
  if (lacksParameters(found.template, row)) {
    said.may(...SAYINGS)
    return 'parameters'
  }
  if (row.narrowed && !said.isSurely('deny')) {
    said.may('ask', 'deny')
    return 'narrowed'
  }
  if (lacksHolder(found.template, row) && !said.isSurely('deny')) {
    said.may('deny')
    return 'holder'
  }
  if (said.wantsWatcher() && !row.watched) {
    said.may('deny')
    return 'watched'
  }
  const { namespaces } = found.grant
  const others = namespaces.some(one => one !== '*' && !row.namespaces.includes(one))
  if (!others || !said.isSurely('deny') || row.reason !== 'out-of-scope' || row.narrowed) return null
  sayAll(said, policy, row, readings, [...new Set([...row.namespaces, ...namespaces])])
  return said.kinds().length > 1 ? 'namespaces' : null
}

/** Judges it in every way that it may have been. */
function sayAll(
  said: Said,
  policy: Policy,
  row: Recorded,
  readings: readonly ApiRequest[],
  namespaces: readonly string[] = row.namespaces,
): void {
  for (const each of hasBody(row, readings) && row.verb === 'patch' ? fieldsEither(policy, row) : [policy]) {
    const lease = issuedAnew(each, row, namespaces)
    const unmet = unmetByRequest({ lease, above: [] }, row.source, each)
    for (const request of unmet === null ? readings : readings.slice(0, 1))
      said.add(unmet ?? asWatched(judge({ request, lease, policy: each }), row))
  }
}

/** Where nobody watched it, what has to be watched is denied, as it was then. */
function asWatched(verdict: Verdict, { reason }: Recorded): Verdict {
  if (reason !== NOBODY_WATCHES || verdict.kind !== 'allow' || verdict.watched !== true) return verdict
  return { kind: 'deny', reason: NOBODY_WATCHES, detail: '', risk: verdict.risk }
}

function ownPrefixesOf({ riskRules = [] }: Policy): readonly string[] {
  return [...new Set(riskRules.flatMap(({ match }) => match?.ownPrefixes ?? []))]
}

const eithers = new WeakMap<Policy, Map<string, readonly Policy[]>>()

/** By rules with fields a patch may be covered or not: as if each covered every patch, and as if there were none of them. */
function fieldsEither(policy: Policy, { template }: Recorded): readonly Policy[] {
  const known = eithers.get(policy) ?? new Map<string, readonly Policy[]>()
  eithers.set(policy, known)
  const before = known.get(template)
  if (before !== undefined) return before
  const either = withAndWithout(policy, template)
  known.set(template, either)
  return either
}

function withAndWithout(policy: Policy, template: string): readonly Policy[] {
  const own = policy.templates.find(({ name }) => name === template)
  if (own === undefined || own.rules.every(({ fields }) => fields.length === 0)) return [policy]
  const having = (rules: readonly TemplateRule[]): Policy => ({
    ...policy,
    templates: policy.templates.map(one => (one === own ? { ...own, rules } : one)),
  })
  return [
    having(own.rules.map(rule => ({ ...rule, fields: [] }))),
    having(own.rules.filter(({ fields }) => fields.length === 0)),
  ]
}

/** What was said, and may be. */
class Said {
  readonly #verdicts: Verdict[] = []
  readonly #kinds = new Set<Saying>()

  add(verdict: Verdict): void {
    this.#verdicts.push(verdict)
    this.#kinds.add(toSaying(verdict))
  }

  may(...sayings: readonly Saying[]): void {
    for (const saying of sayings) this.#kinds.add(saying)
  }

  kinds(): readonly Saying[] {
    return SAYINGS.filter(saying => this.#kinds.has(saying))
  }

  spans(): boolean {
    return this.#kinds.has('allow') && this.#kinds.has('deny')
  }

  isSurely(saying: Saying): boolean {
    return this.#kinds.size === 1 && this.#kinds.has(saying)
  }

  wantsWatcher(): boolean {
    return this.#verdicts.some(verdict => verdict.kind === 'allow' && verdict.watched === true)
  }

  /** Of several that say the same. */
  first(): { readonly now: Saying; readonly why: string } {
    const [verdict] = this.#verdicts
    if (verdict === undefined) throw new Error('nothing was judged')
    return { now: toSaying(verdict), why: whyOf(verdict) }
  }
}

function toSaying({ kind }: Verdict): Saying {
  return kind === 'approval' ? 'ask' : kind
}

/** The reason of a denial, the risk of all else. */
function whyOf(verdict: Verdict): string {
  const { risk } = verdict
  if (verdict.kind === 'deny')
    return risk === null || verdict.reason === 'out-of-scope' ? verdict.reason : `${verdict.reason}: ${risk.id}`
  return risk?.id ?? ''
}
