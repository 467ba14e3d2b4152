import type { Commands } from './commands.ts'

/** Of the platform team and of analysts. */
export const PLATFORM_COMMANDS: Commands = {
  query: {
    about: 'run a saved query on the record, such as: query lease-timeline --lease ID',
    load: async terminal => (await import('./record/query/query.ts')).queryCommand(terminal),
  },
  sql: {
    about: 'ask the record by SQL; it can only be read',
    load: async terminal => (await import('./record/query/sql.ts')).sqlCommand(terminal),
  },
  record: {
    about: 'maintain the record: entries that were set aside, rows to be deleted',
    load: async terminal => (await import('./record/record.ts')).recordCommand(terminal),
  },
  sessions: {
    about: 'recorded sessions of exec and attach: find them, replay them, follow what runs',
    load: async terminal => (await import('./sessions/sessions.ts')).sessionsCommand(terminal),
    asksBroker: true,
  },
  audit: {
    about: 'show that the record is as it was written, or what of it is not',
    load: async terminal => (await import('./audit/audit.ts')).auditCommand(terminal),
  },
  reconcile: {
    about:
      "compare the record with the API server's own audit log: what reached the cluster without passing the " +
      'boundary, and what the record says otherwise; exit code 1 on any finding',
    load: async terminal => (await import('./record/reconcile/reconcile.ts')).reconcileCommand(terminal),
  },
  migrate: {
    about: 'bring the tables of the record and their retention up to date; does nothing when they are',
    load: async terminal => (await import('./record/migrate.ts')).migrateCommand(terminal),
  },
  policy: {
    about: 'check a policy file, try it on the record, print what it needs of the cluster, and what is risky under it',
    load: async terminal => (await import('./policy/policy.ts')).policyCommand(terminal),
  },
  notify: {
    about: 'try the receivers of notifications',
    load: async terminal => (await import('./notify/notify.ts')).notifyCommand(terminal),
  },
  explain: {
    about:
      'read requests as JSON lines from standard input and say how each is read and judged, its risks, and what ' +
      'the template makes of them; needs no server',
    load: async terminal => (await import('./explain/explain.ts')).explainCommand(terminal),
  },
  verify: {
    about:
      'prove as an agent that the boundary is real: an allowed task passes and is on record, what the lease does ' +
      'not cover is refused and on record, and without a lease nothing opens the cluster. Changes nothing but ' +
      'its own lease; exit code 1 on any finding',
    load: async terminal => (await import('./proof/verify.ts')).verifyCommand(terminal),
    asksBroker: true,
  },
  doctor: {
    about:
      'examine an installation: all that the settings and options lead to. Changes nothing; exit code 1 on what ' +
      'is critical, an error or could not be looked at, with --strict on any finding',
    load: async terminal => (await import('./proof/doctor.ts')).doctorCommand(terminal),
  },
  setup: {
    about:
      'make the Secrets with certificates and keys that are missing in a namespace, and certificates anew that ' +
      'this made and that are near their end or of other names; before that, look at the policy file and at the ' +
      'stores of the settings',
    load: async terminal => (await import('./setup/setup.ts')).setupCommand(terminal),
  },
  envoy: {
    about: 'write the configuration of Envoy',
    load: async terminal => (await import('./envoy/envoy.ts')).envoyCommand(terminal),
  },
  keys: {
    about:
      'keys that sign leases, the one that signs the ledgers of the record, and those that open recorded ' + 'sessions',
    load: async terminal => (await import('./keys/keys.ts')).keysCommand(terminal),
  },
}

/** The parts of an installation. */
export const ROLE_COMMANDS: Commands = {
  authorizer: {
    about: 'run the authorizer: decides every request for Envoy',
    load: async terminal => (await import('./role/authorizer.ts')).authorizerCommand(terminal),
  },
  broker: {
    about: 'run the broker: leases and approvals over HTTP, behind Envoy',
    load: async terminal => (await import('./role/broker.ts')).brokerCommand(terminal),
  },
  tap: {
    about: 'run the tap: brings journal and access log into the record',
    load: async terminal => (await import('./role/tap.ts')).tapCommand(terminal),
  },
  companion: {
    about: 'run beside Envoy: shows its metrics and health, and drains it before it ends',
    load: async terminal => (await import('./role/companion.ts')).companionCommand(terminal),
  },
}
