import type { ClickHouseClient } from '@clickhouse/client'

/** Requests spread evenly over days; the same plan makes the same rows. */
export interface Plan {
  readonly total: number
  readonly days: number
  /** Epoch milliseconds of the first midnight. */
  readonly start: number
}

const AGENTS = 50
const PER_LEASE = 300
const DAY = 86_400_000
const CHUNK = 500_000

/** A lease of agent-7 in the middle of a day. */
export function leaseAt(plan: Plan, day: number): string {
  const perDay = Math.floor(plan.total / plan.days)
  const group = Math.floor((day * perDay + perDay / 2) / (AGENTS * PER_LEASE))
  return `lse_0_${String(group * AGENTS + 7).padStart(16, '0')}`
}

const VERBS = "['get', 'list', 'get', 'list', 'get', 'watch', 'patch', 'update', 'create', 'delete']"
const RESOURCES = "['pods', 'deployments', 'services', 'events', 'configmaps', 'secrets', 'ingresses', 'jobs']"

/** Both halves of a day's requests: a lease works in one namespace, on two kinds of objects, twenty of each. In parts as the tap would write them after some merging. */
export async function insertRequests(writer: ClickHouseClient, plan: Plan, day: number): Promise<void> {
  const perDay = Math.floor(plan.total / plan.days)
  for (let from = day * perDay; from < (day + 1) * perDay; from += CHUNK) {
    const count = Math.min(CHUNK, (day + 1) * perDay - from)
    await insert(writer, decisions(plan, from, count))
    await insert(writer, outcomes(plan, from, count))
  }
}

function key({ total, days, start }: Plan): string {
  return `fromUnixTimestamp64Milli(${start} + toInt64(n * ${days * DAY}. / ${total}), 'UTC') AS decided_at,
    concat('agent-', toString(n % ${AGENTS})) AS agent, concat('lse_0_', leftPad(toString(lease_number), 16, '0')) AS lease,
    concat(substring(hash, 1, 8), '-', substring(hash, 9, 4), '-', substring(hash, 13, 4), '-', substring(hash, 17, 4), '-', substring(hash, 21)) AS audit_id`
}

function numbered(from: number, count: number): string {
  return `(SELECT number + ${from} AS n, intDiv(n, ${AGENTS * PER_LEASE}) * ${AGENTS} + n % ${AGENTS} AS lease_number, lower(hex(MD5(toString(n)))) AS hash,
    sipHash64(n) AS h, intDiv(h, 10) % 100 AS percent, arrayElement(${VERBS}, 1 + h % 10) AS verb_of,
    arrayElement(${RESOURCES}, 1 + (lease_number + intDiv(h, 16) % 2) % 8) AS resource_of, concat('ns-', toString(lease_number * 7 % 40)) AS namespace_of,
    concat('web-', toString((lease_number * 13 + intDiv(h, 7) % 20) % 5000)) AS name_of FROM numbers(${count}))`
}

