-- What happened under one lease, oldest first, without what was only read.
-- param lease: the lease's id
-- param most = 10000: rows at most; total says how many there are
SELECT time, what, command, decision, reason, approval, status, state, end_reason, exit_code, count() OVER () AS total
FROM
(
    SELECT decided_at AS time, what, arrayStringConcat(command, ' ') AS command, decision,
           if(reason = '' OR detail = '', concat(reason, detail), concat(reason, ': ', detail)) AS reason, approval, toNullable(status) AS status, state, end_reason,
           exit_code
    FROM requests
    WHERE lease = {lease:String}
      AND (decision != 'allow' OR subresource IN ('exec', 'attach', 'portforward', 'proxy')
           OR (is_resource AND verb NOT IN ('get', 'list', 'watch') AND NOT endsWith(resource, 'reviews')))
    UNION ALL
    SELECT at, concat('lease ', event, ' by ', by), '', '', reason, '', NULL, '', '', NULL
    FROM lease_events FINAL
    WHERE lease = {lease:String}
    UNION ALL
    SELECT at, concat(event, ' by ', by, ': ', summary), '', '', reason, approval, NULL, '', '', NULL
    FROM approval_events FINAL
    WHERE lease = {lease:String}
)
ORDER BY time, what
LIMIT {most:UInt32}
