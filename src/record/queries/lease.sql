-- One lease: who holds it, for what, what it grants, how it stands.
-- param lease: the lease's id
SELECT lease, agent, delegated_by, sponsor, template, task, task_reason, ticket, state, issued_at, expires_at, revoked_at, revoked_by, reason, namespaces, scope
FROM leases
WHERE lease = {lease:String}
