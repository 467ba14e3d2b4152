-- What analysts read. NULL of a half that is missing becomes an empty value, and `state` says what is known.
-- SQL SECURITY DEFINER: they answer with the rights of whoever made them, so that analysts need none on the tables.
CREATE OR REPLACE VIEW requests /*ON CLUSTER*/
(
    decided_at      DateTime64(3, 'UTC') COMMENT 'When the boundary decided',
    audit_id        String COMMENT 'Audit-ID of the request, also in the audit log of the API server',
    agent           LowCardinality(String) COMMENT 'Who: registered agent, empty when nobody could be named',
    sponsor         String COMMENT 'Who: human on whose behalf the agent acts',
    lease           String COMMENT 'Who: lease id, empty when there was none',
    template        String COMMENT 'Who: task template of the policy',
    task            String COMMENT 'Who: what the agent calls its work',
    task_reason     String COMMENT 'Who: why, in words of the agent',
    ticket          String COMMENT 'Who: ticket or incident',
    what            String COMMENT 'What: in one line, such as: create pods/exec web-1 in shop',
    verb            String COMMENT 'What: Kubernetes verb; the lower-case method for a URL such as /version',
    api_group       String COMMENT 'What: API group, empty for core',
    api_version     String COMMENT 'What: API version',
    resource        String COMMENT 'What: resource',
    subresource     String COMMENT 'What: subresource',
    namespace       String COMMENT 'What: namespace, empty for cluster-scoped objects and lists over all namespaces',
    name            String COMMENT 'What: name of the object',
    field_selector  String COMMENT 'What: field selector',
    label_selector  String COMMENT 'What: label selector',
    command         Array(String) COMMENT 'What: arguments of exec, credentials masked',
    container       String COMMENT 'What: container of exec and attach',
    dry_run         Bool COMMENT 'What: dryRun=All, nothing was changed',
    is_resource     Bool COMMENT 'What: a request for a resource, not for a URL such as /version',
    method          String COMMENT 'What: HTTP method',
    path            String COMMENT 'What: path as sent, without the query',
    decision        String COMMENT 'Decision: allow, deny, pending (waits for approval), or none (Envoy answered by itself)',
    reason          String COMMENT 'Decision: why it was not allowed',
    detail          String COMMENT 'Decision: what was missing',
    rule            String COMMENT 'Decision: rule of the scope that matched',
    risk            String COMMENT 'Decision: entry of the risk catalogue that matched',
    approval        String COMMENT 'Decision: approval asked for or used',
    policy_revision String COMMENT 'Decision: revision of the policy that judged',
    state           String COMMENT 'Outcome: done; open; unknown (nothing heard for 60 s); committed, not forwarded (allowed, but it never reached the API server)',
    status          UInt16 COMMENT 'Outcome: HTTP status sent to the client, 0 when none or not known',
    started_at      Nullable(DateTime64(3, 'UTC')) COMMENT 'Outcome: when Envoy received the request',
    seen_at         Nullable(DateTime64(3, 'UTC')) COMMENT 'Outcome: last sign of it in the access log',
    ended_at        Nullable(DateTime64(3, 'UTC')) COMMENT 'Outcome: when it ended',
    duration_ms     Nullable(UInt64) COMMENT 'Outcome: milliseconds, so far while it is open',
    boundary_us     Nullable(UInt32) COMMENT 'Outcome: microseconds in the boundary, before the API server got the first byte or until the boundary had answered by itself',
    bytes_in        Nullable(UInt64) COMMENT 'Outcome: bytes received from the client',
    bytes_out       Nullable(UInt64) COMMENT 'Outcome: bytes sent to the client',
    forwarded       Bool COMMENT 'Outcome: the API server was reached',
    end_reason      String COMMENT 'Outcome: completed, denied, lease expired, lease cut, client left, timeout, upstream failed, refused by Envoy',
    flags           Array(String) COMMENT 'Outcome: response flags of Envoy',
    details         String COMMENT 'Outcome: response code details of Envoy',
    source          String COMMENT 'How: address of the client',
    user_agent      String COMMENT 'How: user agent, claimed by the client',
    kubectl_command String COMMENT 'How: Kubectl-Command, claimed by the client',
    kubectl_session String COMMENT 'How: Kubectl-Session, claimed by the client'
)
SQL SECURITY DEFINER
AS SELECT
    h.decided_at AS decided_at,
    h.audit_id AS audit_id,
    h.agent AS agent,
    ifNull(h.sponsor, '') AS sponsor,
    h.lease AS lease,
    ifNull(h.template, '') AS template,
    ifNull(h.task, '') AS task,
    ifNull(h.task_reason, '') AS task_reason,
    ifNull(h.ticket, '') AS ticket,
    if(ifNull(h.is_resource, false),
       concat(ifNull(h.verb, ''), ' ', ifNull(h.resource, ''),
              if(ifNull(h.api_group, '') = '', '', concat('.', assumeNotNull(h.api_group))),
              if(ifNull(h.subresource, '') = '', '', concat('/', assumeNotNull(h.subresource))),
              if(ifNull(h.name, '') = '', '', concat(' ', assumeNotNull(h.name))),
              if(ifNull(h.namespace, '') = '' OR h.resource = 'namespaces', '', concat(' in ', assumeNotNull(h.namespace)))),
       concat(coalesce(h.method, h.seen_method, ''), ' ', coalesce(h.path, h.seen_path, ''))) AS what,
    ifNull(h.verb, '') AS verb,
    ifNull(h.api_group, '') AS api_group,
    ifNull(h.api_version, '') AS api_version,
    ifNull(h.resource, '') AS resource,
    ifNull(h.subresource, '') AS subresource,
    ifNull(h.namespace, '') AS namespace,
    ifNull(h.name, '') AS name,
    ifNull(h.field_selector, '') AS field_selector,
    ifNull(h.label_selector, '') AS label_selector,
    JSONExtract(ifNull(h.command, '[]'), 'Array(String)') AS command,
    ifNull(h.container, '') AS container,
    ifNull(h.dry_run, false) AS dry_run,
    ifNull(h.is_resource, false) AS is_resource,
    coalesce(h.method, h.seen_method, '') AS method,
    coalesce(h.path, h.seen_path, '') AS path,
    ifNull(h.decision, 'none') AS decision,
    ifNull(h.reason, '') AS reason,
    ifNull(h.detail, '') AS detail,
    ifNull(h.rule, '') AS rule,
    ifNull(h.risk, '') AS risk,
    ifNull(h.approval, '') AS approval,
    ifNull(h.policy_revision, '') AS policy_revision,
    multiIf(
        h.ended_at IS NOT NULL AND h.decision = 'allow' AND NOT ifNull(h.forwarded, false), 'committed, not forwarded',
        h.ended_at IS NOT NULL, 'done',
        greatest(h.decided_at, ifNull(h.seen_at, h.decided_at)) > now64(3) - INTERVAL 60 SECOND, 'open',
        'unknown') AS state,
    ifNull(h.status, 0) AS status,
    h.started_at AS started_at,
    h.seen_at AS seen_at,
    h.ended_at AS ended_at,
    h.duration_ms AS duration_ms,
    h.boundary_us AS boundary_us,
    h.bytes_in AS bytes_in,
    h.bytes_out AS bytes_out,
    ifNull(h.forwarded, false) AS forwarded,
    multiIf(
        h.ended_at IS NULL, '',
        ifNull(h.details, '') = 'ext_authz_denied', 'denied',
        ifNull(h.details, '') IN ('upstream_max_stream_duration_reached', 'max_duration_timeout'), 'lease expired',
        match(ifNull(h.details, ''), 'lease_(expired|ended)'), 'lease expired',
        match(ifNull(h.details, ''), 'lease_|revoked|unconfirmed|ext_proc_error'), 'lease cut',
        hasAny(splitByChar(',', ifNull(h.flags, '')), ['DC', 'DR']), 'client left',
        hasAny(splitByChar(',', ifNull(h.flags, '')), ['UT', 'SI', 'DT', 'DI']), 'timeout',
        hasAny(splitByChar(',', ifNull(h.flags, '')), ['UC', 'UF', 'UH', 'UR', 'LR', 'UO', 'URX', 'UPE', 'DF', 'NC']), 'upstream failed',
        NOT ifNull(h.forwarded, false), 'refused by Envoy',
        'completed') AS end_reason,
    arrayFilter(flag -> flag != '', splitByChar(',', ifNull(h.flags, ''))) AS flags,
    ifNull(h.details, '') AS details,
    coalesce(h.source, h.seen_source, '') AS source,
    coalesce(h.user_agent, h.seen_user_agent, '') AS user_agent,
    ifNull(h.kubectl_command, '') AS kubectl_command,
    ifNull(h.kubectl_session, '') AS kubectl_session
