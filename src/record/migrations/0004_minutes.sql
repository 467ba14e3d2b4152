-- Counts by minute that equal the view requests at every moment, although rows come in halves, late, and again.
--
-- Why not a materialized view that adds up what is inserted: half a row cannot be counted, and a journal that is read
-- again in other batches would be counted again. Why not only a view: it would read everything for a month's graph.
-- So a minute is counted as a whole, when nothing came for it for a while (src/record/upkeep/count-minutes.ts), and every
-- insert that changes a minute leaves a mark on it. A minute whose marks are newer than its count is not taken from
-- the counts: the view reads it from the requests themselves. A count that never happens costs time, never a number.
CREATE TABLE IF NOT EXISTS minute_marks /*ON CLUSTER*/
(
    minute     DateTime('UTC') COMMENT 'Minute of the decisions' CODEC(Delta(4), ZSTD(1)),
    touched    SimpleAggregateFunction(sum, UInt64) COMMENT 'Grows with every insert that changes the minute',
    counted    SimpleAggregateFunction(max, UInt64) COMMENT 'What touched was when the minute was counted',
    settles_at SimpleAggregateFunction(max, DateTime('UTC')) COMMENT 'It is not counted before' CODEC(Delta(4), ZSTD(1))
)
ENGINE = /*Replicated*/AggregatingMergeTree
PARTITION BY toYYYYMM(minute)
ORDER BY minute
TTL minute + INTERVAL 400 DAY
SETTINGS materialize_ttl_recalculate_only = 1, non_replicated_deduplication_window = 1000
COMMENT 'Which minutes have been counted. Read the view requests_by_minute instead';

CREATE TABLE IF NOT EXISTS minute_counts /*ON CLUSTER*/
(
    minute         DateTime('UTC') COMMENT 'Minute of the decisions' CODEC(Delta(4), ZSTD(1)),
    agent          LowCardinality(String) COMMENT 'As in requests',
    template       LowCardinality(String) COMMENT 'As in requests',
    decision       LowCardinality(String) COMMENT 'As in requests',
    reason         LowCardinality(String) COMMENT 'As in requests',
    verb           LowCardinality(String) COMMENT 'As in requests',
    api_group      LowCardinality(String) COMMENT 'As in requests',
    resource       LowCardinality(String) COMMENT 'As in requests',
    subresource    LowCardinality(String) COMMENT 'As in requests',
    namespace      LowCardinality(String) COMMENT 'As in requests',
    counted        UInt64 COMMENT 'Marks of the minute when it was counted; the greatest count of a minute is the one that holds' CODEC(T64, ZSTD(1)),
    requests       UInt64 COMMENT 'Requests' CODEC(T64, ZSTD(1)),
    ended          UInt64 COMMENT 'Of them ended; what follows is about these' CODEC(T64, ZSTD(1)),
    forwarded      UInt64 COMMENT 'Reached the API server' CODEC(T64, ZSTD(1)),
    failed         UInt64 COMMENT 'Status of 500 and more' CODEC(T64, ZSTD(1)),
    bytes_in       UInt64 COMMENT 'Bytes received from the clients' CODEC(T64, ZSTD(1)),
    bytes_out      UInt64 COMMENT 'Bytes sent to the clients' CODEC(T64, ZSTD(1)),
    duration_ms    UInt64 COMMENT 'Sum of the durations' CODEC(T64, ZSTD(1)),
    boundary_us    UInt64 COMMENT 'Sum of the microseconds in the boundary' CODEC(T64, ZSTD(1)),
    boundary_5ms   UInt64 COMMENT 'In the boundary for at most 5 ms' CODEC(T64, ZSTD(1)),
    boundary_20ms  UInt64 COMMENT 'At most 20 ms' CODEC(T64, ZSTD(1)),
    boundary_100ms UInt64 COMMENT 'At most 100 ms' CODEC(T64, ZSTD(1))
)
ENGINE = /*Replicated*/ReplacingMergeTree(counted)
PARTITION BY toYYYYMM(minute)
ORDER BY (minute, agent, template, decision, reason, verb, api_group, resource, subresource, namespace)
TTL minute + INTERVAL 400 DAY
SETTINGS materialize_ttl_recalculate_only = 1, non_replicated_deduplication_window = 1000
COMMENT 'Counts of the minutes that were counted. Read the view requests_by_minute instead';

-- Reports of open streams change nothing that is counted: else each watch would have its minute counted again and again.
-- The ten seconds outlast the moment between a row and its mark, and gather what comes together.
CREATE MATERIALIZED VIEW IF NOT EXISTS touch_minutes /*ON CLUSTER*/ TO minute_marks
(
    minute     DateTime('UTC') COMMENT 'Minute of the decisions',
    touched    UInt64 COMMENT 'Halves that changed it',
    counted    UInt64 COMMENT 'Nothing yet',
    settles_at DateTime('UTC') COMMENT 'Ten seconds from now'
)
AS SELECT
    toDateTime(toStartOfMinute(decided_at), 'UTC') AS minute,
    count() AS touched,
    toUInt64(0) AS counted,
    toDateTime(now(), 'UTC') + INTERVAL 10 SECOND AS settles_at
FROM request_halves
WHERE decision IS NOT NULL OR ended_at IS NOT NULL
GROUP BY minute;

