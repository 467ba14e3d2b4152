import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Cluster, startCluster } from '../../../local/cluster/cluster.ts'
import { type Ran, run } from '../../../local/process/run.ts'
import { Supervisor } from '../../../local/process/supervisor.ts'
import { ensureToolchain } from '../../../local/toolchain/toolchain.ts'
import { type Helm, helm, type Loose, NAMESPACE, RELEASE } from '../chart/a-chart.ts'
import { ensureCrds } from '../crds.ts'

export interface ChartCluster {
  readonly cluster: Cluster
  readonly directory: string
  /** As the admin; fails loudly. */
  readonly kubectl: (args: readonly string[], input?: string) => Promise<string>
  /** The objects of these kinds, in all namespaces. */
  readonly all: (...kinds: readonly string[]) => Promise<readonly Loose[]>
  /** `helm VERB lg …` in the release's namespace. */
  readonly helm: (args: readonly string[], values?: object, by?: Helm) => Promise<Ran>
  /** kubectl with a service account's own token. */
  readonly as: (account: string, args: readonly string[], input?: string) => Promise<Ran>
  readonly stop: () => Promise<void>
}

/** What client-go says when Helm has seen what it waited for and lets go of its watch. */
const LET_GO = /^[EI]\d{4} [^\n]*context canceled[^\n]*\n/gm

/** Namespaces that the scenarios speak of. */
const NAMESPACES = ['shop', 'agents', 'agents-batch']

/** A real cluster that knows cert-manager's kinds and Prometheus', with a namespace that takes restricted pods alone. */
export async function aChartCluster(): Promise<ChartCluster> {
  const toolchain = await ensureToolchain(() => undefined)
  const crds = await ensureCrds(() => undefined)
  const directory = await mkdtemp(join(tmpdir(), 'lg-'))
  const supervisor = new Supervisor()
  const cluster = await startCluster({ toolchain, directory: join(directory, 'cluster'), supervisor })
  const kubectl = async (args: readonly string[], input?: string) => {
    const { code, stdout, stderr } = await cluster.admin(args, input)
    if (code !== 0) throw new Error(stderr)
    return stdout
  }
  await kubectl(['apply', '--server-side', '-f', crds])
  await kubectl(['wait', '--for=condition=Established', 'crd', '--all'])
  await kubectl(['create', 'namespace', NAMESPACE])
  const restricted = ['enforce', 'warn'].map(mode => `pod-security.kubernetes.io/${mode}=restricted`)
  await kubectl(['label', 'namespace', NAMESPACE, ...restricted])
  for (const name of NAMESPACES) await kubectl(['create', 'namespace', name])
  return {
    cluster,
    directory,
    kubectl,
    all: async (...kinds) =>
      (JSON.parse(await kubectl(['get', kinds.join(), '-A', '-o', 'json'])) as { items: readonly Loose[] }).items,
    helm: async ([verb = '', ...args], values, by) => {
      const access = ['--namespace', NAMESPACE, '--kubeconfig', cluster.adminKubeconfig]
      const ran = await helm([verb, RELEASE, ...args, ...access], values, by)
      return { ...ran, stderr: ran.stderr.replaceAll(LET_GO, '') }
    },
    as: async (account, args, input) => {
      const token = (await kubectl(['create', 'token', account, '-n', NAMESPACE])).trim()
      const access = [
        '--kubeconfig=/dev/null',
        `--server=${cluster.server}`,
        `--certificate-authority=${cluster.caFile}`,
      ]
      const given = input === undefined ? {} : { input }
      return run(toolchain.kubectl, [...access, `--token=${token}`, ...args], given)
    },
    stop: async () => {
      await supervisor.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
