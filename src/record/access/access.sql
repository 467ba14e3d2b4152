-- Who may do what with the record. An administrator reads it, fills in who has the roles, and runs it once;
-- every statement may run again. It needs what `leasegate migrate` has made.

-- The tap: makes the tables, writes, counts. Nothing outside its own database. Give this to the user of
-- LEASEGATE_CLICKHOUSE_URL; views answer with its rights, so analysts need none on the tables.
CREATE ROLE IF NOT EXISTS leasegate_writer /*ON CLUSTER*/;
GRANT /*ON CLUSTER*/ CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP VIEW, SELECT, INSERT ON leasegate.* TO leasegate_writer;
-- A view that is replaced is made under a name of its own first.
GRANT /*ON CLUSTER*/ DROP TABLE ON leasegate.`_tmp_replace_`* TO leasegate_writer;
GRANT /*ON CLUSTER*/ ALTER COLUMN, ALTER INDEX, ALTER TTL, ALTER SETTINGS, ALTER VIEW ON leasegate.* TO leasegate_writer;
GRANT /*ON CLUSTER*/ SYSTEM SYNC REPLICA ON leasegate.* TO leasegate_writer;

-- What was recorded of sessions it brings there, and does not read again.
REVOKE /*ON CLUSTER*/ SELECT ON leasegate.session_chunks FROM leasegate_writer;
REVOKE /*ON CLUSTER*/ SELECT ON leasegate.session_commands FROM leasegate_writer;
REVOKE /*ON CLUSTER*/ SELECT(wrapped) ON leasegate.session_keys FROM leasegate_writer;

-- Deletes rows on request (leasegate record delete). Not the tap's: what writes the record cannot take from it.
CREATE ROLE IF NOT EXISTS leasegate_eraser /*ON CLUSTER*/;
GRANT /*ON CLUSTER*/ CREATE DATABASE, SELECT, ALTER DELETE, ALTER UPDATE ON leasegate.* TO leasegate_eraser;
GRANT /*ON CLUSTER*/ INSERT ON leasegate.minute_marks TO leasegate_eraser;
GRANT /*ON CLUSTER*/ INSERT ON leasegate.session_deletions TO leasegate_eraser;
-- It finds commands of a session by whose they are.
REVOKE /*ON CLUSTER*/ SELECT(command, programs) ON leasegate.session_commands FROM leasegate_eraser;

-- Analysts, Grafana, leasegate query and sql: read what is meant to be read, and nothing of the server's files or network.
CREATE ROLE IF NOT EXISTS leasegate_analyst /*ON CLUSTER*/;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.requests TO leasegate_analyst;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.requests_by_minute TO leasegate_analyst;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.leases TO leasegate_analyst;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.approvals TO leasegate_analyst;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.lease_events TO leasegate_analyst;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.approval_events TO leasegate_analyst;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.hold_events TO leasegate_analyst;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.stop_events TO leasegate_analyst;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.broker_refusals TO leasegate_analyst;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.refusal_summaries TO leasegate_analyst;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.sessions TO leasegate_analyst;
GRANT /*ON CLUSTER*/ SELECT ON system.table_functions TO leasegate_analyst;

-- The console of the broker: what its pages are made of, with an account of its own. They ask a few short questions at once.
CREATE ROLE IF NOT EXISTS leasegate_console /*ON CLUSTER*/;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.requests TO leasegate_console;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.requests_by_minute TO leasegate_console;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.approvals TO leasegate_console;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.lease_events TO leasegate_console;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.approval_events TO leasegate_console;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.hold_events TO leasegate_console;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.stop_events TO leasegate_console;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.broker_refusals TO leasegate_console;
GRANT /*ON CLUSTER*/ SELECT ON system.table_functions TO leasegate_console;
-- Who verifies the record with its ledgers (leasegate audit): reads the tables as they lie there, and changes nothing.
CREATE ROLE IF NOT EXISTS leasegate_auditor /*ON CLUSTER*/;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.request_halves TO leasegate_auditor;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.lease_events TO leasegate_auditor;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.approval_events TO leasegate_auditor;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.hold_events TO leasegate_auditor;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.stop_events TO leasegate_auditor;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.broker_refusals TO leasegate_auditor;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.refusal_summaries TO leasegate_auditor;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.session_ends TO leasegate_auditor;
GRANT /*ON CLUSTER*/ SELECT ON system.table_functions TO leasegate_auditor;

