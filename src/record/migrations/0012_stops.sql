-- What was done to many leases at once. As the other events: the journal is read at least once, the key is what makes the event unique.
CREATE TABLE IF NOT EXISTS stop_events /*ON CLUSTER*/
(
    subject LowCardinality(String) COMMENT 'lease, task, template, agent, sponsor, issuer or all',
    name    String COMMENT 'Of the subject, empty for all' CODEC(ZSTD(1)),
    at      DateTime64(3, 'UTC') COMMENT 'When' CODEC(Delta(8), ZSTD(1)),
    event   LowCardinality(String) COMMENT 'end, stop, start, freeze or thaw',
    by      String COMMENT 'Who did it' CODEC(ZSTD(1)),
    reason  String COMMENT 'Why' CODEC(ZSTD(1))
)
ENGINE = /*Replicated*/ReplacingMergeTree
ORDER BY (subject, name, at, event)
TTL toDateTime(at) + INTERVAL 400 DAY
SETTINGS materialize_ttl_recalculate_only = 1, non_replicated_deduplication_window = 1000
COMMENT 'Leases that were ended, stopped and frozen by what they have in common'
