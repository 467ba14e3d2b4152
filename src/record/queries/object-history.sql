-- Who touched an object: every request that named it, newest first.
-- param resource: its resource, such as deployments
-- param name: its name
-- param namespace =: its namespace; empty means any
-- param since = 30d: how far back
SELECT decided_at AS time, agent, sponsor, task, ticket, lease, verb, api_group, subresource, namespace, arrayStringConcat(command, ' ') AS command,
       dry_run, decision, reason, approval, status, state, audit_id
FROM requests
WHERE resource = {resource:String} AND name = {name:String} AND ({namespace:String} = '' OR namespace = {namespace:String})
  AND decided_at >= {since:DateTime64(3, 'UTC')}
ORDER BY time DESC
LIMIT 10000
