import { SETTINGS, type Setting } from '../../src/config/settings.ts'
import { DENIALS } from '../../src/denial/denials.ts'
import { savedQueries } from '../../src/record/queries/saved-queries.ts'
import { CLUSTER_RIGHTS, STORE_RIGHTS } from '../../src/redis/acl.ts'

/** A part of a page that is made from the code, between `<!-- name -->` and `<!-- /name -->`. */
export interface MadeTable {
  /** File name in docs. */
  readonly page: string
  readonly name: string
  readonly lines: () => readonly string[]
}

export const TABLES: readonly MadeTable[] = [
  { page: 'settings.md', name: 'settings', lines: settings },
  { page: 'refusals.md', name: 'reasons', lines: reasons },
  { page: 'record.md', name: 'saved queries', lines: queries },
  { page: 'operations.md', name: 'store users', lines: storeUsers },
  { page: 'operations.md', name: 'store users in a cluster', lines: clusterUsers },
]

/** The page with this part made anew. Throws where the page has no place for it. */
export function withTable(text: string, { page, name, lines }: MadeTable): string {
  const [begin, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`]
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`${page} has no ${begin.trim()} … ${end}`)
  return `${text.slice(0, from)}${begin}${lines().join('\n')}\n${text.slice(to)}`
}

function settings(): readonly string[] {
  const all: readonly Setting<unknown>[] = Object.values(SETTINGS)
  const rows = all.map(({ env, fallback, doc }) => {
    const shown = fallback === undefined ? 'required' : fallback === null ? '' : `\`${fallback}\``
    return `| \`${env}\` | ${shown} | ${doc} |`
  })
  return ['| variable | default | meaning |', '|---|---|---|', ...rows]
}

function reasons(): readonly string[] {
  const rows = Object.entries(DENIALS).map(([reason, denial]) => {
    const { says, status, statusReason, retry, retryAfter = null } = { retryAfter: null, ...denial }
    const wait = retryAfter === null ? '' : `${retryAfter} s`
    return `| \`${reason}\` | ${says} | ${status} | ${statusReason} | ${retry} | ${wait} |`
  })
  return [
    "| reason | what happened | status | Kubernetes' reason | retry | Retry-After |",
    '|---|---|---|---|---|---|',
    ...rows,
  ]
}

function queries(): readonly string[] {
  const rows = savedQueries().map(({ name, description, params }) => {
    const options = params.map(param => `\`--${param.name}\``).join(' ')
    return `| \`${name}\` | ${description.replaceAll('|', '\\|')} | ${options} |`
  })
  return ['| `leasegate query …` | what it answers | parameters |', '|---|---|---|', ...rows]
}

function storeUsers(): readonly string[] {
  const users = Object.entries(STORE_RIGHTS).map(
    ([part, rights]) => `ACL SETUSER leasegate-${part} on >PASSWORD ${rights}`,
  )
  return ['```', ...users, '```']
}

function clusterUsers(): readonly string[] {
  const users = Object.keys(STORE_RIGHTS).map(part => `ACL SETUSER leasegate-${part} ${CLUSTER_RIGHTS}`)
  return ['```', ...users, '```']
}
