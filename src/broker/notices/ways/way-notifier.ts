import type { Way } from '../../../policy/notify.ts'
import type { Clock } from '../../../support/time/clock.ts'
import type { Notifier } from '../notifier.ts'
import { emailNotifier } from './email.ts'
import { slackNotifier } from './slack.ts'
import { webhookNotifier } from './webhook.ts'

export function notifierOf(way: Way, clock: Clock): Notifier {
  switch (way.kind) {
    case 'webhook':
      return webhookNotifier(way, clock)
    case 'slack':
      return slackNotifier(way)
    case 'email':
      return emailNotifier(way)
  }
}
