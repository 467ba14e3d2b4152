import { rename, writeFile } from 'node:fs/promises'
import type { Cluster } from '../../cluster/cluster.ts'

export interface WantedToken {
  readonly file: string
  readonly namespace: string
  readonly account: string
  /** Null: the API server's own audience. */
  readonly audience: string | null
}

export interface FreshToken {
  /** Rejects when the first token could not be had; it is tried again all the same. */
  readonly first: Promise<void>
  readonly stop: () => void
}

type Admin = Pick<Cluster, 'admin'>
type OnProblem = (problem: string) => void

const DURATION = '1h'
const LOOK_EVERY_MS = 15_000

/** Keeps a short-lived service account token in a file, as a projected volume does in a pod: replaced by a rename, never rewritten. */
export async function keepFreshToken(cluster: Admin, wanted: WantedToken, onProblem?: OnProblem): Promise<() => void> {
  const { first, stop } = freshToken(cluster, wanted, onProblem)
  await first.catch(error => {
    stop()
    throw error
  })
  return stop
}

/** The same where the account may come later. `onProblem` hears of a series of failures once. */
export function freshToken(cluster: Admin, wanted: WantedToken, onProblem: OnProblem = () => undefined): FreshToken {
  let renewAt = 0
  let failing = false
  let busy = false
  const renew = async () => {
    busy = true
    try {
      renewAt = await writeToken(cluster, wanted)
      failing = false
    } catch (error) {
      if (!failing) onProblem((error as Error).message)
      failing = true
      throw error
    } finally {
      busy = false
    }
  }
  // By the clock, and not by one long timer: a machine that slept finds its token too old.
  const look = () => {
    if (!busy && Date.now() >= renewAt) void renew().catch(() => undefined)
  }
  const timer = setInterval(look, LOOK_EVERY_MS)
  timer.unref()
  return { first: renew(), stop: () => clearInterval(timer) }
}

/** When to write the next one: after half of its life, which the API server may have made shorter than asked. */
async function writeToken({ admin }: Admin, { file, namespace, account, audience }: WantedToken): Promise<number> {
  const forWhom = audience === null ? [] : ['--audience', audience]
  const askedAt = Date.now()
  const made = await admin([
    'create',
    'token',
    account,
    '-n',
    namespace,
    '--duration',
    DURATION,
    ...forWhom,
    '-o',
    'json',
  ])
  if (made.code !== 0) throw new Error(`no token for ${namespace}/${account}: ${made.stderr.trim()}`)
  const { token, expirationTimestamp } = (JSON.parse(made.stdout) as TokenRequest).status
  await writeFile(`${file}.new`, token, { mode: 0o600 })
  await rename(`${file}.new`, file)
  return askedAt + (Date.parse(expirationTimestamp) - askedAt) / 2
}

interface TokenRequest {
  readonly status: { readonly token: string; readonly expirationTimestamp: string }
}
