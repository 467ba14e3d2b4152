-- Reads of Secrets, and attempts at it: a patch is answered with the Secret too, and so may a delete be; and pods that are given one, or reach further.
-- param since = 30d: how far back
-- param agent =: only of this agent
SELECT decided_at AS time, agent, sponsor, task, lease, verb, namespace, name, decision, reason, approval, status, bytes_out,
       kubectl_command, audit_id
FROM requests
WHERE (concat(resource, '.', api_group) = 'secrets.' AND verb IN ('get', 'patch', 'delete', 'list', 'watch', 'deletecollection') OR hasAny(risks, ['pod-secrets', 'pod-identity', 'pod-host', 'token-secret', 'credentials-read']))
  AND decided_at >= {since:DateTime64(3, 'UTC')}
  AND ({agent:String} = '' OR agent = {agent:String})
ORDER BY time DESC
LIMIT 10000
