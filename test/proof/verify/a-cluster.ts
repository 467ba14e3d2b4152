import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { stringify } from 'yaml'
import { type Cluster, startCluster } from '../../../local/cluster/cluster.ts'
import { type Ran, run } from '../../../local/process/run.ts'
import { Supervisor } from '../../../local/process/supervisor.ts'
import { ensureToolchain } from '../../../local/toolchain/toolchain.ts'
import type { Cluster as ReadCluster } from '../../../src/kubernetes/cluster.ts'
import { connectCluster } from '../../../src/kubernetes/connect/connect-cluster.ts'
import { parsePolicy } from '../../../src/policy/load/policy-file.ts'
import type { Policy } from '../../../src/policy/policy.ts'
import { toRbac, toYaml } from '../../../src/policy/rbac/rbac.ts'

export const AGENT = { name: 'deployer', namespace: 'agents', account: 'deployer' }

export interface ProofCluster {
  readonly cluster: Cluster
  readonly reader: ReadCluster
  readonly policy: Policy
  readonly policyFile: string
  readonly directory: string
  /** As the admin; fails loudly. */
  readonly kubectl: (args: readonly string[], input?: string) => Promise<string>
  /** What somebody does who pastes a mend into a shell as the admin. */
  readonly paste: (mend: string) => Promise<Ran>
  readonly stop: () => Promise<void>
}

/** A real cluster as `leasegate policy rbac` leaves it: an agent's account without rights, and the rights of its template. */
export async function aProofCluster(): Promise<ProofCluster> {
  const toolchain = await ensureToolchain(() => undefined)
  const directory = await mkdtemp(join(tmpdir(), 'lg-'))
  const supervisor = new Supervisor()
  const cluster = await startCluster({ toolchain, directory, supervisor })
  const text = policyText(cluster)
  const policy = parsed(text)
  const policyFile = join(directory, 'policy.yaml')
  await writeFile(policyFile, text)
  const kubectl = async (args: readonly string[], input?: string) => {
    const { code, stdout, stderr } = await cluster.admin(args, input)
    if (code !== 0) throw new Error(stderr)
    return stdout.trim()
  }
  for (const namespace of ['shop', AGENT.namespace, 'leasegate']) await kubectl(['create', 'namespace', namespace])
  await kubectl(['create', 'serviceaccount', AGENT.account, '-n', AGENT.namespace])
  const boundary = { kind: 'serviceAccount', namespace: 'leasegate', name: 'boundary' } as const
  await kubectl(['apply', '--server-side', '-f', '-'], toYaml(toRbac(policy, { mode: 'constrained', boundary })))
  const path = [dirname(toolchain.kubectl), process.env['PATH']].join(delimiter)
  return {
    cluster,
    reader: await connectCluster({ file: cluster.adminKubeconfig, context: null }),
    policy,
    policyFile,
    directory,
    kubectl,
    paste: mend => run('/bin/sh', ['-ec', mend], { env: { KUBECONFIG: cluster.adminKubeconfig, PATH: path } }),
    stop: async () => {
      await supervisor.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

function policyText(cluster: Cluster): string {
  return stringify({
    boundaryNamespace: 'leasegate',
    issuers: [
      {
        name: 'cluster',
        issuer: cluster.serviceAccountIssuer,
        audience: 'leasegate',
        jwks: { file: cluster.jwksFile },
      },
      { name: 'corp', issuer: 'https://login.corp.example', audience: 'leasegate', jwks: { file: cluster.jwksFile } },
    ],
    agents: [
      {
        name: AGENT.name,
        issuer: 'cluster',
        claims: { sub: `system:serviceaccount:${AGENT.namespace}:${AGENT.account}` },
      },
      { name: 'triage', issuer: 'corp', claims: { sub: 'triage-1' } },
    ],
    people: [],
    templates: [
      {
        name: 'look',
        description: 'Look at pods',
        grants: [{ agent: AGENT.name, namespaces: ['shop'] }],
        rules: [{ verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] }],
        maxTtl: '10m',
        maxLeases: 1,
      },
    ],
  })
}

function parsed(text: string): Policy {
  const read = parsePolicy(text, 'policy.yaml')
  if (read.kind !== 'policy') throw new Error(JSON.stringify(read))
  return read.policy
}