-- What counting means: in one place, for the counts and for minutes that are read as they are.
CREATE OR REPLACE VIEW minutes_from_requests /*ON CLUSTER*/
(
    minute         DateTime('UTC') COMMENT 'Minute of the decisions',
    agent          LowCardinality(String) COMMENT 'As in requests',
    template       LowCardinality(String) COMMENT 'As in requests',
    decision       LowCardinality(String) COMMENT 'As in requests',
    reason         LowCardinality(String) COMMENT 'As in requests',
    verb           LowCardinality(String) COMMENT 'As in requests',
    api_group      LowCardinality(String) COMMENT 'As in requests',
    resource       LowCardinality(String) COMMENT 'As in requests',
    subresource    LowCardinality(String) COMMENT 'As in requests',
    namespace      LowCardinality(String) COMMENT 'As in requests',
    requests       UInt64 COMMENT 'As in requests_by_minute',
    ended          UInt64 COMMENT 'As in requests_by_minute',
    forwarded      UInt64 COMMENT 'As in requests_by_minute',
    failed         UInt64 COMMENT 'As in requests_by_minute',
    bytes_in       UInt64 COMMENT 'As in requests_by_minute',
    bytes_out      UInt64 COMMENT 'As in requests_by_minute',
    duration_ms    UInt64 COMMENT 'As in requests_by_minute',
    boundary_us    UInt64 COMMENT 'As in requests_by_minute',
    boundary_5ms   UInt64 COMMENT 'As in requests_by_minute',
    boundary_20ms  UInt64 COMMENT 'As in requests_by_minute',
    boundary_100ms UInt64 COMMENT 'As in requests_by_minute'
)
SQL SECURITY DEFINER
AS SELECT
    toDateTime(toStartOfMinute(r.decided_at), 'UTC') AS minute,
    r.agent AS agent, r.template AS template, r.decision AS decision, r.reason AS reason, r.verb AS verb,
    r.api_group AS api_group, r.resource AS resource, r.subresource AS subresource, r.namespace AS namespace,
    count() AS requests,
    countIf(r.ended_at IS NOT NULL) AS ended,
    countIf(r.ended_at IS NOT NULL AND r.forwarded) AS forwarded,
    countIf(r.ended_at IS NOT NULL AND r.status >= 500) AS failed,
    sumIf(ifNull(r.bytes_in, 0), r.ended_at IS NOT NULL) AS bytes_in,
    sumIf(ifNull(r.bytes_out, 0), r.ended_at IS NOT NULL) AS bytes_out,
    sumIf(ifNull(r.duration_ms, 0), r.ended_at IS NOT NULL) AS duration_ms,
    sumIf(ifNull(r.boundary_us, 0), r.ended_at IS NOT NULL) AS boundary_us,
    countIf(r.ended_at IS NOT NULL AND r.boundary_us <= 5000) AS boundary_5ms,
    countIf(r.ended_at IS NOT NULL AND r.boundary_us <= 20000) AS boundary_20ms,
    countIf(r.ended_at IS NOT NULL AND r.boundary_us <= 100000) AS boundary_100ms
FROM requests AS r
WHERE r.decision != 'none' OR r.ended_at IS NOT NULL
GROUP BY minute, agent, template, decision, reason, verb, api_group, resource, subresource, namespace
COMMENT 'Counts by minute, read from the requests themselves';

CREATE OR REPLACE VIEW requests_by_minute /*ON CLUSTER*/
(
    minute         DateTime('UTC') COMMENT 'Minute of the decisions',
    agent          LowCardinality(String) COMMENT 'Who, as in requests',
    template       LowCardinality(String) COMMENT 'Who, as in requests',
    decision       LowCardinality(String) COMMENT 'Decision, as in requests',
    reason         LowCardinality(String) COMMENT 'Decision, as in requests',
    verb           LowCardinality(String) COMMENT 'What, as in requests',
    api_group      LowCardinality(String) COMMENT 'What, as in requests',
    resource       LowCardinality(String) COMMENT 'What, as in requests',
    subresource    LowCardinality(String) COMMENT 'What, as in requests',
    namespace      LowCardinality(String) COMMENT 'What, as in requests',
    requests       UInt64 COMMENT 'Requests, but those of which no more is known than that they run',
    ended          UInt64 COMMENT 'Requests that have ended; all columns that follow are about these',
    forwarded      UInt64 COMMENT 'Ended, and reached the API server',
    failed         UInt64 COMMENT 'Ended with a status of 500 and more',
    bytes_in       UInt64 COMMENT 'Bytes received from the clients',
    bytes_out      UInt64 COMMENT 'Bytes sent to the clients',
    duration_ms    UInt64 COMMENT 'Sum of the durations in milliseconds',
    boundary_us    UInt64 COMMENT 'Sum of the microseconds in the boundary',
    boundary_5ms   UInt64 COMMENT 'In the boundary for at most 5 ms',
    boundary_20ms  UInt64 COMMENT 'In the boundary for at most 20 ms',
    boundary_100ms UInt64 COMMENT 'In the boundary for at most 100 ms'
)
SQL SECURITY DEFINER
AS SELECT minute, agent, template, decision, reason, verb, api_group, resource, subresource, namespace, requests, ended, forwarded,
          failed, bytes_in, bytes_out, duration_ms, boundary_us, boundary_5ms, boundary_20ms, boundary_100ms
FROM minute_counts FINAL
WHERE (minute, counted) IN (SELECT minute, max(counted) FROM minute_marks GROUP BY minute HAVING sum(touched) = max(counted))
UNION ALL
SELECT minute, agent, template, decision, reason, verb, api_group, resource, subresource, namespace, requests, ended, forwarded,
       failed, bytes_in, bytes_out, duration_ms, boundary_us, boundary_5ms, boundary_20ms, boundary_100ms
FROM minutes_from_requests
WHERE minute IN (SELECT minute FROM minute_marks GROUP BY minute HAVING sum(touched) != max(counted))
COMMENT 'Requests by minute and kind: what GROUP BY over requests would say, at a fraction of its cost';
