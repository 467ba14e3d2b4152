import type { Command } from 'commander'
import type { Terminal } from './terminal.ts'

/** By name, loaded when it is named: kubectl starts `credential` often, and it should not wait for what others need. */
export type Commands = Readonly<Record<string, (terminal: Terminal) => Promise<Command>>>

/** Of agents, and of those who answer them: what needs the broker alone, and is packed for machines that have nothing else of leasegate. */
export const CLIENT_COMMANDS: Commands = {
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
}

/** What only leasegate itself starts. */
export const OWN_COMMANDS: Commands = {
  guard: async terminal => (await import('./run/guard.ts')).guardCommand(terminal),
}
