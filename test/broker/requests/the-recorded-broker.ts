import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect } from 'vitest'
import type { Lease } from '../../../src/lease/lease.ts'
import type { Policy, TaskTemplate, TemplateRule } from '../../../src/policy/policy.ts'
import { createClickHouseSink } from '../../../src/record/clickhouse-record-sink.ts'
import type { Settled } from '../../../src/record/journal/journal-entry.ts'
import { createQueryRunner } from '../../../src/record/queries/run-query.ts'
import { toRow } from '../../../src/record/to-rows.ts'
import { issued, journaled } from '../../policy/replay/a-recorded.ts'
import type { TestDatabase } from '../../record/embedded.ts'
import { anHttpRequest } from '../../request/a-http-request.ts'
import { aRecord, recordOf } from '../console/a-record.ts'
import { TestBroker } from '../test-broker.ts'

/** One broker and its record for all that `requests.test.ts` has. */
export let broker: TestBroker
let database: TestDatabase
/** On a machine with much else to do. */
export const PATIENT = { patienceMs: 60_000, freshMs: 0 }

beforeAll(async () => {
  broker = await TestBroker.start()
  database = (await aRecord()).database
  broker.record = recordOf(createQueryRunner(database.clickhouse.reader), Date.now, PATIENT)
  broker.policy = withTemplates(broker.policy)
})
afterAll(async () => {
  await broker.stop()
  await database[Symbol.asyncDispose]()
})

const RULE: TemplateRule = {
  scope: 'namespaces',
  verbs: ['get', 'list', 'watch'],
  apiGroups: ['apps'],
  resources: ['deployments'],
  resourceNames: [],
  nonResourceURLs: [],
  commands: [],
  stdin: false,
  fields: [],
}
export const RESTART = ['spec', 'template', 'metadata', 'annotations', 'kubectl.kubernetes.io/restartedAt']

function withTemplates(policy: Policy): Policy {
  const [base] = policy.templates
  if (base === undefined) throw new Error('there is a template')
  const named = (name: string, ...rules: readonly TemplateRule[]): TaskTemplate => ({
    ...base,
    name,
    rules,
    budgets: {},
    maxLeases: 20,
  })
  const field = `spec.template.metadata.annotations["${RESTART.at(-1)}"]`
  return {
    ...policy,
    templates: [
      named('all-deployments', { ...RULE, verbs: ['*'] }),
      named('look', RULE),
      named('restart', RULE, { ...RULE, verbs: ['patch'], resourceNames: ['web'], fields: [field] }),
    ],
  }
}

export async function leaseOf(template: string, sub = 'web-operator', given: object = {}): Promise<Lease> {
  const body = { template, reason: 'it hangs', namespaces: ['shop-dev'], ...given }
  const { body: lease, status } = await broker.as(sub, 'POST', '/v1/leases', body)
  expect(status).toBe(201)
  const { state: _, taken: __, ...rest } = lease
  await write(issued(rest))
  return rest
}

export function write(...items: readonly Parameters<typeof toRow>[0][]): Promise<void> {
  return createClickHouseSink(database.clickhouse.writer).write(items.map(toRow))
}

interface Sent {
  readonly line: string
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: string
  readonly settled?: Settled
}

/** A request under that lease, judged and written by what does so in the authorizer; its audit id. */
export async function sent(lease: Lease, { line, headers = [], body = '', settled }: Sent): Promise<string> {
  const [method = '', target = ''] = line.split(' ')
  const id = randomUUID()
  const http = anHttpRequest({ id, method, target, headers: [...headers], body: Buffer.from(body) })
  await write(journaled(broker.policy, lease, http, settled))
  return id
}

export const why = (id: string, sub = 'web-operator') => broker.as(sub, 'GET', `/v1/requests/${encodeURIComponent(id)}`)
export const ALLOWED: Settled = { decision: 'allow', reason: '', approval: '' }
export const WEB = '/apis/apps/v1/namespaces/shop-dev/deployments/web'
