-- What the approver said to it: a yes or a no without its reason is half of the record. Events of before have none.
ALTER TABLE approval_events /*ON CLUSTER*/
    ADD COLUMN IF NOT EXISTS reason String DEFAULT '' COMMENT 'Why, in words of the approver, credentials masked' CODEC(ZSTD(1));

-- The view of 0003 with it. An applied migration is never changed, so all of it stands here again.
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
    answer_reason String COMMENT 'Why, in words of the approver, empty where nothing was said',
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
    -- A yes may be followed by a no that takes it back: the words of the answer that stands.
    if(countIf(e.event = 'rejected') > 0, maxIf(e.reason, e.event = 'rejected'), maxIf(e.reason, e.event = 'approved')) AS answer_reason,
    toInt64(dateDiff('millisecond', minOrNullIf(e.at, e.event = 'pending'), minOrNullIf(e.at, e.event IN ('approved', 'rejected')))) AS wait_ms,
    minOrNullIf(e.at, e.event = 'allow') AS used_at,
    maxIf(e.audit_id, e.event = 'allow') AS used_by
FROM
(
    SELECT ae.approval AS approval, ae.lease AS lease, ae.agent AS agent, ae.summary AS summary, '' AS risk, ae.at AS at,
           ae.event AS event, ae.by AS by, ae.reason AS reason, '' AS audit_id
    FROM approval_events AS ae FINAL
    UNION ALL
    -- All of this stands in the decision's half, so no merging is needed; copies of a half count once.
    SELECT ifNull(h.approval, ''), h.lease, h.agent, '', ifNull(h.risk, ''), h.decided_at, ifNull(h.decision, ''), '', '', h.audit_id
    FROM request_halves AS h
    WHERE ifNull(h.approval, '') != ''
) AS e
GROUP BY e.approval
COMMENT 'One row per approval that was asked for'
