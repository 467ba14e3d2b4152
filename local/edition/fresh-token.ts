import { rename, writeFile } from 'node:fs/promises'
import type { Cluster } from '../cluster/cluster.ts'

interface Wanted {
  readonly file: string
  readonly namespace: string
  readonly account: string
  /** Null: the API server's own audience. */
  readonly audience: string | null
}

const DURATION = '1h'
const RENEW_EVERY_MS = 20 * 60_000

/** Keeps a short-lived service account token in a file, as a projected volume does in a pod: replaced by a rename, never rewritten. */
export async function keepFreshToken(cluster: Cluster, wanted: Wanted): Promise<() => void> {
  await writeToken(cluster, wanted)
  const timer = setInterval(() => void writeToken(cluster, wanted).catch(() => undefined), RENEW_EVERY_MS)
  timer.unref()
  return () => clearInterval(timer)
}

async function writeToken(cluster: Cluster, { file, namespace, account, audience }: Wanted): Promise<void> {
  const forWhom = audience === null ? [] : ['--audience', audience]
  const made = await cluster.admin(['create', 'token', account, '-n', namespace, '--duration', DURATION, ...forWhom])
  if (made.code !== 0) throw new Error(`no token for ${namespace}/${account}: ${made.stderr}`)
  await writeFile(`${file}.new`, made.stdout.trim(), { mode: 0o600 })
  await rename(`${file}.new`, file)
}
