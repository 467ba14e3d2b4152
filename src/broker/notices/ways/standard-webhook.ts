import { createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { OnCallSource } from '../../../policy/notify.ts'
import { type HttpAnswer, httpCall } from '../../../support/net/http-call.ts'
import type { Clock } from '../../../support/time/clock.ts'

export interface Signed {
  readonly id: string
  readonly event: object
  readonly withinMs: number
  readonly maxBytes: number
}

/** Posts JSON, signed as https://www.standardwebhooks.com says: `v1,` and HMAC-SHA256 of id, time and body. Follows no redirect. */
export async function postSigned(
  to: OnCallSource,
  { id, event, ...limits }: Signed,
  clock: Clock,
): Promise<HttpAnswer> {
  const [secret, ca] = await Promise.all([readSecret(to.secretFile), readCa(to.caFile)])
  const body = JSON.stringify(event)
  const timestamp = String(Math.floor(clock() / 1000))
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')}`,
  }
  return httpCall({ method: 'POST', url: to.url, headers, body, ca, ...limits })
}

export async function readCa(file: string | null): Promise<string | null> {
  return file === null ? null : readFile(file, 'utf8')
}

/** `whsec_` and base64, read at each use; the standard wants 24 to 64 bytes. */
async function readSecret(file: string): Promise<Buffer> {
  const text = (await readFile(file, 'utf8')).trim()
  const secret = Buffer.from(/^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text)?.[1] ?? '', 'base64')
  if (secret.length < 24 || secret.length > 64) throw new Error(`${file}: not whsec_ and the base64 of 24 to 64 bytes`)
  return secret
}
