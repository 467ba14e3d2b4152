import { spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { brokerClient } from '../broker-client.ts'
import { CliError } from '../cli-error.ts'
import { SHOWN_LEASE, type ShownLease } from '../lease/shown-lease.ts'
import type { Terminal } from '../terminal.ts'

/** Watches over a lease that ends with what asked for it. */
export interface Guard {
  /** Ends the lease and takes its files away; what it says of that is for standard error. */
  readonly end: (reason: string) => Promise<string>
}

/** What is said when nobody had time to say anything. */
const LEFT = 'whoever asked for it was killed'

/**
 * A process beside ours, and outside its terminal: it reads from us until we are done or gone, kill -9 included, and ends the lease
 * then. It is the only way in which such a lease ends, so that the way for bad days is walked each time.
 */
export function startGuard({ env }: Pick<Terminal, 'env'>, lease: string, directory: string): Guard {
  const [main = ''] = process.argv.slice(1)
  const child = spawn(process.execPath, [main, 'guard', '--lease', lease, '--directory', directory], {
    env: { ...env },
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  let said = ''
  child.stdout.on('data', chunk => (said += String(chunk)))
  child.stdin.on('error', () => undefined)
  const { promise, resolve } = Promise.withResolvers<void>()
  child.once('close', () => resolve()).once('error', () => resolve())
  return {
    end: async reason => {
      child.stdin.end(reason)
      await promise
      return said
    },
  }
}

interface Guarded {
  readonly lease: string
  readonly directory: string
}

export function guardCommand(terminal: Terminal): Command {
  return new Command('guard')
    .description('beside leasegate run and mcp: waits until that is done or gone, and ends its lease')
    .requiredOption('--lease <id>', 'the lease')
    .requiredOption('--directory <path>', 'its files')
    .action(async ({ lease, directory }: Guarded) => {
      let reason = ''
      for await (const chunk of terminal.stdin) reason += String(chunk)
      await rm(directory, { recursive: true, force: true })
      terminal.print(await endLease(terminal, lease, reason || LEFT))
    })
}

const TRIES = 5
const PAUSE_MS = 2000

async function endLease(terminal: Terminal, lease: string, reason: string): Promise<string> {
  const broker = brokerClient(terminal)
  for (let tried = 1; ; tried++) {
    try {
      const ended = await broker('DELETE', `/v1/leases/${encodeURIComponent(lease)}`, SHOWN_LEASE, { reason })
      return describe(ended)
    } catch (error) {
      const isAway = error instanceof CliError && error.code === 'unavailable'
      const why = error instanceof Error ? error.message : 'failed'
      if (!isAway || tried === TRIES) return `leasegate: lease ${lease} goes on until its time is over: ${why}\n`
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