FROM request_halves AS h FINAL
-- Both halves carry the same time, so a row never spans two partitions: each can be merged by itself. An index may skip the
-- half that it does not find, unless the mode is exact.
SETTINGS do_not_merge_across_partitions_select_final = 1, use_skip_indexes_if_final = 1, use_skip_indexes_if_final_exact_mode = 1
COMMENT 'One row per request: who, what, decision, outcome, how';

CREATE OR REPLACE VIEW leases /*ON CLUSTER*/
(
    lease       String COMMENT 'Lease id',
    agent       LowCardinality(String) COMMENT 'Registered agent that holds it',
    sponsor     LowCardinality(String) COMMENT 'Human on whose behalf the agent acts',
    template    LowCardinality(String) COMMENT 'Task template of the policy',
    task        String COMMENT 'What the agent calls its work',
    task_reason String COMMENT 'Why, in words of the agent',
    ticket      String COMMENT 'Ticket or incident',
    namespaces  Array(String) COMMENT 'Namespaces granted',
    scope       String COMMENT 'JSON array of the rules granted, in the order that the column rule of requests counts them',
    issued_at   Nullable(DateTime64(3, 'UTC')) COMMENT 'Begin',
    expires_at  DateTime64(3, 'UTC') COMMENT 'End by itself',
    revoked_at  Nullable(DateTime64(3, 'UTC')) COMMENT 'End by hand',
    revoked_by  String COMMENT 'Who ended it',
    reason      String COMMENT 'Why it was ended by hand',
    state       String COMMENT 'active, expired or revoked'
)
SQL SECURITY DEFINER
AS SELECT
    e.lease AS lease,
    any(e.agent) AS agent,
    any(e.sponsor) AS sponsor,
    any(e.template) AS template,
    any(e.task) AS task,
    any(e.task_reason) AS task_reason,
    any(e.ticket) AS ticket,
    any(e.namespaces) AS namespaces,
    maxIf(e.scope, e.event = 'issued') AS scope,
    minOrNullIf(e.at, e.event = 'issued') AS issued_at,
    max(e.expires_at) AS expires_at,
    minOrNullIf(e.at, e.event = 'revoked') AS revoked_at,
    anyIf(e.by, e.event = 'revoked') AS revoked_by,
    anyIf(e.reason, e.event = 'revoked') AS reason,
    multiIf(countIf(e.event = 'revoked') > 0, 'revoked', max(e.expires_at) <= now64(3), 'expired', 'active') AS state
