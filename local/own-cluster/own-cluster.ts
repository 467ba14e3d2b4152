import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { loadPolicy } from '../../src/policy/load/load-policy.ts'
import type { Policy } from '../../src/policy/policy.ts'
import { shellQuote } from '../../src/proof/shell-quote.ts'
import type { Toolchain } from '../toolchain/toolchain.ts'
import { assertReachable } from './api-server.ts'
import { starterPolicy } from './boundary/starter-policy.ts'
import { type Access, openKubeconfig } from './kubeconfig.ts'
import { existingObjects, markedObjects, namespacesOf } from './plan/in-cluster.ts'
import { nameOf, toYaml, wantedObjects } from './plan/objects.ts'
import { obstacles, type Plan, toPlan } from './plan/plan.ts'
import { openState, type State } from './plan/state.ts'
import { type ImpersonationMode, readServerFacts, type ServerFacts } from './server-facts.ts'

export interface OwnClusterChoice {
  readonly kubeconfig: string
  /** Null: the kubeconfig's current one. */
  readonly context: string | null
  /** Null: the one that was written for this cluster. */
  readonly policy: string | null
  /** Null: what the server has. */
  readonly impersonation: ImpersonationMode | null
}

/** A cluster that is somebody's, with what it says of itself and what is to be in force in front of it. */
export interface OwnCluster {
  readonly access: Access
  readonly facts: ServerFacts
  readonly state: State
  readonly policyFile: string
  /** The policy file was not there before. */
  readonly policyIsNew: boolean
  readonly policy: Policy
  readonly mode: ImpersonationMode
}

/** Looks only. Throws a sentence for people for everything that is in the way. */
export async function examineOwnCluster(toolchain: Toolchain, choice: OwnClusterChoice): Promise<OwnCluster> {
  const { kubeconfig: file, context } = choice
  if (choice.policy !== null && !existsSync(choice.policy)) throw new Error(`there is no policy file ${choice.policy}`)
  const access = await openKubeconfig({ kubectl: toolchain.kubectl, file, context })
  const facts = await readServerFacts(access)
  await assertReachable(access.apiServer)
  const state = await openState(access, facts)
  const policyFile = choice.policy ?? state.policyFile
  const policyIsNew = !existsSync(policyFile)
  if (policyIsNew) await writeFile(policyFile, starterPolicy(facts))
  const policy = await loadPolicy(policyFile)
  if (policy.boundaryNamespace === '') {
    throw new Error(
      `boundaryNamespace is "" in ${policyFile}: the boundary's account needs a namespace, out of agents' reach`,
    )
  }
  return { access, facts, state, policyFile, policyIsNew, policy, mode: choice.impersonation ?? facts.impersonation }
}

const WITHOUT_ADMISSION =
  'this cluster is older than Kubernetes 1.30 and has no admission policies: what results of a write is judged by nobody'

/** What --apply would do now. */
export async function planFor({ access, policyFile, policy, mode, facts }: OwnCluster): Promise<Plan> {
  const { judges } = facts
  const wanted = await wantedObjects({ policyFile, namespace: policy.boundaryNamespace, mode, judges })
  const [existing, marked, namespaces] = await Promise.all([
    existingObjects(access, wanted),
    markedObjects(access),
    namespacesOf(access),
  ])
  return toPlan({ wanted, existing, marked, namespaces })
}

/** The plan as YAML that kubectl would take, with what else there is to say as comments. */
export function describePlan(
  { access, facts, mode, policyFile, policyIsNew }: OwnCluster,
  plan: Plan,
  again: string,
): string {
  const { server } = access.apiServer
  const notes = [
    `${server} (context ${access.context}, ${facts.version}), ${mode} impersonation`,
    policyIsNew ? `policy: ${policyFile}, just written as a beginning; read and edit it` : `policy: ${policyFile}`,
    ...(facts.judges ? [] : [WITHOUT_ADMISSION]),
    ...plan.stale.map(object => `would be removed, the policy no longer has it: ${nameOf(object)}`),
    ...obstacles(plan).map(sentence => `in the way: ${sentence}`),
  ]
  const next = `Nothing was changed. To create the above with the kubeconfig's rights, and start the boundary with the account's own: ${again}`
  const comment = (lines: readonly string[]) => lines.map(line => `# ${line}\n`).join('')
  return `${comment(notes)}---\n${toYaml(plan.apply)}\n${comment([next])}`
}

/** This start once more, as it can be pasted into a shell. */
export function again(choice: OwnClusterChoice, policyFile: string | null, action: string): string {
  const { kubeconfig, context, impersonation } = choice
  const options = [
    ['--kubeconfig', kubeconfig],
    ...(context === null ? [] : [['--context', context]]),
    ...(policyFile === null ? [] : [['--policy', policyFile]]),
    ...(impersonation === null ? [] : [['--impersonation', impersonation]]),
  ]
  return ['npm start --', ...options.map(pair => pair.map(shellQuote).join(' ')), action].join(' ')
}
