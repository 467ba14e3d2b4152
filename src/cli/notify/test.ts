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
import { readPolicy } from '../policy/read-policy.ts'

export function testCommand(terminal: Terminal): Command {
  return new Command('test')
    .description(
      'send one message to each receiver and say what came back; where their secrets are, as in a pod of the broker',
    )
    .argument('[file]', 'the policy file (default: LEASEGATE_POLICY_FILE)')
    .action(async (file: string | undefined) => {
      const notify = await readNotify(terminal, file)
      const lines = await Promise.all([
        ...notify.receivers.map(tryReceiver),
        ...(notify.onCall === null ? [] : [tryOnCall(notify)]),
      ])
      for (const { text } of lines) terminal.print(`${text}\n`)
      const failed = lines.filter(({ isGood }) => !isGood).length
      if (failed > 0) throw new CliError('unavailable', `${failed} of ${lines.length} did not work`)
    })
}

interface Line {
  readonly text: string
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
    return { text: `${name} (${way.kind}): told, in ${Math.round(performance.now() - began)} ms`, isGood: true }
  } catch (error) {
    return { text: `${name} (${way.kind}): not told: ${whyNot(error)}`, isGood: false }
  }
}

async function tryOnCall(notify: Notify): Promise<Line> {
  try {
    const names = notify.onCall === null ? [] : await askOnCall(notify.onCall, systemClock)
    const now = { kind: 'names', names } as const
    const receivers = receiversOf([ON_CALL], { notify, onCall: () => now }).join(', ')
    return { text: `${ON_CALL}: ${names.map(printable).join(', ') || 'nobody'}, told by ${receivers}`, isGood: true }
  } catch (error) {
    return { text: `${ON_CALL}: nobody says who, so everybody would be told: ${whyNot(error)}`, isGood: false }
  }
}

/** In words of ours, or of the file system's: both name what has to be mended. */
function whyNot(error: unknown): string {
  if (!(error instanceof Error)) return 'failed'
  const { code, path } = error as NodeJS.ErrnoException
  const isOfNetwork = typeof code === 'string' && path === undefined && !(error instanceof NotReachedError)
  return isOfNetwork ? whyUnreachable(error) : error.message
}
