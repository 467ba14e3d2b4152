-- Recorded sessions, apart from the rows of requests: what was seen in a shell may be anything. What they say is sealed before it gets
-- here, with a key for each session that is wrapped by one that never gets here. These are no tables that replace rows: whoever may insert
-- could put something in the place of what is there. What is inserted twice is read once.
CREATE TABLE IF NOT EXISTS session_keys /*ON CLUSTER*/
(
    audit_id   String COMMENT 'Audit-ID of the request that began the session' CODEC(ZSTD(1)),
    lease      String COMMENT 'Lease id' CODEC(ZSTD(1)),
    started_at DateTime64(3, 'UTC') COMMENT 'When the session began' CODEC(Delta(8), ZSTD(1)),
    verb       LowCardinality(String) COMMENT 'exec or attach',
    protocol   LowCardinality(String) COMMENT 'Protocol of the streams, such as v5.channel.k8s.io',
    tty        Bool COMMENT 'Whether there is a terminal',
    key_id     LowCardinality(String) COMMENT 'Which key of the installation opens the next column',
    wrapped    String COMMENT 'Key of the session, wrapped, in base64; without it nobody reads the session again' CODEC(NONE)
)
ENGINE = /*Replicated*/MergeTree
PARTITION BY toYYYYMM(started_at)
ORDER BY audit_id
TTL toDateTime(started_at) + INTERVAL 30 DAY
SETTINGS materialize_ttl_recalculate_only = 1, non_replicated_deduplication_window = 1000
COMMENT 'Recorded sessions, and the wrapped keys that open them';

CREATE TABLE IF NOT EXISTS session_chunks /*ON CLUSTER*/
(
    audit_id      String COMMENT 'Audit-ID of the request that began the session' CODEC(ZSTD(1)),
    lease         String COMMENT 'Lease id' CODEC(ZSTD(1)),
    started_at    DateTime64(3, 'UTC') COMMENT 'When the session began, of all chunks: it expires as a whole' CODEC(Delta(8), ZSTD(1)),
    n             UInt32 COMMENT 'Number of the chunk in its session, from 0' CODEC(ZSTD(1)),
    kind          LowCardinality(String) COMMENT 'events; gap for events that were lost before they got here; end for the last chunk',
    sealed        String DEFAULT base64Decode(sealed_base64) COMMENT 'Compressed and sealed: AES-256-GCM bound to audit_id, n and kind' CODEC(NONE),
    sealed_base64 String EPHEMERAL COMMENT 'How it is inserted'
)
ENGINE = /*Replicated*/MergeTree
PARTITION BY toDate(started_at)
ORDER BY (audit_id, n)
TTL toDateTime(started_at) + INTERVAL 30 DAY
-- Rows are large, and one session is read at a time.
SETTINGS ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1, non_replicated_deduplication_window = 1000, index_granularity = 128
COMMENT 'What was recorded of sessions, sealed. Read with leasegate sessions';

CREATE TABLE IF NOT EXISTS session_ends /*ON CLUSTER*/
(
    started_at DateTime64(3, 'UTC') COMMENT 'When the session began' CODEC(Delta(8), ZSTD(1)),
    audit_id   String COMMENT 'Audit-ID of the request that began the session' CODEC(ZSTD(1)),
    lease      String COMMENT 'Lease id' CODEC(ZSTD(1)),
    ended_at   DateTime64(3, 'UTC') COMMENT 'When it ended' CODEC(Delta(8), ZSTD(1)),
    why        String COMMENT 'Why it ended' CODEC(ZSTD(1)),
    chunks     UInt32 COMMENT 'How many chunks there are, the last one included' CODEC(ZSTD(1)),
    bytes      UInt64 COMMENT 'Bytes of its events, headers included' CODEC(ZSTD(1)),
    stored     UInt64 COMMENT 'Bytes of its chunks as they are kept' CODEC(ZSTD(1)),
    hash       String COMMENT 'SHA-256 over its chunks in their order, base64url' CODEC(ZSTD(1))
)
ENGINE = /*Replicated*/MergeTree
ORDER BY (started_at, audit_id)
TTL toDateTime(started_at) + INTERVAL 90 DAY
SETTINGS materialize_ttl_recalculate_only = 1, non_replicated_deduplication_window = 1000
COMMENT 'How recorded sessions ended; kept as long as the requests that began them';

CREATE TABLE IF NOT EXISTS session_deletions /*ON CLUSTER*/
(
    at       DateTime64(3, 'UTC') COMMENT 'When' CODEC(Delta(8), ZSTD(1)),
    audit_id String COMMENT 'Audit-ID of the request that began the session' CODEC(ZSTD(1)),
    by       String COMMENT 'Who deleted it' CODEC(ZSTD(1)),
    why      String COMMENT 'Why, in their words' CODEC(ZSTD(1))
)
ENGINE = /*Replicated*/MergeTree
ORDER BY audit_id
TTL toDateTime(at) + INTERVAL 400 DAY
SETTINGS materialize_ttl_recalculate_only = 1, non_replicated_deduplication_window = 1000
COMMENT 'Recorded sessions that somebody had deleted';

-- What analysts may know of sessions: that there are some, and how much of what length, and nothing that was said.
CREATE OR REPLACE VIEW sessions /*ON CLUSTER*/
(
    audit_id   String COMMENT 'Audit-ID of the request that began the session',
    lease      String COMMENT 'Lease id',
    started_at DateTime64(3, 'UTC') COMMENT 'When it began',
    ended_at   Nullable(DateTime64(3, 'UTC')) COMMENT 'When it ended',
    state      String COMMENT 'open, ended, or gone: deleted, or older than sessions are kept',
    why        String COMMENT 'Why it ended',
    bytes      UInt64 COMMENT 'Bytes of its events, 0 while it is open',
    stored     UInt64 COMMENT 'Bytes that it takes, 0 while it is open'
)
SQL SECURITY DEFINER
AS SELECT
    s.audit_id AS audit_id,
    any(s.lease) AS lease,
    any(s.started_at) AS started_at,
    max(s.ended) AS ended_at,
    multiIf(max(s.has_key) = 0, 'gone', isNull(max(s.ended)), 'open', 'ended') AS state,
    max(s.why) AS why,
    max(s.bytes) AS bytes,
    max(s.stored) AS stored
FROM
(
    SELECT audit_id, lease, started_at, 1 AS has_key, CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS ended, '' AS why, 0 AS bytes, 0 AS stored FROM session_keys
    UNION ALL
    SELECT audit_id, lease, started_at, 0, ended_at, why, bytes, stored FROM session_ends
) AS s
GROUP BY s.audit_id;
