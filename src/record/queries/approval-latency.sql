-- Approvals by approver: how many, how fast, how many a day.
-- param since = 30d: asked or answered since
SELECT if(answered_by = '', '(nobody)', answered_by) AS approver, count() AS questions, countIf(answer = 'approved') AS approved,
       countIf(answer = 'rejected') AS rejected, countIf(used_at IS NOT NULL) AS used,
       round(quantileExact(0.5)(wait_ms) / 1000, 1) AS median_s, round(quantileExact(0.95)(wait_ms) / 1000, 1) AS p95_s,
       round(max(wait_ms) / 1000, 1) AS longest_s, uniqExact(agent) AS agents,
       round(count() / uniqExact(toDate(ifNull(asked_at, answered_at))), 1) AS a_day
FROM approvals
WHERE ifNull(asked_at, answered_at) >= {since:DateTime64(3, 'UTC')}
GROUP BY approver
ORDER BY questions DESC, approver
