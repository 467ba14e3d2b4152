import type { RiskEntry } from '../../risk/entry.ts'
import { RISKS } from '../../risk/risks.ts'
import type { Path } from '../issues/positions.ts'
import { fieldOf, listIn, textIn, textsIn } from './loose.ts'

/** Names that other parts of the file may refer to, gathered before anything is known to be right. */
export interface Names {
  readonly issuers: readonly string[]
  /** Of client certificates. */
  readonly authorities: readonly string[]
  readonly agents: readonly string[]
  readonly people: readonly string[]
  readonly groups: readonly string[]
  /** Of the catalogue, and of the file's own rules. */
  readonly risks: readonly string[]
  readonly dangers: readonly string[]
  /** Of `notify`, and the people whom they reach. */
  readonly receivers: readonly string[]
  /** Risks but for dangers, which only a template opens. */
  readonly replaceable: readonly string[]
  readonly namespaceClasses: readonly string[]
}

export interface Found {
  readonly path: Path
  readonly message: string
}

export function namesIn(raw: unknown): Names {
  const own = listIn(raw, 'riskRules').flatMap(rule => textIn(rule, 'id') ?? [])
  const classes = fieldOf(raw, 'namespaceClasses')
  return {
    // Nobody is registered by what says that somebody else may act.
    issuers: namesOf(listIn(raw, 'issuers').filter(one => fieldOf(one, 'consentFor') === undefined)),
    authorities: namesOf(listIn(raw, 'certificateAuthorities')),
    agents: namesOf(listIn(raw, 'agents')),
    people: namesOf(listIn(raw, 'people')),
    groups: namesOf(listIn(raw, 'groups')),
    receivers: receiversIn(raw),
    risks: [...new Set([...RISKS.map(risk => risk.id), ...own])],
    dangers: RISKS.filter(isDanger).map(risk => risk.id),
    replaceable: [...new Set([...RISKS.filter(risk => !isDanger(risk)).map(risk => risk.id), ...own.filter(isNew)])],
    namespaceClasses: [PRODUCTION, ...Object.keys(typeof classes === 'object' && classes !== null ? classes : {})],
  }
}

/** The class that productionNamespaces lists. */
export const PRODUCTION = 'production'

const BUILT_IN: ReadonlySet<string> = new Set(RISKS.map(({ id }) => id))

/** Whether the catalogue has it. */
export function isBuiltIn(id: string): boolean {
  return BUILT_IN.has(id)
}

function isNew(id: string): boolean {
  return !isBuiltIn(id)
}

function isDanger({ disposition }: RiskEntry): boolean {
  return disposition === 'dangerous'
}

/** A name given twice in one list, and an issuer given twice for one audience: those of a token must lead to one entry. */
export function duplicatesIn(raw: unknown): readonly Found[] {
  const lists = ['issuers', 'agents', 'people', 'groups', 'templates'] as const
  return [
    ...lists.flatMap(list => repeated(listIn(raw, list), 'name').map(found => placed(list, found))),
    ...repeatedAmongIssuers(raw),
    ...['issuer', 'trustDomain'].flatMap(field =>
      repeated(listIn(raw, 'issuers'), field, 'audience').map(found => placed('issuers', found)),
    ),
    ...repeated(listIn(fieldOf(raw, 'notify'), 'receivers'), 'name').map(({ path, message }) => ({
      path: ['notify', 'receivers', ...path],
      message,
    })),
    ...repeated(listIn(raw, 'riskRules'), 'id').map(found => placed('riskRules', found)),
    ...listIn(raw, 'templates').flatMap((template, index) =>
      repeated(listIn(template, 'grants'), 'agent').map(({ path, message }) => ({
        path: ['templates', index, 'grants', ...path],
        message,
      })),
    ),
  ]
}

/** Whoever is registered by one must not be taken for somebody of the other; and a trust domain has one set of roots. */
function repeatedAmongIssuers(raw: unknown): readonly Found[] {
  const authorities = listIn(raw, 'certificateAuthorities')
  const issuers = listIn(raw, 'issuers')
  const names = repeated([...issuers, ...authorities], 'name')
    .map(({ path: [index, ...rest], message }) => ({ path: [Number(index) - issuers.length, ...rest], message }))
    .filter(({ path: [index] }) => Number(index) >= 0)
  return [...names, ...repeated(authorities, 'trustDomain')].map(found => placed('certificateAuthorities', found))
}

function placed(list: string, { path, message }: Found): Found {
  return { path: [list, ...path], message }
}

/** With `beside`: where that is not another. */
function repeated(items: readonly unknown[], field: string, beside?: string): readonly Found[] {
  const values = items.map(item => textIn(item, field))
  const others = items.map(item => (beside === undefined ? null : textIn(item, beside)))
  const isApart = (one: number, other: number) =>
    ![others[one], others[other]].includes(null) && others[one] !== others[other]
  const before = new Map<string, number[]>()
  return values.flatMap((value, index) => {
    if (value === null) return []
    const same = before.get(value) ?? []
    before.set(value, same)
    const isRepeated = same.some(at => !isApart(at, index))
    same.push(index)
    return isRepeated ? [{ path: [index, field], message: `is used twice: "${value}"` }] : []
  })
}

function receiversIn(raw: unknown): readonly string[] {
  const receivers = listIn(fieldOf(raw, 'notify'), 'receivers')
  return [...new Set([...namesOf(receivers), ...receivers.flatMap(one => textsIn(one, 'people'))])]
}

function namesOf(items: readonly unknown[]): readonly string[] {
  return items.flatMap(item => textIn(item, 'name') ?? [])
}
