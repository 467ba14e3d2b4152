import type { Finding } from '../../findings/report.ts'
import type { RecordedRequest, VerifyParts } from './parts.ts'

/** A request that was sent under a lease, as its sender knows it. */
export interface Sent {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly status: number
  /** '' when the answer named none. */
  readonly auditId: string
  readonly decision: 'allow' | 'deny'
}

/** Whose all of it must be. */
export interface Whose {
  readonly agent: string
  readonly sponsor: string
  readonly task: string
  readonly lease: string
}

const ASK_AGAIN_MS = 250

/** Rows of the lease once there are as many as were sent and each has both its halves, or what there is when the time is up. */
export async function settledRows(
  { record, recordWithinMs }: Pick<VerifyParts, 'record' | 'recordWithinMs'>,
  lease: string,
  sent: number,
): Promise<readonly RecordedRequest[]> {
  const end = performance.now() + recordWithinMs
  for (;;) {
    const rows = await record.ofLease(lease)
    const settled = rows.length >= sent && rows.every(row => row.state === 'done' && row.decision !== 'none')
    if (settled || performance.now() > end) return rows
    await new Promise(resolve => setTimeout(resolve, ASK_AGAIN_MS))
  }
}

/** What was sent against what is on record: each once, in order, whole, and tied to who did it and for what. */
export function compareRecord(
  sent: readonly Sent[],
  rows: readonly RecordedRequest[],
  whose: Whose,
): readonly Finding[] {
  const left = [...rows]
  const findings: Finding[] = []
  let last = -1
  for (const each of sent) {
    const index = left.findIndex(row => isOf(row, each))
    const row = left[index]
    if (row === undefined) {
      findings.push(missing(each))
      continue
    }
    left.splice(index, 1)
    const at = rows.indexOf(row)
    if (at < last) findings.push(outOfOrder(row))
    last = Math.max(last, at)
    findings.push(...compareRow(each, row, whose))
  }
  return [...findings, ...left.map(row => surplus(row))]
}

function isOf(row: RecordedRequest, { auditId, method, path }: Sent): boolean {
  return auditId === '' ? row.method === method && row.path === path : row.audit_id === auditId
}

function compareRow(sent: Sent, row: RecordedRequest, whose: Whose): readonly Finding[] {
  const wrong: string[] = []
  if (row.method !== sent.method || row.path !== sent.path) wrong.push(`it says ${row.method} ${row.path}`)
  for (const key of ['agent', 'sponsor', 'task', 'lease'] as const) {
    if (row[key] !== whose[key]) wrong.push(`${key} is "${row[key]}" instead of "${whose[key]}"`)
  }
  const decided = row.decision === 'pending' ? 'deny' : row.decision
  if (decided !== sent.decision) wrong.push(`the decision is "${row.decision}"`)
  if (row.state !== 'done') wrong.push(`its outcome is "${row.state}"`)
  else if (sent.status !== 0 && row.status !== sent.status)
    wrong.push(`the status is ${row.status}, not ${sent.status}`)
  if (wrong.length === 0) return []
  const finding: Finding = {
    severity: 'error',
    what: `the row of ${sent.method} ${sent.path} (${row.audit_id}) is not right: ${wrong.join('; ')}`,
    why: 'Whoever reads the record is told something else than what happened.',
    mend: "Look into the tap's and Envoy's logs for this audit id; then: leasegate doctor",
  }
  return [finding]
}

function missing({ method, path, status, auditId }: Sent): Finding {
  const named = auditId === '' ? '' : `, audit id ${auditId}`
  return {
    severity: 'critical',
    what: `${method} ${path} was answered with ${status} and is not on record${named}`,
    why: 'What an agent does can go unseen.',
    mend: 'See that the tap runs and that ClickHouse takes what it writes: leasegate doctor',
  }
}

function outOfOrder({ method, path, audit_id }: RecordedRequest): Finding {
  return {
    severity: 'error',
    what: `the row of ${method} ${path} (${audit_id}) is not where it belongs in the order`,
    why: 'The order of a session tells what led to what.',
    mend: "Compare the clocks of the authorizers' machines: leasegate doctor",
  }
}

function surplus({ method, path, audit_id }: RecordedRequest): Finding {
  return {
    severity: 'critical',
    what: `the record has ${method} ${path} (${audit_id}) under this lease, or has it twice, and it was sent once at most`,
    why: 'Somebody else uses the lease token, or a request is counted twice.',
    mend: 'Look for its source address in the record: leasegate query lease-timeline; then end the lease.',
  }
}
