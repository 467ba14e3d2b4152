-- What the boundary allowed and the cluster refused, by task template: where all of one is, its policy rbac was not applied.
-- param since = 1d: how far back
-- param template =: only of this task template
SELECT template, count() AS requests, countIf(forwarded AND status = 403) AS refused, refused = requests AS all_refused,
       anyIf(what, forwarded AND status = 403) AS such_as, maxIf(decided_at, forwarded AND status = 403) AS last_at
FROM requests
WHERE decision = 'allow' AND template != '' AND ended_at IS NOT NULL AND decided_at >= {since:DateTime64(3, 'UTC')}
  AND ({template:String} = '' OR template = {template:String})
GROUP BY template
HAVING refused > 0
ORDER BY all_refused DESC, refused DESC
