import type { Finding } from '../../../findings/report.ts'

/** What takes rows, columns or tables from a record that is there. */
const TAKES: ReadonlySet<string> = new Set([
  'ALL',
  'ALTER',
  'ALTER TABLE',
  'ALTER DELETE',
  'ALTER UPDATE',
  'ALTER DROP PARTITION',
  'ALTER MOVE PARTITION',
  'DROP',
  'DROP TABLE',
  'DROP DATABASE',
  'TRUNCATE',
])

interface Grant {
  readonly rights: readonly string[]
  readonly on: string
}

/** One line of SHOW GRANTS; null: a role, which is not looked into. */
function parseGrant(line: string): Grant | null {
  const [, rights, on] = /^GRANT (.+) ON (\S+) TO /.exec(line) ?? []
  if (rights === undefined || on === undefined) return null
  // `SELECT(agent, verb)` names columns.
  return { rights: rights.replaceAll(/\([^)]*\)/g, '').split(', '), on: on.replaceAll('`', '') }
}

/** A view that is replaced is made under such a name first, so the writer drops these. */
function isOfRecord(on: string): boolean {
  return on.startsWith('*.') || (on.startsWith('leasegate.') && !on.startsWith('leasegate._tmp_replace_'))
}

/** Whether this user would see every table of the record. */
export function seesAll(lines: readonly string[]): boolean {
  return lines.some(line => {
    const grant = parseGrant(line)
    return grant !== null && ['*.*', 'leasegate.*'].includes(grant.on) && grant.rights.some(isReading)
  })
}

function isReading(right: string): boolean {
  return right === 'SELECT' || right === 'ALL'
}

/** The lines are the answer of SHOW GRANTS for the user who asks. */
export function judgeGrants(user: string, lines: readonly string[]): readonly Finding[] {
  const takes = lines.flatMap(line => {
    const grant = parseGrant(line)
    if (grant === null || !isOfRecord(grant.on)) return []
    return grant.rights.filter(right => TAKES.has(right)).map(right => `${right} on ${grant.on}`)
  })
  if (takes.length === 0) return []
  return [
    {
      severity: 'warning',
      what: `the user ${user} of LEASEGATE_CLICKHOUSE_URL can take from the record: ${takes.join(', ')}`,
      why: 'Whoever gets at this URL can make what happened unhappened.',
      mend: 'leasegate migrate --access   # as an administrator: give leasegate_writer to the tap and leasegate_analyst to readers, and nothing else',
    },
  ]
}
