import { select } from '../embedded.ts'
import { change, changed, type Edit, oneOf, pick, random, writer } from './the-record.ts'

const DECISION = ['sponsor', 'path', 'verb', 'namespace', 'name', 'command', 'decision', 'reason', 'rule', 'approval']
const OUTCOME = ['status', 'duration_ms', 'bytes_in', 'bytes_out', 'flags', 'details', 'ended_at', 'forwarded']
const OTHERS = {
  lease_events: ['sponsor', 'by', 'template', 'scope', 'expires_at'],
  approval_events: ['by', 'summary', 'reason', 'changes'],
  hold_events: ['by', 'reason'],
  stop_events: ['by', 'reason'],
  broker_refusals: ['person', 'what', 'status'],
} as const

async function valueFor(table: string, column: string): Promise<string> {
  const [found] = await select(
    writer,
    `SELECT type FROM system.columns WHERE database = 'leasegate' AND table = '${table}' AND name = '${column}'`,
  )
  const type = String(found?.['type'])
  if (type.includes('DateTime64')) return "toDateTime64('2026-01-02 03:04:05.006', 3, 'UTC')"
  if (type.includes('Int')) return `${column} + ${1 + Math.floor(random() * 9)}`
  if (type.includes('Bool')) return `NOT ${column}`
  return `concat(ifNull(${column}, ''), 'x')`
}

export const RECORD_EDITS: readonly Edit[] = [
  {
    name: 'a column of a decision',
    act: async () => {
      const { audit_id: id } = await oneOf('request_halves', 'decision IS NOT NULL', 'audit_id')
      const column = pick(DECISION)
      await change(
        'request_halves',
        `UPDATE ${column} = ${await valueFor('request_halves', column)} WHERE audit_id = '${id}'`,
      )
      return `edited decision ${id}`
    },
  },
  {
    name: 'a column of an outcome',
    act: async () => {
      const { audit_id: id } = await oneOf('request_halves', 'ended_at IS NOT NULL', 'audit_id')
      const column = pick(OUTCOME)
      await change(
        'request_halves',
        `UPDATE ${column} = ${await valueFor('request_halves', column)} WHERE audit_id = '${id}' AND ended_at IS NOT NULL`,
      )
      return `edited outcome ${id}`
    },
  },
  {
    name: 'an end that is taken away',
    act: async () => {
      const { audit_id: id } = await oneOf('request_halves', 'ended_at IS NOT NULL', 'audit_id')
      await change('request_halves', `UPDATE ended_at = NULL WHERE audit_id = '${id}'`)
      return `deleted outcome ${id}`
    },
  },
  {
    name: 'a column of an event',
    act: async () => {
      const table = pick(Object.keys(OTHERS) as (keyof typeof OTHERS)[])
      const column = pick(OTHERS[table] as readonly string[])
      const { at } = await oneOf(table, '1', 'at')
      await change(table, `UPDATE ${column} = ${await valueFor(table, column)} WHERE at = '${at}'`)
      return 'edited'
    },
  },
  {
    name: 'a request that is deleted',
    act: async () => {
      const { audit_id: id } = await oneOf('request_halves', 'decision IS NOT NULL', 'audit_id')
      await change('request_halves', `DELETE WHERE audit_id = '${id}'`)
      return `deleted decision ${id}`
    },
  },
  {
    name: 'an event that is deleted',
    act: async () => {
      const table = pick([...Object.keys(OTHERS), 'refusal_summaries'])
      const time = table === 'refusal_summaries' ? 'minute' : 'at'
      const { when } = await oneOf(table, '1', `${time} AS when`)
      await change(table, `DELETE WHERE ${time} = '${when}'`)
      return 'deleted'
    },
  },
  {
    name: 'the newest requests, cut off',
    act: async () => {
      const [{ at, audit_id: id } = {}] = await select(
        writer,
        'SELECT decided_at AS at, audit_id FROM request_halves ORDER BY decided_at DESC LIMIT 1',
      )
      await change('request_halves', `DELETE WHERE decided_at >= '${at}'`)
      return `deleted decision ${id}`
    },
  },
  {
    name: 'a request that never was',
    act: async () => {
      const id = `forged-${random()}`
      changed.add('request_halves')
      await writer.command({
        query: `INSERT INTO request_halves (decided_at, agent, lease, audit_id, decision, path)
          VALUES (now64(3) + INTERVAL ${Math.floor(random() * 3)} DAY, 'agent-1', 'lse_1', '${id}', 'allow', '/api')`,
      })
      return `inserted decision ${id}`
    },
  },
  {
    name: 'two requests that change places',
    act: async () => {
      const [one, other] = await select(
        writer,
        'SELECT audit_id FROM request_halves WHERE decision IS NOT NULL ORDER BY rand() LIMIT 1 BY audit_id LIMIT 2',
      )
      const [a, b] = [one?.['audit_id'], other?.['audit_id']]
      const swapped = `replace(replace(replace(audit_id, '${a}', '?'), '${b}', '${a}'), '?', '${b}')`
      const where = `audit_id IN ('${a}', '${b}')`
      const columns = (await select(writer, 'DESCRIBE request_halves')).map(({ name }) => String(name))
      const values = columns.map(name => (name === 'audit_id' ? swapped : name))
      await writer.command({ query: `CREATE TABLE swapping AS request_halves` })
      await writer.command({ query: `INSERT INTO swapping SELECT ${values} FROM request_halves WHERE ${where}` })
      await change('request_halves', `DELETE WHERE ${where}`)
      await writer.command({ query: 'INSERT INTO request_halves SELECT * FROM swapping' })
      await writer.command({ query: 'DROP TABLE swapping SYNC' })
      return `edited decision ${a}`
    },
  },
]
