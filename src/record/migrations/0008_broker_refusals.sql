-- What the broker refused: a lease that an agent may not have, a hold, somebody who could not be named. The journal is read at least once,
-- the id is what makes a row unique.
CREATE TABLE IF NOT EXISTS broker_refusals /*ON CLUSTER*/
(
    at      DateTime64(3, 'UTC') COMMENT 'When' CODEC(Delta(8), ZSTD(1)),
    id      String COMMENT 'Of this refusal' CODEC(ZSTD(1)),
    agent   LowCardinality(String) COMMENT 'Registered agent that asked, empty when it was none',
    person  String COMMENT 'Person that asked, empty when it was none; both are empty when nobody could be named' CODEC(ZSTD(1)),
    what    String COMMENT 'Method and path' CODEC(ZSTD(1)),
    status  UInt16 COMMENT 'HTTP status of the answer',
    reason  String COMMENT 'What the answer said, credentials masked; empty for what could not be read' CODEC(ZSTD(1)),
    source  String COMMENT 'Address of the client' CODEC(ZSTD(1))
)
ENGINE = /*Replicated*/ReplacingMergeTree
ORDER BY (at, id)
TTL toDateTime(at) + INTERVAL 90 DAY
SETTINGS materialize_ttl_recalculate_only = 1, non_replicated_deduplication_window = 1000
COMMENT 'Requests that the broker refused; past so many a minute they are counted in refusal_summaries'
