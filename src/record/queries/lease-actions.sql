-- How much was asked for under one lease: requests by decision, verb, kind and namespace.
-- param lease: the lease's id
SELECT decision, is_resource, verb, api_group, resource, subresource, namespace, dry_run, count() AS requests, min(decided_at) AS first_at,
       max(decided_at) AS last_at
FROM requests
WHERE lease = {lease:String}
GROUP BY decision, is_resource, verb, api_group, resource, subresource, namespace, dry_run
ORDER BY requests DESC, first_at
LIMIT 10000
