import { fieldOf, listIn, textIn } from '../values/loose.ts'
import type { Found } from '../values/names.ts'

interface Identity {
  readonly path: Found['path']
  readonly what: string
  readonly issuer: string
  readonly claims: Readonly<Record<string, string>>
  /** Of a token by which somebody acts for its subject: whether it may be one, and whether it has to. */
  readonly actors: 'never' | 'maybe' | 'always'
}

/**
 * Entries that one identity could match both: a verified identity leads to exactly one agent or one person. Two entries of one
 * issuer are apart only when they want different values of the same claim, or where somebody acts in one and never in the other.
 */
export function overlapsIn(raw: unknown): readonly Found[] {
  const all = [...identitiesIn(raw, 'agents', 'agent'), ...identitiesIn(raw, 'people', 'person')]
  return [...Map.groupBy(all, ({ issuer }) => issuer).values()].flatMap(withinIssuer)
}

/** In the order of the file. */
interface Placed {
  readonly at: number
  readonly one: Identity
}

/** Most entries of an issuer are told apart by one claim, such as sub: those with another value of it need not be looked at. */
function withinIssuer(all: readonly Identity[]): readonly Found[] {
  const counts = new Map<string, number>()
  for (const claim of all.flatMap(({ claims }) => Object.keys(claims))) counts.set(claim, (counts.get(claim) ?? 0) + 1)
  const [apart = ''] = [...counts].reduce((most, each) => (each[1] > most[1] ? each : most), ['', 0])
  const apartBy = ({ claims }: Identity) => (Object.hasOwn(claims, apart) ? claims[apart] : undefined)
  const before = new Map<string | undefined, Placed[]>()
  return all.flatMap((one, at) => {
    const value = apartBy(one)
    const alike = before.get(value) ?? []
    before.set(value, alike)
    const others = value === undefined ? [...before.values()].flat() : [...alike, ...(before.get(undefined) ?? [])]
    alike.push({ at, one })
    return others
      .filter(other => overlap(one, other.one))
      .sort((first, second) => first.at - second.at)
      .map(({ one: other }) => ({
        path: one.path,
        message: `could be the same identity as ${other.what}: ${mend(one, other)}`,
      }))
  })
}

function overlap(one: Identity, other: Identity): boolean {
  if (one.issuer !== other.issuer) return false
  const { claims } = other
  const acting = [one.actors, other.actors]
  if (acting.includes('never') && acting.includes('always')) return false
  return !Object.entries(one.claims).some(([claim, value]) => Object.hasOwn(claims, claim) && claims[claim] !== value)
}

function mend(one: Identity, other: Identity): string {
  const shared = Object.keys(one.claims).find(claim => Object.hasOwn(other.claims, claim))
  return `give both different values of one claim, such as ${shared ?? 'sub'}`
}

function identitiesIn(raw: unknown, list: 'agents' | 'people', what: string): readonly Identity[] {
  return listIn(raw, list).flatMap((item, index) => {
    const issuer = textIn(item, 'issuer')
    const claims = textClaims(fieldOf(item, 'claims'))
    if (issuer === null || claims === null) return []
    const name = textIn(item, 'name') ?? `number ${index + 1}`
    const actors = actorsOf(claims, textIn(fieldOf(item, 'sponsor'), 'claim'))
    return [{ path: [list, index, 'claims'], what: `${what} "${name}"`, issuer, claims, actors }]
  })
}

/** As a verified identity is looked at: a claim of the actor is there only where there is one. */
function actorsOf(claims: Identity['claims'], sponsor: string | null): Identity['actors'] {
  if (Object.keys(claims).some(claim => claim.startsWith('act.'))) return 'always'
  return sponsor?.startsWith('act.') === true ? 'maybe' : 'never'
}

/** Null when they are none yet: then the schema says so. */
function textClaims(value: unknown): Readonly<Record<string, string>> | null {
  if (typeof value !== 'object' || value === null) return null
  const claims = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return claims.length === 0 ? null : Object.fromEntries(claims)
}
