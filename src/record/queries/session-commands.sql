-- Commands that were typed in recorded sessions, masked, newest first; where LEASEGATE_SESSION_COMMANDS has them written. For the role leasegate_sessions.
-- param since = 7d: of sessions that began since
-- param program =: only lines that ran this, such as kubectl
-- param contains =: only lines that hold this text
-- param lease =: only under this lease
-- param session =: only of this session, by its audit id
-- param most = 10000: rows at most; total says how many there are
SELECT addMilliseconds(started_at, toInt64(at_ms)) AS time, audit_id, lease, command, programs, exit_code, known, masked, count() OVER () AS total
FROM session_commands FINAL
WHERE started_at >= {since:DateTime64(3, 'UTC')}
  AND ({program:String} = '' OR has(programs, {program:String}))
  AND position(command, {contains:String}) > 0
  AND ({lease:String} = '' OR lease = {lease:String})
  AND ({session:String} = '' OR audit_id = {session:String})
ORDER BY time DESC, audit_id
LIMIT {most:UInt32}
