-- Time in the boundary, by what was decided: for what went on, until the API server got the first byte.
-- param since = 24h: how far back
-- param agent =: only of this agent
SELECT decision, multiIf(verb = 'watch' OR subresource IN ('exec', 'attach', 'portforward', 'log', 'proxy'), 'stream',
                         verb IN ('create', 'update', 'patch', 'delete', 'deletecollection'), 'write', 'read') AS kind,
       count() AS requests, round(quantileTDigest(0.5)(boundary_us) / 1000, 2) AS median_ms,
       round(quantileTDigest(0.95)(boundary_us) / 1000, 2) AS p95_ms, round(quantileTDigest(0.99)(boundary_us) / 1000, 2) AS p99_ms,
       round(max(boundary_us) / 1000, 2) AS longest_ms
FROM requests
WHERE boundary_us IS NOT NULL AND decided_at >= {since:DateTime64(3, 'UTC')} AND ({agent:String} = '' OR agent = {agent:String})
GROUP BY decision, kind
ORDER BY decision, kind
