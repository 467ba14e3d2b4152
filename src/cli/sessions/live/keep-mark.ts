import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { brokerClient } from '../../broker/broker-client.ts'
import { CliError } from '../../command/cli-error.ts'
import type { Terminal } from '../../command/terminal.ts'

const WATCHING = z.object({
  lease: z.string(),
  by: z.string(),
  markMs: z.int().positive(),
  renewMs: z.int().positive(),
})
const LEFT = z.object({ left: z.boolean() })

/** That somebody watches the sessions of a lease, said again and again until they leave. */
export interface KeptMark {
  readonly by: string
  readonly markMs: number
  /** Aborted, with a CliError for a reason, when the broker wants it no longer or was not heard of for as long as a mark counts. */
  readonly lost: AbortSignal
  /** False where the broker could not be told: then it is over when the last mark is. */
  readonly leave: () => Promise<boolean>
}

/** Rejects when the broker does not let this person watch. */
export async function keepMark(terminal: Terminal, lease: string): Promise<KeptMark> {
  const ask = brokerClient(terminal)
  const path = `/v1/leases/${encodeURIComponent(lease)}/watches/wch_${randomBytes(16).toString('hex')}`
  const first = await ask('POST', path, WATCHING)
  const [lost, left] = [new AbortController(), new AbortController()]
  const renewing = renew({ say: () => ask('POST', path, WATCHING), ...first, lost, left: left.signal })
  const leave = async (): Promise<boolean> => {
    left.abort()
    await renewing
    return ask('DELETE', path, LEFT).then(
      () => true,
      () => false,
    )
  }
  return { by: first.by, markMs: first.markMs, lost: lost.signal, leave }
}

interface Renewing {
  readonly say: () => Promise<unknown>
  readonly markMs: number
  readonly renewMs: number
  readonly lost: AbortController
  readonly left: AbortSignal
}

async function renew({ say, markMs, renewMs, lost, left }: Renewing): Promise<void> {
  let until = performance.now() + markMs
  for (;;) {
    await pause(renewMs, undefined, { signal: left }).catch(() => {})
    if (left.aborted) return
    const begun = performance.now()
    try {
      await say()
      until = begun + markMs
    } catch (error) {
      const isOver = !(error instanceof CliError) || error.code !== 'unavailable' || performance.now() > until
      if (isOver) return lost.abort(error)
    }
  }
}
