import { Command, Option } from 'commander'
import { duration } from '../../config/parsers.ts'
import {
  type KeyRing,
  nextStep,
  parseKeyRing,
  type RotationTimes,
  retiredOf,
  type Step,
  spareOf,
  takeStep,
  toFiles,
} from '../../identity/keys/key-ring.ts'
import { timeLeft } from '../../support/time/time-left.ts'
import { CliError } from '../command/cli-error.ts'
import { table } from '../command/output.ts'
import type { Terminal } from '../command/terminal.ts'
import { telling } from '../command/told.ts'
import { type KeyHome, type KeyHomeOptions, keyHome, parseSecretName } from './key-home.ts'

const DAY_MS = 86_400_000
const SPREAD_MS = 120_000

interface RotateOptions extends KeyHomeOptions {
  readonly longestLease: number
}

export function listCommand(terminal: Terminal): Command {
  const command = new Command('list').description('show the keys: which one signs, and what the others are for')
  return telling(somewhere(command), terminal, async (options: KeyHomeOptions) => {
    const rows = toRows(await readRing(await keyHome(options)))
    const value = rows.map(([key, use, since]) => ({ key, use, since: since === '' ? null : since }))
    return { value, text: table(['key', 'use', 'since'], rows) }
  })
}

export function rotateCommand(terminal: Terminal): Command {
  const command = somewhere(
    new Command('rotate').description(
      'one step of replacing the key that signs: add a new one, use it, drop the old one; run it again until it says that it is done. No lease ends and nothing restarts',
    ),
  ).addOption(
    new Option('--longest-lease <duration>', 'longest maxTtl of the policy: so long an old key is still asked for')
      .argParser(toDuration)
      .default(DAY_MS, '24h'),
  )
  return telling(command, terminal, async ({ longestLease, ...options }: RotateOptions) => {
    const home = await keyHome(options)
    const ring = await readRing(home)
    const times = { spreadMs: SPREAD_MS, longestMs: longestLease }
    const now = Date.now()
    const step = nextStep(ring, now, times)
    if (step.kind === 'wait') {
      const value = { step: 'wait', signs: ring.signing[0].kid, again: toTime(step.until) }
      return { value, text: '', failure: new CliError('refused', waiting(step, now)) }
    }
    const after = await takeStep(ring, step, now)
    await home.replace(toFiles(after))
    const then = nextStep(after, now, times)
    const again = then.kind === 'wait' ? toTime(then.until) : null
    const value = { step: step.kind, signs: after.signing[0].kid, again }
    return { value, text: `${done(step, after)}\n${next(after, now, times)}\n` }
  })
}

function somewhere(command: Command): Command {
  return command
    .option('--dir <folder>', 'the folder that the files are in', '.')
    .addOption(
      new Option('--secret <name>', 'the Secret that they are in instead, NAMESPACE/NAME').argParser(parseSecretName),
    )
    .option('--kubeconfig <file>', 'from outside of the cluster')
    .option('--context <name>', "its context (default: the file's current one)")
    .option('--signing-key <name>', 'the private set', 'signing.jwks.json')
    .option('--public-key <name>', 'the public set', 'public.jwks.json')
}

async function readRing(home: KeyHome): Promise<KeyRing> {
  const parsed = await parseKeyRing(await home.read())
  if (parsed.kind === 'problem') throw new CliError('usage', parsed.message)
  return parsed.value
}

function toRows(ring: KeyRing): readonly (readonly [key: string, use: string, since: string])[] {
  const { signing, verifying } = ring
  const since = (seconds: number | undefined) => (seconds === undefined ? '' : toTime(seconds * 1000))
  return verifying.map(({ kid, leasegate_added, leasegate_retired }) => {
    if (kid === signing[0].kid) return [kid, 'signs', since(leasegate_added)]
    if (kid === spareOf(ring)?.kid) return [kid, 'will sign', since(leasegate_added)]
    return [kid, 'verifies what it signed', since(leasegate_retired)]
  })
}

function done(step: Exclude<Step, { readonly kind: 'wait' }>, after: KeyRing): string {
  switch (step.kind) {
    case 'add':
      return `added ${spareOf(after)?.kid}; ${after.signing[0].kid} goes on signing`
    case 'use':
      return `${step.kid} signs; ${kids(retiredOf(after))} verifies what it signed`
    case 'drop':
      return `dropped ${step.kids.join(', ')}: done`
    case 'mark':
      return `found ${step.kids.join(', ')}, changed by somebody else: its time counts from now`
  }
}

function next(after: KeyRing, now: number, times: RotationTimes): string {
  const step = nextStep(after, now, times)
  return step.kind === 'wait'
    ? `next: the same command again, ${from(step.until, now)}`
    : `${after.signing[0].kid} signs`
}

function waiting({ for: reason, kids: keys, until }: Extract<Step, { readonly kind: 'wait' }>, now: number): string {
  const why =
    reason === 'spread'
      ? `whoever verifies may not have read ${keys.join(', ')} yet`
      : `there may be leases signed with ${keys.join(', ')}`
  return `too early: ${why}; run it again ${from(until, now)}`
}

function from(until: number, now: number): string {
  return `from ${toTime(until)} on (in ${timeLeft(until, now)})`
}

function kids(keys: readonly { readonly kid: string }[]): string {
  return keys.map(({ kid }) => kid).join(', ')
}

function toTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).concat('Z')
}

function toDuration(text: string): number {
  const parsed = duration({ minMs: 60_000, maxMs: 365 * DAY_MS })(text)
  if (parsed.kind === 'problem') throw new CliError('usage', `--longest-lease ${parsed.message}`)
  return parsed.value
}
