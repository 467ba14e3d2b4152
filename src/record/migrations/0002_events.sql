-- What happens to leases and approvals, and the counted refusals. The journal is read at least once, so each table
-- replaces a row by its copy: the key is what makes the event unique.
CREATE TABLE IF NOT EXISTS lease_events /*ON CLUSTER*/
(
    lease       String COMMENT 'Lease id' CODEC(ZSTD(1)),
    event       LowCardinality(String) COMMENT 'issued or revoked',
    at          DateTime64(3, 'UTC') COMMENT 'When' CODEC(Delta(8), ZSTD(1)),
    agent       LowCardinality(String) COMMENT 'Registered agent that holds the lease',
    sponsor     LowCardinality(String) COMMENT 'Human on whose behalf the agent acts',
    task        String COMMENT 'What the agent calls its work' CODEC(ZSTD(1)),
    task_reason String COMMENT 'Why, in words of the agent' CODEC(ZSTD(1)),
    ticket      String COMMENT 'Ticket or incident' CODEC(ZSTD(1)),
    template    LowCardinality(String) COMMENT 'Task template of the policy',
    namespaces  Array(String) COMMENT 'Namespaces granted' CODEC(ZSTD(1)),
    scope       String DEFAULT '[]' COMMENT 'JSON array of the rules granted, in the order that the column rule counts them; only where it was issued' CODEC(ZSTD(1)),
    expires_at  DateTime64(3, 'UTC') COMMENT 'End by itself' CODEC(Delta(8), ZSTD(1)),
    by          String COMMENT 'Who did it' CODEC(ZSTD(1)),
    reason      String COMMENT 'Why it was revoked' CODEC(ZSTD(1))
)
ENGINE = /*Replicated*/ReplacingMergeTree
ORDER BY (lease, event)
TTL toDateTime(at) + INTERVAL 400 DAY
SETTINGS materialize_ttl_recalculate_only = 1, non_replicated_deduplication_window = 1000
COMMENT 'Leases as they were issued and revoked. Read the view leases instead';

CREATE TABLE IF NOT EXISTS approval_events /*ON CLUSTER*/
(
    approval String COMMENT 'Approval id' CODEC(ZSTD(1)),
    event    LowCardinality(String) COMMENT 'approved or rejected',
    at       DateTime64(3, 'UTC') COMMENT 'When' CODEC(Delta(8), ZSTD(1)),
    lease    String COMMENT 'Lease id' CODEC(ZSTD(1)),
    agent    LowCardinality(String) COMMENT 'Agent that asked',
    by       String COMMENT 'Approver' CODEC(ZSTD(1)),
    summary  String COMMENT 'The request as the approver saw it' CODEC(ZSTD(1))
)
ENGINE = /*Replicated*/ReplacingMergeTree
ORDER BY (approval, event)
TTL toDateTime(at) + INTERVAL 400 DAY
SETTINGS materialize_ttl_recalculate_only = 1, non_replicated_deduplication_window = 1000
COMMENT 'Answers of approvers. Read the view approvals instead';

CREATE TABLE IF NOT EXISTS refusal_summaries /*ON CLUSTER*/
(
    minute DateTime('UTC') COMMENT 'Minute that was counted' CODEC(Delta(4), ZSTD(1)),
    source String COMMENT 'Address of the client' CODEC(ZSTD(1)),
    count  UInt64 COMMENT 'Refusals in that minute past the cap, which have no row of their own' CODEC(ZSTD(1))
)
ENGINE = /*Replicated*/ReplacingMergeTree(count)
ORDER BY (minute, source)
TTL minute + INTERVAL 90 DAY
SETTINGS materialize_ttl_recalculate_only = 1, non_replicated_deduplication_window = 1000
COMMENT 'Refusals of nobody in particular, counted per source and minute';
