import type { Commands } from './commands.ts'

/** Of the platform team and of analysts, and the roles themselves. */
export const PLATFORM_COMMANDS: Commands = {
  query: async terminal => (await import('./record/query.ts')).queryCommand(terminal),
  sql: async terminal => (await import('./record/sql.ts')).sqlCommand(terminal),
  record: async terminal => (await import('./record/record.ts')).recordCommand(terminal),
  sessions: async terminal => (await import('./sessions/sessions.ts')).sessionsCommand(terminal),
  audit: async terminal => (await import('./audit/audit.ts')).auditCommand(terminal),
  reconcile: async terminal => (await import('./record/reconcile.ts')).reconcileCommand(terminal),
  migrate: async terminal => (await import('./record/migrate.ts')).migrateCommand(terminal),
  policy: async terminal => (await import('./policy/policy.ts')).policyCommand(terminal),
  notify: async terminal => (await import('./notify/notify.ts')).notifyCommand(terminal),
  explain: async terminal => (await import('./explain/explain.ts')).explainCommand(terminal),
  verify: async terminal => (await import('./proof/verify.ts')).verifyCommand(terminal),
  doctor: async terminal => (await import('./proof/doctor.ts')).doctorCommand(terminal),
  setup: async terminal => (await import('./setup/setup.ts')).setupCommand(terminal),
  keys: async terminal => (await import('./keys/keys.ts')).keysCommand(terminal),
  authorizer: async terminal => (await import('./role/authorizer.ts')).authorizerCommand(terminal),
  broker: async terminal => (await import('./role/broker.ts')).brokerCommand(terminal),
  tap: async terminal => (await import('./role/tap.ts')).tapCommand(terminal),
  companion: async terminal => (await import('./role/companion.ts')).companionCommand(terminal),
}
