-- What a human was asked under one lease: each question with its answer, and when it was used.
-- param lease: the lease's id
-- param most = 10000: rows at most; total says how many there are
SELECT approval, max(summary) AS question, minOrNullIf(at, event = 'pending') AS asked_at, maxIf(event, event IN ('approved', 'rejected')) AS answer,
       maxIf(by, event IN ('approved', 'rejected')) AS answered_by, minOrNullIf(at, event IN ('approved', 'rejected')) AS answered_at,
       minOrNullIf(at, event = 'allow') AS used_at, count() OVER () AS total
FROM
(
    SELECT approval, summary, at, event, by
    FROM approval_events FINAL
    WHERE lease = {lease:String}
    UNION ALL
    SELECT approval, what, decided_at, decision, ''
    FROM requests
    WHERE lease = {lease:String} AND approval != ''
)
GROUP BY approval
ORDER BY coalesce(asked_at, answered_at), approval
LIMIT {most:UInt32}