FROM lease_events AS e FINAL
GROUP BY e.lease
COMMENT 'One row per lease';

CREATE OR REPLACE VIEW approvals /*ON CLUSTER*/
(
    approval    String COMMENT 'Approval id',
    lease       String COMMENT 'Lease id',
    agent       String COMMENT 'Agent that asked',
    summary     String COMMENT 'The request as the approver saw it, empty until it was answered',
    risk        String COMMENT 'Entry of the risk catalogue that made it necessary',
    asked_at    Nullable(DateTime64(3, 'UTC')) COMMENT 'First request that waited for it',
    asked_times UInt64 COMMENT 'Requests that waited for it',
    answer      String COMMENT 'approved, rejected, or empty',
    answered_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When it was answered',
    answered_by String COMMENT 'Approver',
    wait_ms     Nullable(Int64) COMMENT 'Milliseconds from question to answer',
    used_at     Nullable(DateTime64(3, 'UTC')) COMMENT 'When the approved request passed',
    used_by     String COMMENT 'Audit-ID of the request that passed'
)
SQL SECURITY DEFINER
AS SELECT
    e.approval AS approval,
    max(e.lease) AS lease,
    max(e.agent) AS agent,
    max(e.summary) AS summary,
    max(e.risk) AS risk,
    minOrNullIf(e.at, e.event = 'pending') AS asked_at,
    uniqExactIf(e.audit_id, e.event = 'pending') AS asked_times,
    maxIf(e.event, e.event IN ('approved', 'rejected')) AS answer,
    minOrNullIf(e.at, e.event IN ('approved', 'rejected')) AS answered_at,
    maxIf(e.by, e.event IN ('approved', 'rejected')) AS answered_by,
    toInt64(dateDiff('millisecond', minOrNullIf(e.at, e.event = 'pending'), minOrNullIf(e.at, e.event IN ('approved', 'rejected')))) AS wait_ms,
    minOrNullIf(e.at, e.event = 'allow') AS used_at,
    maxIf(e.audit_id, e.event = 'allow') AS used_by
FROM
(
    SELECT ae.approval AS approval, ae.lease AS lease, ae.agent AS agent, ae.summary AS summary, '' AS risk, ae.at AS at,
           ae.event AS event, ae.by AS by, '' AS audit_id
    FROM approval_events AS ae FINAL
    UNION ALL
    -- All of this stands in the decision's half, so no merging is needed; copies of a half count once.
    SELECT ifNull(h.approval, ''), h.lease, h.agent, '', ifNull(h.risk, ''), h.decided_at, ifNull(h.decision, ''), '', h.audit_id
    FROM request_halves AS h
    WHERE ifNull(h.approval, '') != ''
) AS e
GROUP BY e.approval
COMMENT 'One row per approval that was asked for';
