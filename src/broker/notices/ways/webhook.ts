import { randomUUID } from 'node:crypto'
import type { WebhookWay } from '../../../policy/notify.ts'
import type { Clock } from '../../../support/time/clock.ts'
import type { Notice, Notifier } from '../notifier.ts'
import { notTaken } from './retry-after.ts'
import { postSigned } from './standard-webhook.ts'

const WITHIN_MS = 5000
/** Nothing of an answer is used but its status. */
const MAX_ANSWER = 65_536

export function webhookNotifier(way: Omit<WebhookWay, 'kind'>, clock: Clock): Notifier {
  const post = async (id: string, event: object) => {
    const answer = await postSigned(way, { id, event, withinMs: WITHIN_MS, maxBytes: MAX_ANSWER }, clock)
    if (answer.status < 200 || answer.status > 299) throw notTaken('the receiver of webhooks', answer)
  }
  return {
    send: async notice => {
      await post(notice.id, toEvent(notice, clock()))
      return ''
    },
    test: () => post(`test:${randomUUID()}`, { type: 'notify.test', timestamp: toTime(clock()), data: {} }),
  }
}

/** `type`, `timestamp` and `data`, times as people read them. */
function toEvent({ id: _, stage, askedAt, endsAt, answer: said, ...rest }: Notice, now: number): object {
  const type = `approval.${stage}`
  const data = { ...rest, askedAt: toTime(askedAt), endsAt: toTime(endsAt) }
  switch (stage) {
    case 'asked':
      return { type, timestamp: toTime(askedAt), data: { ...data, answer: `leasegate approve ${rest.approval}` } }
    case 'escalated':
    case 'yes':
      return { type, timestamp: toTime(now), data: { ...data, answer: `leasegate approve ${rest.approval}` } }
    case 'answered':
    case 'expired':
      return { type, timestamp: toTime(now), data: { ...data, ...said } }
  }
}

function toTime(ms: number): string {
  return new Date(ms).toISOString()
}
