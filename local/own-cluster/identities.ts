import { join } from 'node:path'
import type { Policy } from '../../src/policy/policy.ts'
import { freshToken } from '../edition/cluster/fresh-token.ts'
import { PEOPLE_ISSUER, type People } from '../edition/people.ts'
import { AUDIENCE } from '../edition/policy-text.ts'
import type { Access } from './kubeconfig.ts'

/** Somebody whose identity token is kept in a file here. */
export interface Identity {
  readonly name: string
  readonly tokenFile: string
}

interface Options {
  readonly access: Access
  readonly policy: Policy
  readonly people: People
  /** The cluster's own, of service account tokens. */
  readonly clusterIssuer: string
  readonly directory: string
  readonly report: (line: string) => void
}

const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/
/** A person's token lives for 12 hours. */
const RENEW_EVERY_MS = 6 * 3_600_000

/** Agents that are service accounts of this cluster: a token for each, as a projected volume would bring it. */
export async function keepAgentTokens(options: Options): Promise<readonly Identity[]> {
  const { policy, clusterIssuer, directory, access } = options
  const kept: Identity[] = []
  for (const { name, match } of policy.agents) {
    const issuer = policy.issuers.find(each => each.name === match.issuer)
    const [, namespace, account] = SERVICE_ACCOUNT.exec(match.claims['sub'] ?? '') ?? []
    if (issuer?.issuer !== clusterIssuer || namespace === undefined || account === undefined) continue
    const tokenFile = join(directory, `agent-${name}.token`)
    const wanted = { file: tokenFile, namespace, account, audience: issuer.audience }
    await freshToken(access, wanted, missing(options, name, namespace, account)).first.catch(() => undefined)
    kept.push({ name, tokenFile })
  }
  return kept
}

function missing({ report, access }: Options, agent: string, namespace: string, account: string) {
  return (problem: string): void => {
    const kubectl = `kubectl --kubeconfig ${access.kubeconfig} --context ${access.context}`
    report(
      /not found/.test(problem)
        ? `agent ${agent} has no service account yet; its token follows within seconds of: ${kubectl} create serviceaccount ${account} -n ${namespace}`
        : `agent ${agent}: ${problem}`,
    )
  }
}

/** People of the local issuer, for evaluation only. Everybody else has a token of their own issuer. */
export async function keepPeopleTokens({ policy, people, directory }: Options): Promise<readonly Identity[]> {
  const local = policy.issuers.filter(({ issuer, audience }) => issuer === PEOPLE_ISSUER && audience === AUDIENCE)
  const here = policy.people.filter(({ match }) => local.some(({ name }) => name === match.issuer))
  const kept = here.map(({ name, match }) => ({
    name,
    tokenFile: join(directory, `person-${name}.token`),
    claims: { sub: name, ...match.claims },
  }))
  const write = async () => {
    for (const { tokenFile, claims } of kept) await people.writeToken(tokenFile, claims)
  }
  await write()
  setInterval(() => void write().catch(() => undefined), RENEW_EVERY_MS).unref()
  return kept
}
