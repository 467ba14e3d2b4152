import { Command } from 'commander'
import { credentialCommand } from './access/credential.ts'
import { kubeconfigCommand } from './access/kubeconfig.ts'
import { whoamiCommand } from './access/whoami.ts'
import { approveCommand, rejectCommand } from './approval/answer.ts'
import { approvalsCommand } from './approval/approvals.ts'
import { brokerCommand } from './broker.ts'
import { toFailure } from './cli-error.ts'
import { explainCommand } from './explain/explain.ts'
import { keysCommand } from './keys.ts'
import { leaseCommand } from './lease/lease.ts'
import { policyCommand } from './policy/policy.ts'
import type { Terminal } from './terminal.ts'

/** Every command. What a command needs besides the terminal it loads when it runs: kubectl starts `credential` often. */
const COMMANDS = [
  leaseCommand,
  kubeconfigCommand,
  credentialCommand,
  whoamiCommand,
  approvalsCommand,
  approveCommand,
  rejectCommand,
  policyCommand,
  explainCommand,
  keysCommand,
  brokerCommand,
] as const

/** Runs one command line; resolves with the exit code when it is done. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const program = new Command('leasegate').description('production access to Kubernetes for AI agents, by task leases')
  for (const command of COMMANDS) program.addCommand(command(terminal))
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

/** Commander throws instead of exiting, and its errors look like ours. */
function quietly(command: Command, terminal: Terminal): void {
  command.exitOverride().configureOutput({
    writeOut: terminal.print,
    writeErr: terminal.note,
    outputError: (text, write) => write(text.replace(/^error: /, 'leasegate: ')),
  })
  for (const child of command.commands) quietly(child, terminal)
}
