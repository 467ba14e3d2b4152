import { type CliErrorCode, EXIT_CODES } from '../command/cli-error.ts'

/** What belongs to no one command; by the name that it has in `leasegate help NAME`. */
export const TOPICS: Readonly<Record<string, () => string | Promise<string>>> = {
  leases: () => `Nobody has access that rests. For each task an agent asks for a lease by a template of the policy:

  leasegate whoami                                   which templates are granted
  leasegate lease request --template T --reason '…'  takes one, for a while
  leasegate kubeconfig --lease lse_… --out FILE      for plain kubectl, and any other client
  leasegate lease revoke lse_…                       gives it back

leasegate run -- COMMAND does all of that for one command. A lease ends by itself; none is made longer.
A refusal says what is missing; leasegate why AUDIT_ID says it again, with what would help.
`,
  questions:
    () => `What a template lets pass only with a yes waits for a person. The refusal names the question (apr_…):

  leasegate approvals wait apr_… --timeout 10m       as the agent; then send the same request again
  leasegate approvals apr_…                          as the approver: what would happen, in full
  leasegate approve apr_…                            shows it, and asks then
  leasegate reject apr_… --reason '…'                the agent reads why

A yes is for exactly one request on an object as it is, and is used once. Nobody answers for themselves.
leasegate plan asks one question for all that a command of kubectl would change.
`,
  // Loaded when it is asked for: all settings are slow to load.
  environment: async () => (await import('./environment.ts')).environment(),
  'exit-codes': () =>
    `  0  done\n${codesOf()} 70  something broke that never should\n\nThe help of each command says what they mean of it: leasegate lease request --help.\nleasegate run ends as its command did. leasegate approvals wait: 0 yes, 1 no, 2 still waiting.\n`,
}

const MEANING = {
  refused: 'somebody who decides said no, or there were findings',
  usage: 'wrong options, settings or input',
  timeout: 'what was waited for did not come in its time',
  unavailable: 'nobody answered: it may work later',
} as const satisfies Record<CliErrorCode, string>

function codesOf(): string {
  const codes = Object.entries(MEANING).map(([code, meaning]) => ({ exit: EXIT_CODES[code as CliErrorCode], meaning }))
  const inOrder = codes.toSorted((one, other) => one.exit - other.exit)
  return inOrder.map(({ exit, meaning }) => `  ${exit}  ${meaning}\n`).join('')
}
