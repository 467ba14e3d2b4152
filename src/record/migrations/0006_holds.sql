-- Who was held, and released. As the other events: the journal is read at least once, the key is what makes the event unique.
CREATE TABLE IF NOT EXISTS hold_events /*ON CLUSTER*/
(
    agent   LowCardinality(String) COMMENT 'Registered agent that got no lease from then on',
    at      DateTime64(3, 'UTC') COMMENT 'When' CODEC(Delta(8), ZSTD(1)),
    event   LowCardinality(String) COMMENT 'held or released',
    by      String COMMENT 'Who did it' CODEC(ZSTD(1)),
    reason  String COMMENT 'Why' CODEC(ZSTD(1)),
    until   Nullable(DateTime64(3, 'UTC')) COMMENT 'When the hold ends by itself, empty when only somebody ends it' CODEC(ZSTD(1))
)
ENGINE = /*Replicated*/ReplacingMergeTree
ORDER BY (agent, at, event)
TTL toDateTime(at) + INTERVAL 400 DAY
SETTINGS materialize_ttl_recalculate_only = 1, non_replicated_deduplication_window = 1000
COMMENT 'Agents as they were held and released'
