import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type KubeconfigSettings, kubeconfigFor } from '../access/kubeconfig-for.ts'
import { brokerClient } from '../broker-client.ts'
import { type LeaseWish, requestLease } from '../lease/request.ts'
import type { ShownLease } from '../lease/shown-lease.ts'
import type { Terminal } from '../terminal.ts'
import { FILES, type Guard, startGuard } from './guard.ts'

/** A lease that ends with this process, and the file by which it is used. */
export interface TakenLease {
  readonly lease: ShownLease
  /** Path of a kubeconfig that nobody else can read; gone when the lease has ended. */
  readonly kubeconfig: string
  readonly end: Guard['end']
}

/** Rejects where the broker gives none. */
export async function takeLease(terminal: Terminal, config: KubeconfigSettings, wish: LeaseWish): Promise<TakenLease> {
  const lease = await requestLease(brokerClient(terminal), wish, terminal.stdin)
  // Nobody else looks into it (mode 0700).
  const directory = await mkdtemp(join(tmpdir(), FILES))
  const { end } = startGuard(terminal, lease.id, directory)
  const kubeconfig = join(directory, 'kubeconfig.yaml')
  try {
    await writeFile(kubeconfig, await kubeconfigFor(lease, { lease: lease.id }, config), { mode: 0o600 })
    return { lease, kubeconfig, end }
  } catch (error) {
    await end('no kubeconfig could be written for it')
    throw error
  }
}
