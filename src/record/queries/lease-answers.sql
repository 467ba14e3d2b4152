-- What people said to the questions of one lease, with their words, oldest first.
-- param lease: the lease's id
-- param most = 10000: rows at most; total says how many there are
SELECT at, approval, event, by, reason, summary, changes, count() OVER () AS total
FROM approval_events FINAL
WHERE lease = {lease:String} AND event != 'pending'
ORDER BY at, approval, event
LIMIT {most:UInt32}
