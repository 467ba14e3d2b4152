import type { RecordedRequest, RecordSide } from '../../proof/verify/parts.ts'
import type { Terminal } from '../command/terminal.ts'
import { askRecord } from '../record/query/query-runner.ts'

const COLUMNS = [
  'audit_id',
  'agent',
  'sponsor',
  'task',
  'lease',
  'decision',
  'reason',
  'state',
  'what',
  'method',
  'path',
  'command',
  'status',
] as const satisfies readonly (keyof RecordedRequest)[]

/** The record as analysts read it. */
export function recordSide(terminal: Terminal): RecordSide {
  return {
    ofLease: async lease => {
      // The broker made this id; it goes into a text that is SQL all the same.
      if (!/^lse_[\w-]+$/.test(lease)) throw new Error('that is no lease id')
      const sql = `SELECT ${COLUMNS.join(', ')} FROM requests WHERE lease = '${lease}' ORDER BY decided_at, audit_id`
      const { rows } = await askRecord(terminal, { kind: 'sql', sql })
      return rows.map(toRequest)
    },
  }
}

function toRequest(row: readonly unknown[]): RecordedRequest {
  return Object.fromEntries(COLUMNS.map((column, index) => [column, row[index]])) as unknown as RecordedRequest
}
