import { Command } from 'commander'
import { toFailure } from './cli-error.ts'
import type { Terminal } from './terminal.ts'
import { readVersion } from './version.ts'

/** Every command, loaded when it is named: kubectl starts `credential` often, and it should not wait for what others need. */
const COMMANDS: Readonly<Record<string, (terminal: Terminal) => Promise<Command>>> = {
  lease: async terminal => (await import('./lease/lease.ts')).leaseCommand(terminal),
  agent: async terminal => (await import('./agent/agent.ts')).agentCommand(terminal),
  stop: async terminal => (await import('./stop/stop.ts')).stopCommand(terminal),
  start: async terminal => (await import('./stop/stop.ts')).startCommand(terminal),
  kubeconfig: async terminal => (await import('./access/kubeconfig.ts')).kubeconfigCommand(terminal),
  credential: async terminal => (await import('./access/credential.ts')).credentialCommand(terminal),
  status: async terminal => (await import('./status.ts')).statusCommand(terminal),
  whoami: async terminal => (await import('./access/whoami.ts')).whoamiCommand(terminal),
  run: async terminal => (await import('./run/run.ts')).runCommand(terminal),
  mcp: async terminal => (await import('./mcp/mcp.ts')).mcpCommand(terminal),
  plan: async terminal => (await import('./plan/plan.ts')).planCommand(terminal),
  approvals: async terminal => (await import('./approval/approvals.ts')).approvalsCommand(terminal),
  approve: async terminal => (await import('./approval/answer.ts')).approveCommand(terminal),
  reject: async terminal => (await import('./approval/answer.ts')).rejectCommand(terminal),
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
  completion: async terminal =>
    (await import('./completion/completion.ts')).completionCommand(terminal, () => wholeProgram(terminal)),
  keys: async terminal => (await import('./keys/keys.ts')).keysCommand(terminal),
  authorizer: async terminal => (await import('./role/authorizer.ts')).authorizerCommand(terminal),
  broker: async terminal => (await import('./role/broker.ts')).brokerCommand(terminal),
  tap: async terminal => (await import('./role/tap.ts')).tapCommand(terminal),
  companion: async terminal => (await import('./role/companion.ts')).companionCommand(terminal),
}

/** What only leasegate itself starts. */
const OWN: typeof COMMANDS = {
  guard: async terminal => (await import('./run/guard.ts')).guardCommand(terminal),
}

/** Runs one command line; resolves with the exit code when it is done. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const program = new Command('leasegate').description('production access to Kubernetes for AI agents, by task leases')
  const [named = ''] = args
  const [known] = [COMMANDS, OWN].flatMap(one => (Object.hasOwn(one, named) ? (one[named] ?? []) : []))
  const wanted = known === undefined ? Object.values(COMMANDS) : [known]
  for (const command of wanted) program.addCommand(await command(terminal))
  if (known === undefined) program.version(`leasegate ${await readVersion()}`, '-V, --version')
  quietly(program, terminal)
  try {
    await program.parseAsync(args, { from: 'user' })
    return 0
  } catch (error) {
    const { exitCode, message } = toFailure(error)
    if (message !== '') terminal.note(`leasegate: ${message}\n`)
    return exitCode
  }
}

async function wholeProgram(terminal: Terminal): Promise<Command> {
  const program = new Command('leasegate')
  for (const command of Object.values(COMMANDS)) program.addCommand(await command(terminal))
  return program
}

/** Commander throws instead of exiting, and its errors look like ours. */
function quietly(command: Command, terminal: Terminal): void {
  command.exitOverride().configureOutput({
    writeOut: terminal.print,
    writeErr: terminal.note,
    outputError: (text, write) => write(text.replace(/^error: /, 'leasegate: ')),
  })
  for (const child of command.commands) quietly(child, terminal)
}
