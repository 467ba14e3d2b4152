-- Requests in which something was masked, and how much: a look at what may hide behind it.
-- param since = 7d: how far back
-- param agent =: only of this agent
-- param least = 1: characters that were masked, at least
SELECT decided_at AS time, agent, sponsor, task, lease, what, decision, masked, command, container, stdin, tty, kubectl_command,
       user_agent, audit_id
FROM requests
WHERE masked >= {least:UInt32} AND decided_at >= {since:DateTime64(3, 'UTC')} AND ({agent:String} = '' OR agent = {agent:String})
ORDER BY time DESC
LIMIT 10000
