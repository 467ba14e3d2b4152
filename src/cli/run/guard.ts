import { spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { z } from 'zod'
import { brokerClient } from '../broker/broker-client.ts'
import { CliError, EndedWith } from '../command/cli-error.ts'
import type { Terminal } from '../command/terminal.ts'
import { thisProgram } from '../command/this-program.ts'
import { endLeases, type LeaseEnded, passedByBudgets } from '../lease/end-leases.ts'
import { forgetTokens } from '../token-cache/forget-tokens.ts'
import { parseTold } from './parse-told.ts'
import { whatPassed } from './what-passed.ts'

/** Watches over a lease that ends with what asked for it. */
export interface Guard {
  /** Another lease that ends with it. */
  readonly add: (lease: string) => void
  /** Ends its leases and takes their files away. */
  readonly end: (reason: string) => Promise<LeaseEnded>
}

/** What the folder of a run is called. */
export const FILES = 'leasegate-run-'

/** What is said when nobody had time to say anything. */
const LEFT = 'whoever asked for it was killed'

/** A command that is done waits no longer for its lease to end: the process beside it goes on trying. */
const PATIENCE_MS = 15_000

/**
 * A process beside ours, and outside its terminal: it reads from us until we are done or gone, kill -9 included, and ends the leases
 * then. It is the only way in which they end, so that the way for bad days is walked each time. `tells`: what was done is told at the end.
 */
export function startGuard(terminal: Terminal, directory: string, tells: boolean): Guard {
  const [program, ...before] = thisProgram()
  const args = ['guard', '--directory', directory, ...(tells ? ['--tells'] : [])]
  const child = spawn(program, [...before, ...args], {
    env: { ...terminal.env },
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  let said = ''
  child.stdout.on('data', chunk => (said += String(chunk)))
  child.stdin.on('error', () => undefined)
  const leases: string[] = []
  const { promise: over, resolve } = Promise.withResolvers<number | null>()
  child.once('close', resolve).once('error', () => resolve(null))
  return {
    add: another => {
      leases.push(another)
      child.stdin.write(`${JSON.stringify({ lease: another })}\n`)
    },
    end: async reason => {
      child.stdin.end(`${JSON.stringify({ reason })}\n`)
      await removeFiles(directory).catch(() => undefined)
      if (leases.length === 0) return { ended: true, said: '' }
      const code = await Promise.race([over, sleep(PATIENCE_MS, 'late' as const, { ref: false })])
      if (code === 'late') return { ended: false, said: late(leases) }
      if (said !== '') return { ended: code === 0, said }
      // It was killed itself.
      forgetTokens(terminal.env, kept => leases.includes(kept.lease))
      return endLeases(brokerClient(terminal), leases, { reason, withinMs: PATIENCE_MS })
    },
  }
}

function late(leases: readonly string[]): string {
  const lease = `leasegate: lease ${leases.at(-1)} has not ended yet, as the broker does not answer`
  return `${lease}: a process beside this one goes on trying for some minutes, and with its time it ends in any case\n`
}

/** Of a run: who asks to remove anything else has made a mistake. */
async function removeFiles(directory: string): Promise<void> {
  if (!basename(directory).startsWith(FILES)) throw new CliError('usage', `${directory} is no folder of leasegate run`)
  await rm(directory, { recursive: true, force: true })
}

interface Guarded {
  readonly directory: string
  readonly tells?: boolean
}

export function guardCommand(terminal: Terminal): Command {
  return new Command('guard')
    .requiredOption('--directory <path>', 'files of a run')
    .option('--tells', 'say what was done')
    .action(async ({ directory, tells = false }: Guarded) => {
      let text = ''
      for await (const chunk of terminal.stdin) text += String(chunk)
      const told = text.split('\n').flatMap(line => parseTold(TOLD, line) ?? [])
      await removeFiles(directory)
      const leases = told.flatMap(one => one.lease ?? [])
      forgetTokens(terminal.env, kept => leases.includes(kept.lease))
      const broker = brokerClient(terminal)
      const reason = told.findLast(one => one.reason !== undefined)?.reason
      const passed = tells && reason !== undefined ? whatPassed(broker) : passedByBudgets
      const { ended, said } = await endLeases(broker, leases, { reason: reason ?? LEFT, passed })
      terminal.print(said)
      if (!ended) throw new EndedWith(1)
    })
}

const TOLD = z.object({ lease: z.string().optional(), reason: z.string().optional() })
