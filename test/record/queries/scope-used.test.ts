import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toUses } from '../../../src/cli/lease/suggest.ts'
import type { Scope } from '../../../src/lease/lease.ts'
import { suggestRules } from '../../../src/policy/suggest/suggest-rules.ts'
import { createClickHouseSink } from '../../../src/record/clickhouse-record-sink.ts'
import type { DecisionEntry } from '../../../src/record/journal/journal-entry.ts'
import { createQueryRunner } from '../../../src/record/queries/run-query.ts'
import { toOutcomeRow, toRow } from '../../../src/record/to-rows.ts'
import { openTestDatabase } from '../embedded.ts'
import { asked, decision, item, leaseEvent, outcome } from '../entries.ts'

const NOW = Date.now()
const database = await openTestDatabase()
const run = createQueryRunner(database.clickhouse.reader, () => NOW)
afterAll(() => database[Symbol.asyncDispose]())

const plain = { namespaces: ['shop'], nonResourceURLs: [], commands: [], stdin: false, fields: [] }
const scopeOf = (name: string): Scope => [
  {
    verbs: ['get', 'create'],
    apiGroups: [''],
    resources: ['pods', 'pods/exec', 'pods/attach'],
    resourceNames: [],
    ...plain,
  },
  { verbs: ['create', 'patch', 'update'], apiGroups: [''], resources: ['configmaps'], resourceNames: [name], ...plain },
]

/** Two leases that were asked for with a name each; under each an exec over WebSocket and an apply. */
const NAMES = ['web', 'api']
const did = (lease: string, rule: string, info: DecisionEntry['info']) =>
  decision({ auditId: crypto.randomUUID(), decidedAt: NOW - 60_000, lease, template: 'mend', rule, info })

beforeAll(async () => {
  const rows = NAMES.flatMap(name => {
    const lease = `lse_${name}`
    const times = { at: NOW - 120_000, expiresAt: NOW + 60_000 }
    const issued = leaseEvent({ ...times, lease, template: 'mend', scope: scopeOf(name), parameters: { name } })
    const exec = asked({
      verb: 'get',
      resource: 'pods',
      subresource: 'exec',
      apiGroup: '',
      namespace: 'shop',
      name: 'web-1',
    })
    const apply = asked({ verb: 'patch', resource: 'configmaps', apiGroup: '', namespace: 'shop', name })
    const entries = [did(lease, 'rule 1', exec), did(lease, 'rule 2: patch create', apply)]
    return [toRow(item(issued)), ...entries.flatMap(entry => [toRow(item(entry)), toOutcomeRow(outcome(entry), '')])]
  })
  await createClickHouseSink(database.clickhouse.writer).write(rows)
})

async function answered(name: string) {
  return run({ kind: 'saved', name, params: { template: 'mend' } })
}

describe('what was granted and never used', () => {
  test('knows that an exec over WebSocket creates, and so does what is applied', async () => {
    const { columns, rows } = await answered('unused-scope')
    const at = (name: string) => columns.findIndex(column => column.name === name)
    const told = rows.map(row => [row[at('resources')], row[at('unused_verbs')], row[at('unused_resources')]])
    expect(told.toSorted()).toEqual([
      ['configmaps', 'update', ''],
      ['pods pods/exec pods/attach', 'get', 'pods pods/attach'],
    ])
  })
})

describe('the smallest rules of a template', () => {
  test('have its place for what each lease was asked with', async () => {
    const { rules } = suggestRules(toUses(await answered('used-scope')))
    expect(rules).toMatchObject([
      { verbs: ['create', 'patch'], resources: ['configmaps'], resourceNames: ['{name}'] },
      { verbs: ['create'], resources: ['pods/exec'], resourceNames: [] },
    ])
  })
})
