import type { Audited } from '../../cluster/audit-log.ts'
import { type Chapter, type Plot, type Stage, until } from '../stage.ts'

/** Columns of a timeline row that the story looks at. */
interface Row {
  readonly audit_id: string
  readonly agent: string
  readonly sponsor: string
  readonly task: string
  readonly lease: string
  readonly decision: string
  readonly state: string
  readonly what: string
  readonly command: string
  readonly kubectl_command: string
  readonly kubectl_session: string
  readonly status: number | null
  readonly duration_ms: number | null
}

export const record: Chapter = {
  title: 'The record: the full sequence, tied to who did it and for what',
  play: async (stage, plot) => {
    const rows = await until(
      () => timeline(stage, plot.lease),
      found => found.length > 0 && found.every(row => hasItsEnd(row) && (row.decision !== 'none' || wasPutOff(row))),
      20_000,
    )
    await stage.leasegate('admin', ['query', 'lease-timeline', '--lease', plot.lease])
    stage.check(`${rows.length} requests are on record, each once`, rows.length > 0 && isUnique(rows))
    await matchesAudit(stage, plot, rows)
    tied(
      stage,
      plot,
      rows.filter(row => !wasPutOff(row)),
    )
    await bySql(stage, plot)
  },
}

/** Told where sessions are recorded: the key is the admin's. */
export const session: Chapter = {
  title: 'A session, replayed: on record before it was delivered',
  play: async (stage, plot) => {
    const exec = (await timeline(stage, plot.lease)).find(({ what }) => what.includes('pods/exec'))
    const [, said = ''] = /(over \w+)/.exec(exec?.command ?? '') ?? []
    const replay = ['sessions', 'replay', exec?.audit_id ?? '']
    const replayed = await until(
      () => stage.leasegate('admin', replay),
      ({ code }) => code === 0,
      20_000,
    )
    stage.check('what the command said is replayed', said !== '' && replayed.stdout.includes(said), replayed.stderr)
    const { code, stdout } = await stage.leasegate('agent', replay)
    stage.check('and the agent, who has no key, sees nothing of it', code !== 0 && stdout === '', stdout)
  },
}

/** Told where there is a ledger. Rows that are written meanwhile are entered before the record has them. */
export const ledger: Chapter = {
  title: 'The record, checked: each row is as it was signed when it was written',
  play: async stage => {
    const key = stage.platform.ledgerKeyFile ?? ''
    const verified = await stage.leasegate('admin', ['audit', 'verify', '--key', key])
    stage.check('no row was changed, deleted or added', verified.code === 0, verified.stdout.slice(-300))
  },
}

async function timeline(stage: Stage, lease: string): Promise<readonly Row[]> {
  const asked = await stage.leasegate('admin', ['query', 'lease-timeline', '--lease', lease, '-o', 'json'])
  const rows = asked.code === 0 ? (JSON.parse(asked.stdout) as readonly Row[]) : []
  // The lease's own events are in its timeline too.
  return rows.filter(row => row.audit_id !== '')
}

function isUnique(rows: readonly Row[]): boolean {
  return new Set(rows.map(row => row.audit_id)).size === rows.length
}

/** Allowed, but its client had left by then, or the answer came too late for Envoy: it went no further. */
const NOT_FORWARDED = 'committed, not forwarded'

function hasItsEnd({ state }: Row): boolean {
  return state === 'done' || state === NOT_FORWARDED
}

/** What a busy machine could not decide in time kubectl asks again; the store had no time to say whose it was, either. */
function wasPutOff({ decision, status }: Row): boolean {
  return decision === 'none' && status === 503
}

/** The API server counts for itself: what it saw under this lease must be on record as allowed and forwarded, and nothing else. */
async function matchesAudit(stage: Stage, plot: Plot, rows: readonly Row[]): Promise<void> {
  const forwarded = rows.filter(row => row.decision === 'allow' && row.state !== NOT_FORWARDED)
  const { seen, missing, extra } = await until(
    async () =>
      compare(
        forwarded,
        (await stage.audit()).filter(event => event.lease === plot.lease),
      ),
    each => each.missing.length === 0 && each.extra.length === 0,
    20_000,
  )
  stage.check(
    `they are the ${seen.length} requests in the API server's own audit log, by audit id`,
    seen.length > 0 && missing.length === 0 && extra.length === 0,
    JSON.stringify({ missing: missing.slice(0, 3), extra: extra.slice(0, 3) }),
  )
  const nameless = seen.filter(({ sponsor }) => decodeURIComponent(sponsor) !== stage.names.sponsor)
  stage.check('which names the sponsor of each', nameless.length === 0, JSON.stringify(nameless[0] ?? null))
}

function compare(forwarded: readonly Row[], seen: readonly Audited[]) {
  const ids = new Set(seen.map(({ auditId }) => auditId))
  const known = new Set(forwarded.map(row => row.audit_id))
  return {
    seen,
    missing: seen.filter(({ auditId }) => !known.has(auditId)),
    extra: forwarded.filter(row => !ids.has(row.audit_id)),
  }
}

function tied(stage: Stage, plot: Plot, rows: readonly Row[]): void {
  const { agent, sponsor } = stage.names
  const loose = rows.filter(
    row => row.agent !== agent || row.sponsor !== sponsor || row.lease !== plot.lease || row.task === '',
  )
  stage.check('each is tied to agent, sponsor, task and lease', loose.length === 0, JSON.stringify(loose[0] ?? null))
  const denied = rows.filter(row => row.decision === 'deny')
  stage.check(`the ${denied.length} denied attempts are among them`, denied.length > 0)
  const exec = rows.find(row => row.what.includes('pods/exec') && row.decision === 'allow')
  stage.check("exec's command is there", exec?.command.includes('echo') ?? false, JSON.stringify(exec ?? null))
  const claimed = rows.filter(row => row.kubectl_command !== '' && row.kubectl_session !== '')
  stage.check("kubectl's command and session are there, as the client claims them", claimed.length > 0)
  const unfinished = rows.filter(row => row.status === null || row.duration_ms === null)
  stage.check('each has status and duration', unfinished.length === 0, JSON.stringify(unfinished[0] ?? null))
}

/** Rows may still come in, so both are asked until they agree. */
async function bySql(stage: Stage, plot: Plot): Promise<void> {
  const sql = `SELECT count() AS n FROM requests WHERE lease = '${plot.lease}'`
  const both = async () => {
    const counted = await stage.leasegate('admin', ['sql', sql, '-o', 'json'])
    const [row] = JSON.parse(counted.stdout || '[]') as readonly { readonly n: number | string }[]
    return { counted: Number(row?.n), listed: (await timeline(stage, plot.lease)).length }
  }
  const seen = await until(both, ({ counted, listed }) => counted > 0 && counted === listed, 10_000)
  stage.check('SQL says the same', seen.counted > 0 && seen.counted === seen.listed, JSON.stringify(seen))
}
