-- Approvals: what was asked, who answered, after how long, whether it was used.
-- param since = 7d: asked or answered since
SELECT approval, agent, lease, summary, risk, asked_at, asked_times, answer, answered_by, answer_reason, answered_at, wait_ms, used_at, used_by
FROM approvals
WHERE ifNull(asked_at, answered_at) >= {since:DateTime64(3, 'UTC')}
ORDER BY ifNull(asked_at, answered_at) DESC
