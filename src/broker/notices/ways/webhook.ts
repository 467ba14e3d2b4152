import { createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Clock } from '../../support/clock.ts'
import { httpCall } from '../../support/http-call.ts'
import type { Notice, Notifier } from './notifier.ts'

interface Webhook {
  readonly url: string
  readonly caFile: string | null
  /** `whsec_` and base64, as Standard Webhooks has it; read at each use. */
  readonly secretFile: string
  readonly clock: Clock
}

const WITHIN_MS = 5000
/** Nothing of an answer is used but its status. */
const MAX_ANSWER = 65_536

/** Posts JSON, signed as https://www.standardwebhooks.com says: `v1,` and HMAC-SHA256 of id, time and body. Follows no redirect. */
export function webhookNotifier({ url, caFile, secretFile, clock }: Webhook): Notifier {
  return {
    name: 'webhook',
    send: async notice => {
      const [secret, ca] = await Promise.all([
        readSecret(secretFile),
        caFile === null ? null : readFile(caFile, 'utf8'),
      ])
      const body = JSON.stringify(toEvent(notice))
      const timestamp = String(Math.floor(clock() / 1000))
      const headers = {
        'content-type': 'application/json',
        'webhook-id': notice.approval,
        'webhook-timestamp': timestamp,
        'webhook-signature': sign(secret, `${notice.approval}.${timestamp}.${body}`),
      }
      const call = { method: 'POST', url, headers, body, ca, withinMs: WITHIN_MS, maxBytes: MAX_ANSWER }
      const { status } = await httpCall(call)
      if (status < 200 || status > 299) throw new Error(`the receiver of webhooks answered with status ${status}`)
    },
  }
}

/** `type`, `timestamp` and `data`, times as people read them. */
function toEvent({ askedAt, endsAt, ...rest }: Notice): object {
  const timestamp = new Date(askedAt).toISOString()
  const answer = `leasegate approve ${rest.approval}`
  return { type: 'approval.asked', timestamp, data: { ...rest, endsAt: new Date(endsAt).toISOString(), answer } }
}

function sign(secret: Buffer, text: string): string {
  return `v1,${createHmac('sha256', secret).update(text).digest('base64')}`
}

/** The standard wants 24 to 64 bytes. */
async function readSecret(file: string): Promise<Buffer> {
  const text = (await readFile(file, 'utf8')).trim()
  const secret = Buffer.from(/^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text)?.[1] ?? '', 'base64')
  if (secret.length < 24 || secret.length > 64) throw new Error(`${file}: not whsec_ and the base64 of 24 to 64 bytes`)
  return secret
}
