import type { Policy } from '../../../src/policy/policy.ts'
import type { Parts } from '../../edition/parts.ts'
import { writeEnvironment } from '../../edition/write-environment.ts'
import type { Identity } from '../identities.ts'

interface Going {
  readonly parts: Parts
  readonly policy: Policy
  readonly policyFile: string
  readonly directory: string
  readonly agents: readonly Identity[]
  readonly people: readonly Identity[]
  /** Repeats this start with another action. */
  readonly again: (action: string) => string
}

/** Writes a file to source for everybody whose token is here, and says what to type. */
export async function howToGoOn(going: Going): Promise<string> {
  const { parts, directory, policyFile, again } = going
  const { LEASEGATE_BOUNDARY_CA_FILE: caFile = '' } = parts.environment
  const others = await writeEnvironment(directory, 'others', parts.environment)
  return `
It stays up until Ctrl-C. The boundary's account stays in the cluster until: ${again('--teardown')}
  boundary     ${parts.boundaryUrl}   (CA ${caFile})
  policy       ${policyFile}   (read again when it changes; what the cluster grants follows with the next --apply)
  logs         ${directory}/*.log

In another terminal, in this folder:
${[...(await agentLines(going)), ...(await peopleLines(going))].join('\n')}
  somebody with a token of another issuer of the policy
                   . ${others}
                   export LEASEGATE_IDENTITY_TOKEN_FILE=…
`
}

async function agentLines({ agents, policy, parts, directory }: Going): Promise<readonly string[]> {
  const lines = agents.map(async ({ name, tokenFile }) => {
    const file = await writeEnvironment(directory, name, {
      ...parts.environment,
      LEASEGATE_IDENTITY_TOKEN_FILE: tokenFile,
    })
    const template = policy.templates.find(({ grants }) => grants.some(({ agent }) => agent === name))
    const [namespace = 'default'] = template?.grants.find(({ agent }) => agent === name)?.namespaces ?? []
    const where = namespace === '*' ? 'default' : namespace
    const ask = `npx leasegate lease request --template ${template?.name} --namespace ${where} --reason 'try it' --ttl 10m`
    return [
      `  as the agent ${name}`,
      `                   . ${file}`,
      ...(template === undefined
        ? ['                   (no template of the policy grants it anything)']
        : [
            `                   ${ask}`,
            '                   npx leasegate kubeconfig --lease ID --out $KUBECONFIG',
            `                   kubectl get pods -n ${where}`,
          ]),
    ]
  })
  return (await Promise.all(lines)).flat()
}

async function peopleLines({ people, parts, directory }: Going): Promise<readonly string[]> {
  const lines = people.map(async ({ name, tokenFile }) => {
    const file = await writeEnvironment(directory, name, {
      ...parts.environment,
      LEASEGATE_IDENTITY_TOKEN_FILE: tokenFile,
    })
    return [`  as ${name} (a token from this machine, for evaluation only)`, `                   . ${file}`]
  })
  const what = [
    '                   npx leasegate approvals',
    '                   npx leasegate lease list',
    "                   npx leasegate sql 'SELECT agent, verb, resource, decision, status FROM requests ORDER BY decided_at DESC LIMIT 20'",
  ]
  return people.length === 0 ? [] : [...(await Promise.all(lines)).flat(), ...what]
}
