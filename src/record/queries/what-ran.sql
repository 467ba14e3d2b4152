-- What was made to run: commands of exec, and images and commands of pods that were made or changed, newest first.
-- param since = 7d: how far back
-- param agent =: only of this agent
-- param contains =: only what contains this text
SELECT decided_at AS time, agent, sponsor, task, lease, what, if(empty(runs), arrayStringConcat(command, ' '), arrayStringConcat(runs, '; ')) AS ran,
       dry_run, decision, reason, approval, status, state, audit_id
FROM requests
WHERE (notEmpty(command) OR notEmpty(runs)) AND decided_at >= {since:DateTime64(3, 'UTC')}
  AND ({agent:String} = '' OR agent = {agent:String}) AND position(ran, {contains:String}) > 0
ORDER BY time DESC
LIMIT 10000
