-- What would become another by a yes, as the plan showed it: without it the record says that somebody agreed, and not to what.
ALTER TABLE approval_events /*ON CLUSTER*/
    ADD COLUMN IF NOT EXISTS changes String DEFAULT '' COMMENT 'What the plan of a write would make another, JSON, without credentials; empty where no plan said so' CODEC(ZSTD(1));

-- Commands that were typed at the prompts of recorded sessions, as their recordings are sealed: derived from them, masked, and no proof of what
-- ran. Kept and deleted with the sessions, and read by who may watch them.
CREATE TABLE IF NOT EXISTS session_commands /*ON CLUSTER*/
(
    audit_id   String COMMENT 'Audit-ID of the request that began the session' CODEC(ZSTD(1)),
    lease      String COMMENT 'Lease id' CODEC(ZSTD(1)),
    started_at DateTime64(3, 'UTC') COMMENT 'When the session began, of all its commands: they expire with it' CODEC(Delta(8), ZSTD(1)),
    at_ms      UInt64 COMMENT 'When it was sent off, milliseconds from the beginning of the session' CODEC(ZSTD(1)),
    command    String COMMENT 'What stood at the prompt, credentials masked; cut with a mark' CODEC(ZSTD(1)),
    programs   Array(String) COMMENT 'First word of each command in it, without its folder' CODEC(ZSTD(1)),
    known      LowCardinality(String) COMMENT 'marks: the shell said so itself; echo: it stood behind what looks like a prompt',
    exit_code  Nullable(Int32) COMMENT 'Where the shell told it' CODEC(ZSTD(1)),
    masked     UInt32 COMMENT 'Characters that were masked in it' CODEC(ZSTD(1))
)
ENGINE = /*Replicated*/ReplacingMergeTree
PARTITION BY toDate(started_at)
ORDER BY (audit_id, at_ms, command)
TTL toDateTime(started_at) + INTERVAL 30 DAY
SETTINGS ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1, non_replicated_deduplication_window = 1000
COMMENT 'Commands that were typed in recorded sessions, masked. For those who may watch sessions';
