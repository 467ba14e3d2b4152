-- What was refused under one lease and why; the same that was tried again is counted.
-- param lease: the lease's id
-- param most = 10000: rows at most; total says how many there are
SELECT min(decided_at) AS first_at, max(decided_at) AS last_at, what, arrayStringConcat(command, ' ') AS command, reason, detail,
       count() AS times, count() OVER () AS total
FROM requests
WHERE lease = {lease:String} AND decision = 'deny'
GROUP BY what, command, reason, detail
ORDER BY first_at, what
LIMIT {most:UInt32}
