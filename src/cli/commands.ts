import type { Command } from 'commander'
import type { Terminal } from './command/terminal.ts'

export interface Loadable {
  /** What it is for. The help of the command has all of it, that of the program what stands before the first full stop or semicolon. */
  readonly about: string
  readonly load: (terminal: Terminal) => Promise<Command>
  /** It asks the broker, though it is for others than agents and approvers. */
  readonly asksBroker?: true
}

/** By name, loaded when it is named: kubectl starts `credential` often, and it should not wait for what others need. */
export type Commands = Readonly<Record<string, Loadable>>

/** By the heading under which the help has them. */
export type CommandGroups = Readonly<Record<string, Commands>>

/** Of agents, and of those who answer them: what needs the broker alone, and is packed for machines that have nothing else of leasegate. */
export const CLIENT_COMMANDS: Commands = {
  lease: {
    about: 'ask for leases, look at them, make them smaller, end them',
    load: async terminal => (await import('./lease/lease.ts')).leaseCommand(terminal),
  },
  agent: {
    about: 'stop an agent for a while, and let it go on',
    load: async terminal => (await import('./agent/agent.ts')).agentCommand(terminal),
  },
  stop: {
    about: 'end all leases of a subject now, and give none until they are started: --all is the kill switch',
    load: async terminal => (await import('./stop/stop.ts')).stopCommand(terminal),
  },
  start: {
    about: 'let leases be asked for again after a stop; those of before stay ended',
    load: async terminal => (await import('./stop/stop.ts')).startCommand(terminal),
  },
  kubeconfig: {
    about: 'write a kubeconfig for a lease; no credential is in it, kubectl gets one by itself',
    load: async terminal => (await import('./access/kubeconfig.ts')).kubeconfigCommand(terminal),
  },
  credential: {
    about: 'exec plugin of kubectl and client-go: print a lease token (an ExecCredential)',
    load: async terminal => (await import('./access/credential.ts')).credentialCommand(terminal),
  },
  status: {
    about: 'in one: who you are, whether you are held, your leases and open questions; everybody’s for people',
    load: async terminal => (await import('./status.ts')).statusCommand(terminal),
  },
  whoami: {
    about: 'who you are to the broker, and which task templates you may use',
    load: async terminal => (await import('./access/whoami.ts')).whoamiCommand(terminal),
  },
  run: {
    about: 'run one command under a lease of its own, which ends with it, however it ends',
    load: async terminal => (await import('./run/run.ts')).runCommand(terminal),
  },
  why: {
    about: 'what was judged of one request, by which rule, and what would have helped; by its audit id',
    load: async terminal => (await import('./why/why.ts')).whyCommand(terminal),
  },
  mcp: {
    about:
      'serve the Model Context Protocol: leases and approvals for a model, on standard input and output or over HTTP',
    load: async terminal => (await import('./mcp/mcp.ts')).mcpCommand(terminal),
  },
  plan: {
    about: 'ask one question for all that a command of kubectl would change, before it changes anything',
    load: async terminal => (await import('./plan/plan.ts')).planCommand(terminal),
  },
  approvals: {
    about: 'list the requests that wait for an approver, or show one of them in full',
    load: async terminal => (await import('./approval/approvals.ts')).approvalsCommand(terminal),
  },
  approve: {
    about: 'say yes to exactly one request, after a look at it; it can be used once',
    load: async terminal => (await import('./approval/answer.ts')).approveCommand(terminal),
  },
  login: {
    about: 'log in, for people: with a browser, or with a code where there is none',
    load: async terminal => (await import('./login/login.ts')).loginCommand(terminal),
  },
  logout: {
    about: 'log out: the refresh token is revoked, and nothing is kept',
    load: async terminal => (await import('./login/logout.ts')).logoutCommand(terminal),
  },
  reject: {
    about: 'say no to a request, or take back a yes that was not used yet',
    load: async terminal => (await import('./approval/answer.ts')).rejectCommand(terminal),
  },
}

/** Of what is on this machine: they ask nobody. */
export const LOCAL_COMMANDS: Commands = {
  contexts: {
    about: 'the boundaries that you have settings for, and which of them is meant',
    load: async terminal => (await import('./context/contexts.ts')).contextsCommand(terminal),
  },
  version: {
    about: 'which leasegate this is, and which Node.js runs it',
    load: async terminal => (await import('./version.ts')).versionCommand(terminal),
  },
}

/** What only leasegate itself starts. */
export const OWN_COMMANDS: Commands = {
  guard: {
    about: 'beside leasegate run and mcp: waits until that is done or gone, and ends its lease',
    load: async terminal => (await import('./run/guard.ts')).guardCommand(terminal),
  },
  'mcp-keeper': {
    about: 'beside leasegate mcp --http: ends the leases of its callers, all of them once it is gone',
    load: async terminal => (await import('./mcp/http/keeper/keeper-command.ts')).keeperCommand(terminal),
  },
}
