import { mkdtemp, rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type KubeconfigChoice, type KubeconfigSettings, kubeconfigFor } from '../access/kubeconfig-for.ts'
import { brokerClient } from '../broker/broker-client.ts'
import { CliError } from '../command/cli-error.ts'
import type { Terminal } from '../command/terminal.ts'
import type { Patience } from '../lease/patiently.ts'
import { type LeaseWish, requestLease } from '../lease/request.ts'
import type { ShownLease } from '../lease/shown-lease.ts'
import { FILES, type Guard, startGuard } from './guard.ts'

/** A lease that ends with this process, and the file by which it is used. */
export interface TakenLease {
  readonly lease: ShownLease
  /** Path of a kubeconfig that nobody else can read; gone when the lease has ended. */
  readonly kubeconfig: string
  readonly end: Guard['end']
  /** From now on the kubeconfig means this one, which ends with this process as well. */
  readonly goOn: (next: ShownLease) => Promise<void>
}

interface Use extends Pick<KubeconfigChoice, 'execApi'> {
  /** Another lease may come in its place. */
  readonly follows?: boolean
  /** At its end it is told what was done. */
  readonly tells?: boolean
  /** Where a person has to say yes to it; not there where nobody waits for that. */
  readonly patience?: Patience
}

/** Rejects where the broker gives none, and where no file can be written: then it is not asked. */
export async function takeLease(
  terminal: Terminal,
  config: KubeconfigSettings,
  wish: LeaseWish,
  { follows = false, tells = false, patience, ...use }: Use = {},
): Promise<TakenLease> {
  const directory = await makeFolder()
  // It is there before there is a lease, so that whatever ends us ends that as well.
  const { end, add } = startGuard(terminal, directory, tells)
  const leaseFrom = join(directory, 'lease')
  const goOn = async (next: ShownLease) => {
    add(next.id)
    await writeWhole(leaseFrom, next.id)
  }
  try {
    const lease = await requestLease(brokerClient(terminal), wish, terminal.stdin, patience)
    add(lease.id)
    const kubeconfig = join(directory, 'kubeconfig.yaml')
    const choice = { ...use, ...(follows ? { leaseFrom } : { lease: lease.id }) }
    if (follows) await writeWhole(leaseFrom, lease.id)
    await writeFile(kubeconfig, await kubeconfigFor(lease, choice, config), { mode: 0o600 })
    return { lease, kubeconfig, end, goOn }
  } catch (error) {
    await end('no kubeconfig could be written for it')
    throw error
  }
}

/** Nobody else looks into it (mode 0700). */
async function makeFolder(): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir(), FILES))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'failed'
    throw new CliError(
      'usage',
      `a kubeconfig cannot be written in ${tmpdir()} (TMPDIR), so no lease was asked for: ${why}`,
      cause,
    )
  }
}

/** Whoever reads it meanwhile has the one before. */
async function writeWhole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, `${text}\n`, { mode: 0o600 })
  await rename(`${file}.new`, file)
}
