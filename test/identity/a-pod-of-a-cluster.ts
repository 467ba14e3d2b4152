import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCluster } from '../../local/cluster/cluster.ts'
import { Supervisor } from '../../local/process/supervisor.ts'
import { ensureToolchain } from '../../local/toolchain/toolchain.ts'
import type { InCluster } from '../../src/identity/issuers/cluster-keys.ts'

/** The broker's account in a cluster of its own, which has no right but those that every account has. */
export interface PodOfACluster {
  readonly directory: string
  readonly pod: InCluster
  /** As cluster admin: what it prints. Rejects where it fails. */
  readonly kubectl: (...args: readonly string[]) => Promise<string>
  readonly stop: () => Promise<void>
}

export async function aPodOfACluster(): Promise<PodOfACluster> {
  const supervisor = new Supervisor()
  const directory = await mkdtemp(join(tmpdir(), 'lg-'))
  const toolchain = await ensureToolchain(() => undefined)
  const cluster = await startCluster({ toolchain, directory: join(directory, 'cluster'), supervisor })
  const kubectl = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await cluster.admin(args)
    if (code !== 0) throw new Error(stderr)
    return stdout.trim()
  }
  const account = await mkdtemp(join(directory, 'account-'))
  await kubectl('create', 'namespace', 'leasegate-system')
  await kubectl('create', 'serviceaccount', 'broker', '-n', 'leasegate-system')
  await writeFile(join(account, 'token'), await kubectl('create', 'token', 'broker', '-n', 'leasegate-system'))
  await writeFile(join(account, 'ca.crt'), await readFile(cluster.caFile))
  return {
    directory,
    pod: { host: '127.0.0.1', port: String(cluster.port), account },
    kubectl,
    stop: async () => {
      await supervisor.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
