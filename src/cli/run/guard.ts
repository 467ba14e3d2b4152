import { spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { Command } from 'commander'
import { z } from 'zod'
import { brokerClient } from '../broker/broker-client.ts'
import { CliError, EndedWith } from '../command/cli-error.ts'
import type { Terminal } from '../command/terminal.ts'
import { thisProgram } from '../command/this-program.ts'
import { endLeases, type LeaseEnded } from '../lease/end-leases.ts'
import { forgetTokens } from '../token-cache/forget-tokens.ts'
import { parseTold } from './parse-told.ts'

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
  const leases = [lease]
  const { promise: over, resolve } = Promise.withResolvers<number | null>()
  child.once('close', resolve).once('error', () => resolve(null))
  return {
    add: another => {
      leases.push(another)
      child.stdin.write(`${JSON.stringify({ lease: another })}\n`)
    },
    end: async reason => {
      child.stdin.end(`${JSON.stringify({ reason })}\n`)
      const code = await over
      if (said !== '') return { ended: code === 0, said }
      // It was killed itself.
      await removeFiles(directory)
      forgetTokens(terminal.env, kept => leases.includes(kept.lease))
      return endLeases(brokerClient(terminal), leases, reason)
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
      let text = ''
      for await (const chunk of terminal.stdin) text += String(chunk)
      const told = text.split('\n').flatMap(line => parseTold(TOLD, line) ?? [])
      await removeFiles(directory)
      const leases = [lease, ...told.flatMap(one => one.lease ?? [])]
      forgetTokens(terminal.env, kept => leases.includes(kept.lease))
      const { ended, said } = await endLeases(brokerClient(terminal), leases, told.at(-1)?.reason ?? LEFT)
      terminal.print(said)
      if (!ended) throw new EndedWith(1)
    })
}

const TOLD = z.object({ lease: z.string().optional(), reason: z.string().optional() })
