-- An agent may hand a lease to another one: the row of its issue says who did. Events of before were asked for by their agents.
ALTER TABLE lease_events /*ON CLUSTER*/
    ADD COLUMN IF NOT EXISTS delegated_by LowCardinality(String) DEFAULT '' COMMENT 'Agent that handed it to this one; only where it was issued, empty where the agent asked for it itself' CODEC(ZSTD(1));

CREATE OR REPLACE VIEW leases /*ON CLUSTER*/
(
    lease       String COMMENT 'Lease id',
    agent       LowCardinality(String) COMMENT 'Registered agent that holds it',
    delegated_by LowCardinality(String) COMMENT 'Agent that handed it to this one; empty where the agent asked for it itself',
    sponsor     LowCardinality(String) COMMENT 'Human on whose behalf the agent acts',
    template    LowCardinality(String) COMMENT 'Task template of the policy',
    task        String COMMENT 'What the agent calls its work',
    task_reason String COMMENT 'Why, in words of the agent',
    ticket      String COMMENT 'Ticket or incident',
    namespaces  Array(String) COMMENT 'Namespaces granted',
    scope       String COMMENT 'JSON array of the rules granted, in the order that the column rule of requests counts them',
    issued_at   Nullable(DateTime64(3, 'UTC')) COMMENT 'Begin',
    expires_at  DateTime64(3, 'UTC') COMMENT 'End by itself, by the narrowest that it was made',
    narrowed_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When it was made narrower last; what it grants since is in lease_events',
    narrowed_by String COMMENT 'Who made it so',
    revoked_at  Nullable(DateTime64(3, 'UTC')) COMMENT 'End by hand',
    revoked_by  String COMMENT 'Who ended it',
    reason      String COMMENT 'Why it was ended by hand',
    state       String COMMENT 'active, expired or revoked'
)
SQL SECURITY DEFINER
AS SELECT
    e.lease AS lease,
    any(e.agent) AS agent,
    anyIf(e.delegated_by, e.event = 'issued') AS delegated_by,
    any(e.sponsor) AS sponsor,
    any(e.template) AS template,
    any(e.task) AS task,
    any(e.task_reason) AS task_reason,
    any(e.ticket) AS ticket,
    argMax(e.namespaces, e.event = 'issued') AS namespaces,
    maxIf(e.scope, e.event = 'issued') AS scope,
    minOrNullIf(e.at, e.event = 'issued') AS issued_at,
    if(countIf(e.event = 'narrowed') > 0, minIf(e.expires_at, e.event = 'narrowed'), max(e.expires_at)) AS expires_at,
    maxOrNullIf(e.at, e.event = 'narrowed') AS narrowed_at,
    argMaxIf(e.by, e.at, e.event = 'narrowed') AS narrowed_by,
    minOrNullIf(e.at, e.event = 'revoked') AS revoked_at,
    anyIf(e.by, e.event = 'revoked') AS revoked_by,
    anyIf(e.reason, e.event = 'revoked') AS reason,
    multiIf(countIf(e.event = 'revoked') > 0, 'revoked', expires_at <= now64(3), 'expired', 'active') AS state
FROM lease_events AS e FINAL
GROUP BY e.lease
COMMENT 'One row per lease';
