import { spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { type BrokerClient, brokerClient } from '../broker-client.ts'
import { CliError, EndedWith } from '../cli-error.ts'
import { SHOWN_LEASE, type ShownLease } from '../lease/shown-lease.ts'
import type { Terminal } from '../terminal.ts'
import { thisProgram } from '../this-program.ts'

/** Watches over a lease that ends with what asked for it. */
export interface Guard {
  /** Ends the lease and takes its files away. */
  readonly end: (reason: string) => Promise<LeaseEnded>
}

export interface LeaseEnded {
  /** False: it goes on until its time is over. */
  readonly ended: boolean
  /** For standard error. */
  readonly said: string
}

/** What the folder of a run is called. */
export const FILES = 'leasegate-run-'

/** What is said when nobody had time to say anything. */
const LEFT = 'whoever asked for it was killed'

/**
 * A process beside ours, and outside its terminal: it reads from us until we are done or gone, kill -9 included, and ends the lease
 * then. It is the only way in which such a lease ends, so that the way for bad days is walked each time.
 */
export function startGuard(terminal: Terminal, lease: string, directory: string): Guard {
  const [program, ...before] = thisProgram()
  const child = spawn(program, [...before, 'guard', '--lease', lease, '--directory', directory], {
    env: { ...terminal.env },
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  let said = ''
  child.stdout.on('data', chunk => (said += String(chunk)))
  child.stdin.on('error', () => undefined)
  const { promise: over, resolve } = Promise.withResolvers<number | null>()
  child.once('close', resolve).once('error', () => resolve(null))
  return {
    end: async reason => {
      child.stdin.end(reason)
      const code = await over
      if (said !== '') return { ended: code === 0, said }
      // It was killed itself.
      await removeFiles(directory)
      return endLease(brokerClient(terminal), lease, reason)
    },
  }
}

/** Of a run: who asks to remove anything else has made a mistake. */
async function removeFiles(directory: string): Promise<void> {
  if (!basename(directory).startsWith(FILES)) throw new CliError('usage', `${directory} is no folder of leasegate run`)
  await rm(directory, { recursive: true, force: true })
}

interface Guarded {
  readonly lease: string
  readonly directory: string
}

export function guardCommand(terminal: Terminal): Command {
  return new Command('guard')
    .requiredOption('--lease <id>', 'the lease')
    .requiredOption('--directory <path>', 'its files')
    .action(async ({ lease, directory }: Guarded) => {
      let reason = ''
      for await (const chunk of terminal.stdin) reason += String(chunk)
      await removeFiles(directory)
      const { ended, said } = await endLease(brokerClient(terminal), lease, reason || LEFT)
      terminal.print(said)
      if (!ended) throw new EndedWith(1)
    })
}

/** A broker that is rolled out is back by then. */
const TRIES = 20
const PAUSE_MS = 2000

/** Never rejects: what could not be done is said. */
export async function endLease(broker: BrokerClient, lease: string, reason: string): Promise<LeaseEnded> {
  for (let tried = 1; ; tried++) {
    try {
      const ended = await broker('DELETE', `/v1/leases/${encodeURIComponent(lease)}`, SHOWN_LEASE, { reason })
      return { ended: true, said: describe(ended) }
    } catch (error) {
      const isAway = error instanceof CliError && error.code === 'unavailable'
      const why = error instanceof Error ? error.message : 'failed'
      const said = `leasegate: lease ${lease} goes on until its time is over: ${why}\n`
      if (!isAway || tried === TRIES) return { ended: false, said }
    }
    await sleep(PAUSE_MS)
  }
}

function describe({ id, taken, state }: ShownLease): string {
  const { requests = 0, mutations = 0 } = taken
  const how = state.kind === 'revoked' ? `ended: ${state.reason}` : `had ended already: ${state.kind}`
  const did = `${requests} request${requests === 1 ? '' : 's'}, ${mutations} of them change${mutations === 1 ? 's' : ''} something`
  return `leasegate: lease ${id} ${how}\n  ${did}; the record: leasegate query lease-timeline --lease ${id}\n`
}
