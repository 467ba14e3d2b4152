-- Sessions of exec, attach and port-forward: what was run, for how long, how it ended.
-- param since = 7d: how far back
-- param agent =: only of this agent
-- param lease =: only under this lease
-- param session =: only this one, by its audit id
-- param running =: any text: only those that are not over
-- param most = 10000: rows at most
-- param skip = 0: rows that are left out before them
SELECT decided_at AS time, agent, sponsor, task, lease, subresource AS kind, namespace, name AS pod, container,
       arrayStringConcat(command, ' ') AS command, ports, stdin, tty, decision, reason, status, ended_at, duration_ms, bytes_in, bytes_out, state, end_reason,
       exit_code, if(decision = 'allow', replaceOne(detail, 'watched by ', ''), '') AS watched_by, audit_id
FROM requests
WHERE concat(resource, '.', api_group) = 'pods.' AND subresource IN ('exec', 'attach', 'portforward') AND decided_at >= {since:DateTime64(3, 'UTC')}
  AND ({agent:String} = '' OR agent = {agent:String})
  AND ({lease:String} = '' OR lease = {lease:String})
  AND ({session:String} = '' OR toString(audit_id) = {session:String})
  AND ({running:String} = '' OR (decision = 'allow' AND state = 'open'))
ORDER BY time DESC, audit_id
LIMIT {most:UInt32} OFFSET {skip:UInt32}