function decisions(plan: Plan, from: number, count: number): string {
  return `INSERT INTO request_halves (decided_at, agent, lease, audit_id, sponsor, task, task_reason, ticket, template, policy_revision, method, path,
      readable, is_resource, verb, api_group, api_version, resource, subresource, namespace, name, field_selector, label_selector, command,
      container, dry_run, decision, reason, detail, rule, risk, approval, source, user_agent, kubectl_command, kubectl_session)
    SELECT ${key(plan)}, concat('person-', toString(n % 30), '@example.com'), concat('task ', toString(lease_number)), 'it answers slowly',
      concat('INC-', toString(lease_number % 9000)), concat('template-', toString(n % 12)), concat('rev-', toString(intDiv(n, 5000000))),
      transform(verb_of, ['patch', 'update', 'create', 'delete'], ['PATCH', 'PUT', 'POST', 'DELETE'], 'GET'),
      concat('/api/v1/namespaces/', namespace_of, '/', resource_of, if(verb_of IN ('list', 'watch', 'create'), '', concat('/', name_of))), true, true, verb_of,
      transform(resource_of, ['deployments', 'ingresses', 'jobs'], ['apps', 'networking.k8s.io', 'batch'], ''), 'v1', resource_of,
      if(resource_of = 'pods' AND verb_of = 'create', 'exec', ''), namespace_of, if(verb_of IN ('list', 'watch', 'create'), '', name_of), '',
      if(verb_of = 'list', concat('app=', name_of), ''), if(resource_of = 'pods' AND verb_of = 'create', '["sh","-c","ls"]', '[]'), '', false,
      multiIf(percent >= 95, 'deny', percent = 94 AND verb_of = 'delete', 'pending', 'allow'),
      if(percent >= 95, arrayElement(['out-of-scope', 'lease-expired', 'budget-spent', 'dangerous', 'lease-revoked'], 1 + percent - 95), ''),
      if(percent >= 95, concat(verb_of, ' on ', resource_of, ' in ', namespace_of), ''), 'rule 1', '',
      if(percent = 94 AND verb_of = 'delete', concat('apr_', hash), ''), concat('10.0.', toString(n % 8), '.', toString(n % 250)),
      concat('kubectl/v1.36.', toString(n % 4)), concat('kubectl ', verb_of), concat(substring(toString(UUIDNumToString(MD5(toString(intDiv(n, 1000))))), 1, 36))
    FROM ${numbered(from, count)}`
}

function outcomes(plan: Plan, from: number, count: number): string {
  return `INSERT INTO request_halves (decided_at, agent, lease, audit_id, started_at, seen_at, ended_at, status, duration_ms, boundary_us, bytes_in,
      bytes_out, forwarded, flags, details)
    SELECT ${key(plan)}, decided_at, decided_at + toIntervalMillisecond(h % 900), decided_at + toIntervalMillisecond(h % 900),
      multiIf(percent >= 95, 403, percent = 94 AND verb_of = 'delete', 429, h % 200 = 0, 500, 200), h % 900, 1500 + h % 5000, 100 + h % 700,
      400 + h % 40000, percent < 94, if(percent >= 95, 'UAEX', ''), if(percent >= 95, 'ext_authz_denied', 'via_upstream')
    FROM ${numbered(from, count)}`
}

/** One lease for each group of requests, and a yes for each question. */
export async function insertLeases(writer: ClickHouseClient, { total, days, start }: Plan): Promise<void> {
  const leases = Math.ceil(total / (AGENTS * PER_LEASE)) * AGENTS
  const at = `fromUnixTimestamp64Milli(${start} + toInt64(intDiv(number, ${AGENTS}) * ${days * DAY}. * ${AGENTS * PER_LEASE} / ${total}), 'UTC')`
  const rule =
    '[{"verbs":["get","list","watch"],"apiGroups":[""],"resources":["pods","services"],"namespaces":["ns-1"]}]'
  await insert(
    writer,
    `INSERT INTO lease_events (lease, event, at, agent, sponsor, task, task_reason, ticket, template, namespaces, scope, expires_at, by, reason)
     SELECT concat('lse_0_', leftPad(toString(number), 16, '0')), 'issued', ${at}, concat('agent-', toString(number % ${AGENTS})),
       concat('person-', toString(number % 30), '@example.com'), concat('task ', toString(number)), 'it answers slowly',
       concat('INC-', toString(number % 9000)), concat('template-', toString(number % 12)), ['ns-1'], '${rule}', ${at} + INTERVAL 1 HOUR,
       concat('agent-', toString(number % ${AGENTS})), '' FROM numbers(${leases})`,
  )
}

let inserted = 0

/** With a token of its own: settings stick to an embedded session. */
async function insert(writer: ClickHouseClient, query: string): Promise<void> {
  inserted += 1
  await writer.command({ query, clickhouse_settings: { insert_deduplication_token: `bench ${inserted}` } })
}
