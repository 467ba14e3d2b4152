import { Command } from 'commander'
import { askOnCall } from '../../broker/notices/due/ask-on-call.ts'
import { receiversOf } from '../../broker/notices/due/due.ts'
import { NotReachedError } from '../../broker/notices/notifier.ts'
import { ownReceiver, withOwn } from '../../broker/notices/open-telling.ts'
import { notifierOf } from '../../broker/notices/ways/way-notifier.ts'
import { type Notify, ON_CALL, type Receiver } from '../../policy/notify.ts'
import { whyUnreachable } from '../../support/net/http-call.ts'
import { printable } from '../../support/text/printable.ts'
import { systemClock } from '../../support/time/clock.ts'
import { CliError } from '../command/cli-error.ts'
import { settings } from '../command/settings.ts'
import type { Terminal } from '../command/terminal.ts'
import { telling } from '../command/told.ts'
import { readPolicy } from '../policy/read-policy.ts'

export function testCommand(terminal: Terminal): Command {
  const command = new Command('test')
    .description(
      'send one message to each receiver and say what came back; where their secrets are, as in a pod of the broker',
    )
    .argument('[file]', 'the policy file (default: LEASEGATE_POLICY_FILE)')
  return telling(command, terminal, async (file: string | undefined) => {
    const notify = await readNotify(terminal, file)
    const lines = await Promise.all([
      ...notify.receivers.map(tryReceiver),
      ...(notify.onCall === null ? [] : [tryOnCall(notify)]),
    ])
    const failed = lines.filter(({ isGood }) => !isGood).length
    return {
      value: lines.map(({ name, isGood, says }) => ({ receiver: name, isGood, says })),
      text: lines.map(({ name, way, says }) => `${name}${way === '' ? '' : ` (${way})`}: ${says}\n`).join(''),
      failure: failed === 0 ? null : new CliError('unavailable', `${failed} of ${lines.length} did not work`),
    }
  })
}

interface Line {
  readonly name: string
  readonly way: string
  readonly says: string
  readonly isGood: boolean
}

async function readNotify(terminal: Terminal, file: string | undefined): Promise<Notify> {
  const config = settings(terminal, ['webhookUrl', 'webhookSecretFile', 'webhookCaFile'])
  const policy = await readPolicy(file ?? settings(terminal, ['policyFile']).policyFile)
  const notify = withOwn(policy.notify ?? null, ownReceiver(config))
  if (notify === null) throw new CliError('usage', 'nobody is told of questions: the policy file has no notify')
  return notify
}

async function tryReceiver({ name, way }: Receiver): Promise<Line> {
  const began = performance.now()
  try {
    await notifierOf(way, systemClock).test()
    return { name, way: way.kind, says: `told, in ${Math.round(performance.now() - began)} ms`, isGood: true }
  } catch (error) {
    return { name, way: way.kind, says: `not told: ${whyNot(error)}`, isGood: false }
  }
}

async function tryOnCall(notify: Notify): Promise<Line> {
  try {
    const names = notify.onCall === null ? [] : await askOnCall(notify.onCall, systemClock)
    const now = { kind: 'names', names } as const
    const receivers = receiversOf([ON_CALL], { notify, onCall: () => now }).join(', ')
    const says = `${names.map(printable).join(', ') || 'nobody'}, told by ${receivers}`
    return { name: ON_CALL, way: '', says, isGood: true }
  } catch (error) {
    const says = `nobody says who, so everybody would be told: ${whyNot(error)}`
    return { name: ON_CALL, way: '', says, isGood: false }
  }
}

/** In words of ours, or of the file system's: both name what has to be mended. */
function whyNot(error: unknown): string {
  if (!(error instanceof Error)) return 'failed'
  const { code, path } = error as NodeJS.ErrnoException
  const isOfNetwork = typeof code === 'string' && path === undefined && !(error instanceof NotReachedError)
  return isOfNetwork ? whyUnreachable(error) : error.message
}
