import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type BoundaryCredential,
  keepBoundaryCredential,
  keepPlannerToken,
} from '../../edition/cluster/boundary-credential.ts'
import { type PartsOptions, startParts, startShared } from '../../edition/parts.ts'
import { createAuthority } from '../../pki.ts'
import { trustedCa } from '../api-server.ts'
import { keepAgentTokens, keepPeopleTokens } from '../identities.ts'
import { type OwnCluster, planFor } from '../own-cluster.ts'
import { carryOut } from '../plan/carry-out.ts'
import { followClusterKeys } from '../plan/state.ts'
import { howToGoOn } from './how-to-go-on.ts'
import { tryBoundary } from './try-boundary.ts'

interface Start {
  readonly own: OwnCluster
  readonly parts: PartsOptions
  /** The mode of impersonation was chosen by a person: no other is tried. */
  readonly modeIsFixed: boolean
  readonly again: (action: string) => string
}

/** Opens the account that was granted and starts everything in front of the cluster; how to go on from there. */
export async function startBoundary(start: Start): Promise<string> {
  try {
    return await behindAccount(start)
  } catch (error) {
    start.parts.report(`what was created in the cluster stays there until: ${start.again('--teardown')}`)
    throw error
  }
}

async function behindAccount(start: Start): Promise<string> {
  const { own, parts: options, again } = start
  const { directory, report } = options
  const { access, policy, policyFile, state, facts } = own
  const caFile = join(directory, 'api-server-ca.pem')
  await writeFile(caFile, await trustedCa(access.apiServer))
  const { secretFile } = await openAccount(start, caFile)
  followClusterKeys(access, state)
  const certificates = join(directory, 'certificates')
  await mkdir(certificates, { mode: 0o700 })
  const authority = await createAuthority(certificates)
  const { host, port, certificateName } = access.apiServer
  const apiServer = { host, port, certificateName, caFile, secretFile }
  const tokenFile = await keepPlannerToken(access, directory, policy.boundaryNamespace, report)
  const planner = { url: access.apiServer.server, tokenFile, caFile }
  const behind = { policyFile, authority, apiServer, console: null, planner }
  const parts = await startParts(options, await startShared(options), behind)
  const identities = { access, policy, people: state.people, clusterIssuer: facts.issuer, directory, report }
  const agents = await keepAgentTokens(identities)
  const people = await keepPeopleTokens(identities)
  return howToGoOn({ parts, policy, policyFile, directory, agents, people, again })
}

/** The account's credential, seen to work. What a server does not say of itself shows here: then legacy impersonation is tried. */
async function openAccount(start: Start, caFile: string): Promise<BoundaryCredential> {
  const { own, parts, modeIsFixed } = start
  const { access, policy } = own
  const { directory, toolchain, report } = parts
  const credential = await keepBoundaryCredential(access, directory, policy.boundaryNamespace, report)
  const { apiServer } = access
  const trial = { kubectl: toolchain.kubectl, directory, apiServer, caFile, tokenFile: credential.tokenFile, policy }
  const first = await tryBoundary(trial)
  if (first === null) return credential
  if (modeIsFixed || own.mode === 'legacy') throw new Error(`the boundary's account does not work: ${first}`)
  report(`constrained impersonation does not work (${first}): trying legacy`)
  await grant({ ...own, mode: 'legacy' }, report)
  const second = await tryBoundary(trial)
  if (second === null) return credential
  throw new Error(`the boundary's account does not work: ${second}`)
}

/** Creates the account with its rights, or brings them to what the policy says now. */
export async function grant(own: OwnCluster, report: (line: string) => void): Promise<void> {
  await carryOut(own.access, await planFor(own), report)
}
