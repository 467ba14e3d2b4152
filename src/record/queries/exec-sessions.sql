-- Sessions of exec, attach and port-forward: what was run, for how long, how it ended.
-- param since = 7d: how far back
-- param agent =: only of this agent
SELECT decided_at AS time, agent, sponsor, task, lease, subresource AS kind, namespace, name AS pod, container,
       arrayStringConcat(command, ' ') AS command, stdin, tty, decision, reason, status, duration_ms, bytes_in, bytes_out, state, end_reason,
       exit_code, audit_id
FROM requests
WHERE concat(resource, '.', api_group) = 'pods.' AND subresource IN ('exec', 'attach', 'portforward') AND decided_at >= {since:DateTime64(3, 'UTC')}
  AND ({agent:String} = '' OR agent = {agent:String})
ORDER BY time DESC
LIMIT 10000
