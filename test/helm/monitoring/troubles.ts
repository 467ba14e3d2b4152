type Part = 'envoy' | 'authorizer' | 'broker' | 'tap'

interface Trouble {
  /** Series that are otherwise than while all is well; null: there is none. */
  readonly changes: Readonly<Record<string, string | null>>
  /** Alarms that cannot be told from it. */
  readonly also?: readonly string[]
}

/** Of one pod of the part, as the rules' selectors have it. */
function of(part: Part, metric: string, labels: Readonly<Record<string, string>> = {}): string {
  const all = { namespace: 'leasegate-system', job: `lg-leasegate-${part}`, pod: `${part}-0`, ...labels }
  const text = Object.entries(all).map(([name, value]) => `${name}="${value}"`)
  return `${metric}{${text.join()}}`
}

/** In promtool's words, two hours of a sample a minute. */
const always = (value: number): string => `${value}x120`
const perMinute = (count: number): string => `0+${count}x120`

const up = (part: Part) => of(part, 'up')
const S = {
  authorizers: of('envoy', 'envoy_cluster_membership_healthy', { envoy_cluster_name: 'authorizers' }),
  ready: of('authorizer', 'leasegate_store_ready'),
  allowed: of('authorizer', 'leasegate_decisions_total', { verdict: 'allow', reason: '' }),
  unavailable: of('authorizer', 'leasegate_decisions_total', { verdict: 'deny', reason: 'unavailable' }),
  pending: of('authorizer', 'leasegate_decisions_total', { verdict: 'pending', reason: 'approval-pending' }),
  within: (le: string) => of('authorizer', 'leasegate_check_duration_seconds_bucket', { le }),
  cuts: of('authorizer', 'leasegate_stream_cuts_total', { reason: 'lease_unconfirmed' }),
  apiServer: of('envoy', 'envoy_cluster_upstream_cx_connect_fail', { envoy_cluster_name: 'api_server' }),
  refuses: of('envoy', 'envoy_overload_envoy_overload_actions_stop_accepting_requests_active'),
  shrinks: of('envoy', 'envoy_overload_envoy_overload_actions_shrink_heap_active'),
  connections: of('envoy', 'envoy_overload_envoy_resource_monitors_global_downstream_max_connections_pressure'),
  days: of('envoy', 'envoy_server_days_until_first_cert_expiring'),
  answers: of('broker', 'leasegate_broker_requests_total', { action: 'answer', status: '200' }),
  fails: of('broker', 'leasegate_broker_requests_total', { action: 'request', status: '500' }),
  lag: of('tap', 'leasegate_journal_lag_seconds', { stream: 'p0' }),
  failing: of('tap', 'leasegate_record_failing_seconds'),
  copying: of('tap', 'leasegate_ledger_copy_failing_seconds'),
  witness: of('tap', 'leasegate_ledger_witness_failing_seconds'),
  entries: of('tap', 'leasegate_journal_entries', { stream: 'p0' }),
  dead: of('tap', 'leasegate_dead_letters', { stream: 'p0' }),
  requests: of('envoy', 'envoy_http_downstream_rq_completed', { envoy_http_conn_manager_prefix: 'boundary' }),
  outcomes: of('tap', 'leasegate_outcomes_total'),
  lost: of('tap', 'leasegate_outcomes_lost_total'),
}

/** An hour and a half of a boundary with ten requests a second. */
export const WELL: Readonly<Record<string, string>> = {
  ...Object.fromEntries((['envoy', 'authorizer', 'broker', 'tap'] as const).map(part => [up(part), always(1)])),
  [S.authorizers]: always(2),
  [S.ready]: always(1),
  [S.allowed]: perMinute(600),
  [S.within('0.1')]: perMinute(600),
  [S.within('0.5')]: perMinute(600),
  [S.within('+Inf')]: perMinute(600),
  [S.cuts]: always(0),
  [S.apiServer]: always(0),
  [S.refuses]: always(0),
  [S.shrinks]: always(0),
  [S.connections]: always(10),
  [S.days]: always(60),
  [S.answers]: perMinute(1),
  [S.lag]: always(1),
  [S.failing]: always(0),
  [S.copying]: always(0),
  [S.witness]: always(0),
  [S.entries]: always(100),
  [S.dead]: always(0),
  [S.requests]: perMinute(600),
  [S.outcomes]: perMinute(600),
  [S.lost]: always(0),
}

/** By alarm, what it is there for. */
export const TROUBLES: Readonly<Record<string, Trouble>> = {
  LeasegateBoundaryDown: { changes: { [up('envoy')]: always(0) } },
  LeasegateNoAuthorizer: { changes: { [S.authorizers]: always(0) } },
  LeasegateAuthorizersNotReady: { changes: { [up('authorizer')]: always(0) } },
  LeasegateRedisAway: { changes: { [S.ready]: always(0) }, also: ['LeasegateAuthorizersNotReady'] },
  LeasegateChecksFail: { changes: { [S.unavailable]: perMinute(10) } },
  LeasegateDecisionsSlow: { changes: { [S.within('0.1')]: perMinute(500) } },
  LeasegateStreamsUnconfirmed: { changes: { [S.cuts]: '0x95 3x25' } },
  LeasegateApiServerAway: { changes: { [S.apiServer]: perMinute(4) } },
  LeasegateEnvoyOverloaded: { changes: { [S.connections]: always(95) } },
  LeasegateCertificateEndsSoon: { changes: { [S.days]: always(7) } },
  LeasegateBrokerDown: { changes: { [up('broker')]: null } },
  LeasegateBrokerFails: { changes: { [S.fails]: perMinute(1) } },
  LeasegateApprovalsWaitLong: { changes: { [S.pending]: perMinute(1), [S.answers]: always(7) } },
  LeasegateTapDown: { changes: { [up('tap')]: always(0) } },
  LeasegateRecordBehind: { changes: { [S.lag]: always(300) } },
  LeasegateClickHouseAway: { changes: { [S.failing]: always(90) } },
  LeasegateCheckpointsStayHere: { changes: { [S.witness]: always(900) } },
  LeasegateJournalAboveHighMark: { changes: { [S.entries]: always(520_000) } },
  LeasegateJournalFull: { changes: { [S.entries]: always(560_000) }, also: ['LeasegateJournalAboveHighMark'] },
  LeasegateDeadLetters: { changes: { [S.dead]: always(1) } },
  LeasegateRecordGap: { changes: { [S.outcomes]: perMinute(500) } },
}
