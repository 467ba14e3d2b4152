-- How long questions waited: by the most seconds that the answer took, 0 for those that nobody answered.
-- param since = 7d: asked since
-- param agent =: only of this agent
SELECT multiIf(wait_ms IS NULL, 0, wait_ms <= 10000, 10, wait_ms <= 30000, 30, wait_ms <= 60000, 60, wait_ms <= 120000, 120,
               wait_ms <= 300000, 300, wait_ms <= 900000, 900, wait_ms <= 3600000, 3600, 86400) AS within_s,
       count() AS questions, countIf(answer = 'approved') AS approved, countIf(answer = 'rejected') AS rejected
FROM approvals
WHERE asked_at >= {since:DateTime64(3, 'UTC')} AND ({agent:String} = '' OR agent = {agent:String})
GROUP BY within_s
ORDER BY within_s
