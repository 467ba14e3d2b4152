import { RISKS } from '../risk/risks.ts'
import { fieldOf, listIn, textIn, textsIn } from './loose.ts'
import type { Path } from './positions.ts'

/** Names that other parts of the file may refer to, gathered before anything is known to be right. */
export interface Names {
  readonly issuers: readonly string[]
  readonly agents: readonly string[]
  readonly people: readonly string[]
  readonly groups: readonly string[]
  readonly risks: readonly string[]
  readonly dangers: readonly string[]
  /** Of `notify`, and the people whom they reach. */
  readonly receivers: readonly string[]
}

export interface Found {
  readonly path: Path
  readonly message: string
}

export function namesIn(raw: unknown): Names {
  return {
    issuers: namesOf(listIn(raw, 'issuers')),
    agents: namesOf(listIn(raw, 'agents')),
    people: namesOf(listIn(raw, 'people')),
    groups: namesOf(listIn(raw, 'groups')),
    risks: RISKS.map(risk => risk.id),
    dangers: RISKS.filter(risk => risk.disposition === 'dangerous').map(risk => risk.id),
    receivers: receiversIn(raw),
  }
}

/** A name given twice in one list, and an issuer's URL given twice: a token's issuer must lead to one entry. */
export function duplicatesIn(raw: unknown): readonly Found[] {
  const lists = ['issuers', 'agents', 'people', 'groups', 'templates'] as const
  return [
    ...lists.flatMap(list => repeated(listIn(raw, list), 'name').map(found => placed(list, found))),
    ...repeated(listIn(raw, 'issuers'), 'issuer').map(found => placed('issuers', found)),
    ...repeated(listIn(fieldOf(raw, 'notify'), 'receivers'), 'name').map(({ path, message }) => ({
      path: ['notify', 'receivers', ...path],
      message,
    })),
    ...listIn(raw, 'templates').flatMap((template, index) =>
      repeated(listIn(template, 'grants'), 'agent').map(({ path, message }) => ({
        path: ['templates', index, 'grants', ...path],
        message,
      })),
    ),
  ]
}

function placed(list: string, { path, message }: Found): Found {
  return { path: [list, ...path], message }
}

function repeated(items: readonly unknown[], field: string): readonly Found[] {
  const values = items.map(item => textIn(item, field))
  return values.flatMap((value, index) =>
    value !== null && values.indexOf(value) < index
      ? [{ path: [index, field], message: `is used twice: "${value}"` }]
      : [],
  )
}

function receiversIn(raw: unknown): readonly string[] {
  const receivers = listIn(fieldOf(raw, 'notify'), 'receivers')
  return [...new Set([...namesOf(receivers), ...receivers.flatMap(one => textsIn(one, 'people'))])]
}

function namesOf(items: readonly unknown[]): readonly string[] {
  return items.flatMap(item => textIn(item, 'name') ?? [])
}