-- Who watches recorded sessions (leasegate sessions): reads what is sealed, which says nothing without the key of the installation. An
-- analyst does not have it; whoever needs both is given both.
CREATE ROLE IF NOT EXISTS leasegate_sessions /*ON CLUSTER*/;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.sessions TO leasegate_sessions;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.session_keys TO leasegate_sessions;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.session_chunks TO leasegate_sessions;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.session_ends TO leasegate_sessions;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.session_deletions TO leasegate_sessions;
-- In clear, masked, where LEASEGATE_SESSION_COMMANDS has them written.
GRANT /*ON CLUSTER*/ SELECT ON leasegate.session_commands TO leasegate_sessions;
GRANT /*ON CLUSTER*/ SELECT ON system.table_functions TO leasegate_sessions;

-- Read-only, and bounded. The time limit may be lowered by a query, since Grafana's plugin sets one; nobody can
-- raise it over a minute. (The leasegate command asks for exactly these values, which is no change.)
CREATE SETTINGS PROFILE IF NOT EXISTS leasegate_analyst /*ON CLUSTER*/ SETTINGS
    readonly = 1,
    max_execution_time = 30 MIN 1 MAX 60 CHANGEABLE_IN_READONLY,
    max_memory_usage = 2000000000,
    max_result_rows = 1000000
TO leasegate_analyst, leasegate_auditor, leasegate_sessions;

-- The broker asks for exactly these values. What it no longer waits for, the server ends.
CREATE SETTINGS PROFILE IF NOT EXISTS leasegate_console /*ON CLUSTER*/ SETTINGS
    readonly = 1,
    max_execution_time = 5,
    max_memory_usage = 2000000000,
    max_result_rows = 1000000,
    cancel_http_readonly_queries_on_client_close = 1
TO leasegate_console;

CREATE QUOTA IF NOT EXISTS leasegate_console /*ON CLUSTER*/ KEYED BY user_name
    FOR INTERVAL 1 minute MAX queries = 1200, execution_time = 240
TO leasegate_console;

-- So that one analyst's dashboard does not take the server from the tap.
CREATE QUOTA IF NOT EXISTS leasegate_analyst /*ON CLUSTER*/ KEYED BY user_name
    FOR INTERVAL 1 minute MAX queries = 600, execution_time = 120,
    FOR INTERVAL 1 hour MAX queries = 10000, execution_time = 1800
TO leasegate_analyst;

-- A team that may only see its own agents. A policy for one role hides everything from all others, hence the second one:
-- it leaves the other roles, the writer above all, as they are.
CREATE ROLE IF NOT EXISTS leasegate_team_example /*ON CLUSTER*/;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.requests TO leasegate_team_example;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.requests_by_minute TO leasegate_team_example;
GRANT /*ON CLUSTER*/ SELECT ON leasegate.leases TO leasegate_team_example;
CREATE ROW POLICY IF NOT EXISTS leasegate_team_example /*ON CLUSTER*/
    ON leasegate.requests, leasegate.requests_by_minute, leasegate.leases
    USING agent IN ('team-agent-1', 'team-agent-2') TO leasegate_team_example;
CREATE ROW POLICY IF NOT EXISTS leasegate_everyone_else /*ON CLUSTER*/
    ON leasegate.requests, leasegate.requests_by_minute, leasegate.leases
    USING 1 TO ALL EXCEPT leasegate_team_example;

-- Then, for example:
--   CREATE USER ann IDENTIFIED BY '…' DEFAULT ROLE leasegate_analyst;
--   CREATE USER tap IDENTIFIED BY '…' DEFAULT ROLE leasegate_writer;
--   CREATE USER console IDENTIFIED BY '…' DEFAULT ROLE leasegate_console;
