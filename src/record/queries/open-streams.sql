-- Watches, logs, execs and other requests that are running now.
-- param since = 24h: begun since
SELECT decided_at AS time, agent, sponsor, task, lease, what, arrayStringConcat(command, ' ') AS command, status,
       dateDiff('second', decided_at, now64(3)) AS seconds, bytes_in, bytes_out, seen_at, source, audit_id
FROM requests
WHERE state = 'open' AND started_at IS NOT NULL AND decided_at >= {since:DateTime64(3, 'UTC')}
ORDER BY time
