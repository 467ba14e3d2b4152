-- /*ON CLUSTER*/ and /*Replicated*/ are where a cluster is named and replication begins, if there is one.
--
-- One row per request, written as two halves that may come in any order, more than once, and far apart: the decision
-- from the journal, the outcome from Envoy's access log.
--
-- Why AggregatingMergeTree: every column names the function that merges it, `any` where all copies say the same and
-- `max` where a later report of an open stream knows more. Both skip NULL, so one half never wipes the other, and order,
-- repetition and merging in the background change nothing. (CoalescingMergeTree keeps what was inserted last instead;
-- measured, it merges 20 % slower and reads unmerged rows 40 % slower.)
-- Why this key: a lease belongs to one agent and its id starts with its time, so what belongs together lies together;
-- FINAL then merges only the few granules of that lease (33 ms instead of 1.5 s on a million rows with the agent first).
-- Why an index on a name, which one half lacks: FINAL also reads what the keys of a found granule overlap with (exact mode), so
-- the other half is not lost. It makes the history of an object 50 times faster on 30 days that are merged.
CREATE TABLE IF NOT EXISTS request_halves /*ON CLUSTER*/
(
    decided_at      DateTime64(3, 'UTC') COMMENT 'Key of the row: when the boundary decided, the same in both halves' CODEC(Delta(8), ZSTD(1)),
    agent           LowCardinality(String) COMMENT 'Key of the row: registered agent, empty when nobody could be named',
    lease           String COMMENT 'Key of the row: lease id, empty when there was none' CODEC(ZSTD(1)),
    audit_id        String COMMENT 'Key of the row: Audit-ID of the request, also in the audit log of the API server' CODEC(ZSTD(1)),

    sponsor         SimpleAggregateFunction(any, LowCardinality(Nullable(String))) COMMENT 'Decision: human on whose behalf the agent acts',
    task            SimpleAggregateFunction(any, Nullable(String)) COMMENT 'Decision: what the agent calls its work' CODEC(ZSTD(1)),
    task_reason     SimpleAggregateFunction(any, Nullable(String)) COMMENT 'Decision: why, in words of the agent' CODEC(ZSTD(1)),
    ticket          SimpleAggregateFunction(any, Nullable(String)) COMMENT 'Decision: ticket or incident' CODEC(ZSTD(1)),
    template        SimpleAggregateFunction(any, LowCardinality(Nullable(String))) COMMENT 'Decision: task template of the policy',
    policy_revision SimpleAggregateFunction(any, LowCardinality(Nullable(String))) COMMENT 'Decision: revision of the policy that judged',
    method          SimpleAggregateFunction(any, LowCardinality(Nullable(String))) COMMENT 'Decision: HTTP method',
    path            SimpleAggregateFunction(any, Nullable(String)) COMMENT 'Decision: path as sent, without the query' CODEC(ZSTD(1)),
    readable        SimpleAggregateFunction(any, Nullable(Bool)) COMMENT 'Decision: false when the request was refused unread',
    is_resource     SimpleAggregateFunction(any, Nullable(Bool)) COMMENT 'Decision: a request for a resource, not for a URL such as /version',
    verb            SimpleAggregateFunction(any, LowCardinality(Nullable(String))) COMMENT 'Decision: Kubernetes verb',
    api_group       SimpleAggregateFunction(any, LowCardinality(Nullable(String))) COMMENT 'Decision: API group, empty for core',
    api_version     SimpleAggregateFunction(any, LowCardinality(Nullable(String))) COMMENT 'Decision: API version',
    resource        SimpleAggregateFunction(any, LowCardinality(Nullable(String))) COMMENT 'Decision: resource',
    subresource     SimpleAggregateFunction(any, LowCardinality(Nullable(String))) COMMENT 'Decision: subresource',
    namespace       SimpleAggregateFunction(any, LowCardinality(Nullable(String))) COMMENT 'Decision: namespace',
    name            SimpleAggregateFunction(any, Nullable(String)) COMMENT 'Decision: name of the object' CODEC(ZSTD(1)),
    field_selector  SimpleAggregateFunction(any, Nullable(String)) COMMENT 'Decision: field selector' CODEC(ZSTD(1)),
    label_selector  SimpleAggregateFunction(any, Nullable(String)) COMMENT 'Decision: label selector' CODEC(ZSTD(1)),
    command         SimpleAggregateFunction(any, Nullable(String)) COMMENT 'Decision: JSON array of the arguments of exec, credentials masked' CODEC(ZSTD(1)),
    container       SimpleAggregateFunction(any, LowCardinality(Nullable(String))) COMMENT 'Decision: container of exec and attach',
    dry_run         SimpleAggregateFunction(any, Nullable(Bool)) COMMENT 'Decision: dryRun=All',
    decision        SimpleAggregateFunction(any, LowCardinality(Nullable(String))) COMMENT 'Decision: allow, deny or pending',
    reason          SimpleAggregateFunction(any, LowCardinality(Nullable(String))) COMMENT 'Decision: why it was not allowed',
    detail          SimpleAggregateFunction(any, Nullable(String)) COMMENT 'Decision: what was missing' CODEC(ZSTD(1)),
    rule            SimpleAggregateFunction(any, LowCardinality(Nullable(String))) COMMENT 'Decision: rule of the scope that matched',
    risk            SimpleAggregateFunction(any, LowCardinality(Nullable(String))) COMMENT 'Decision: entry of the risk catalogue that matched',
    approval        SimpleAggregateFunction(any, Nullable(String)) COMMENT 'Decision: approval asked for or used' CODEC(ZSTD(1)),
    source          SimpleAggregateFunction(any, LowCardinality(Nullable(String))) COMMENT 'Decision: address of the client',
    user_agent      SimpleAggregateFunction(any, LowCardinality(Nullable(String))) COMMENT 'Decision: user agent, claimed by the client',
    kubectl_command SimpleAggregateFunction(any, LowCardinality(Nullable(String))) COMMENT 'Decision: Kubectl-Command, claimed by the client',
    kubectl_session SimpleAggregateFunction(any, Nullable(String)) COMMENT 'Decision: Kubectl-Session, claimed by the client' CODEC(ZSTD(1)),

    started_at      SimpleAggregateFunction(min, Nullable(DateTime64(3, 'UTC'))) COMMENT 'Outcome: when Envoy received the request' CODEC(Delta(8), ZSTD(1)),
    seen_at         SimpleAggregateFunction(max, Nullable(DateTime64(3, 'UTC'))) COMMENT 'Outcome: last sign of the request' CODEC(Delta(8), ZSTD(1)),
    ended_at        SimpleAggregateFunction(max, Nullable(DateTime64(3, 'UTC'))) COMMENT 'Outcome: when it ended, NULL while it runs' CODEC(Delta(8), ZSTD(1)),
    status          SimpleAggregateFunction(max, Nullable(UInt16)) COMMENT 'Outcome: HTTP status sent to the client, 0 when none' CODEC(ZSTD(1)),
    duration_ms     SimpleAggregateFunction(max, Nullable(UInt64)) COMMENT 'Outcome: milliseconds so far' CODEC(T64, ZSTD(1)),
    boundary_us     SimpleAggregateFunction(max, Nullable(UInt32)) COMMENT 'Outcome: microseconds in the boundary, before the API server got the first byte' CODEC(T64, ZSTD(1)),
    bytes_in        SimpleAggregateFunction(max, Nullable(UInt64)) COMMENT 'Outcome: bytes received from the client so far' CODEC(T64, ZSTD(1)),
    bytes_out       SimpleAggregateFunction(max, Nullable(UInt64)) COMMENT 'Outcome: bytes sent to the client so far' CODEC(T64, ZSTD(1)),
    forwarded       SimpleAggregateFunction(max, Nullable(Bool)) COMMENT 'Outcome: the API server was reached',
    flags           SimpleAggregateFunction(any, LowCardinality(Nullable(String))) COMMENT 'Outcome: response flags of Envoy at the end, with commas',
    details         SimpleAggregateFunction(any, LowCardinality(Nullable(String))) COMMENT 'Outcome: response code details of Envoy at the end',
    seen_method     SimpleAggregateFunction(any, LowCardinality(Nullable(String))) COMMENT 'Outcome of a request without a lease: HTTP method',
    seen_path       SimpleAggregateFunction(any, Nullable(String)) COMMENT 'Outcome of a request without a lease: path without the query' CODEC(ZSTD(1)),
    seen_source     SimpleAggregateFunction(any, LowCardinality(Nullable(String))) COMMENT 'Outcome of a request without a lease: address of the client',
    seen_user_agent SimpleAggregateFunction(any, LowCardinality(Nullable(String))) COMMENT 'Outcome of a request without a lease: user agent',

    INDEX by_audit_id audit_id TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_name name TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_time decided_at TYPE minmax GRANULARITY 1
)
ENGINE = /*Replicated*/AggregatingMergeTree
PARTITION BY toDate(decided_at)
PRIMARY KEY (lease, agent, decided_at)
ORDER BY (lease, agent, decided_at, audit_id)
TTL toDateTime(decided_at) + INTERVAL 90 DAY
-- Whole days expire as parts. Days that are over merge by themselves to one part, which makes FINAL nearly free.
-- A batch that is sent twice is dropped by its token. Another retention reads only the times of the old parts anew.
SETTINGS ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1, non_replicated_deduplication_window = 1000,
         min_age_to_force_merge_seconds = 3600, min_age_to_force_merge_on_partition_only = 1
COMMENT 'Requests as they are written, in halves. Read the view requests instead';
