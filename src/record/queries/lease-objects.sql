-- What was changed under one lease: each object that writes reached, with what was done to it. Dry runs and sessions change nothing.
-- param lease: the lease's id
-- param most = 10000: objects at most; total says how many there are, changed how many became another
SELECT min(decided_at) AS first_at, max(decided_at) AS last_at,
       concat(resource, if(api_group = '', '', concat('.', api_group)), if(subresource = '', '', concat('/', subresource))) AS kind,
       namespace, name, arraySort(groupUniqArray(verb)) AS verbs, count() AS writes, countIf(status BETWEEN 200 AND 299) AS done,
       countIf(status >= 300) AS refused, arrayDistinct(arrayFlatten(groupArray(20)(runs))) AS ran,
       arraySort(groupUniqArrayIf(20)(approval, approval != '')) AS approvals, count() OVER () AS total,
       countIf(done > 0) OVER () AS changed
FROM requests
WHERE lease = {lease:String} AND decision = 'allow' AND is_resource AND NOT dry_run
  AND verb IN ('create', 'update', 'patch', 'delete', 'deletecollection')
  AND subresource NOT IN ('exec', 'attach', 'portforward') AND NOT endsWith(resource, 'reviews')
GROUP BY resource, api_group, subresource, namespace, name
ORDER BY first_at, kind, namespace, name
LIMIT {most:UInt32}
