import { z } from 'zod'
import {
  type EmailWay,
  type Escalation,
  type Notify,
  ON_CALL,
  type OnCallSource,
  type QuietHours,
  type Receiver,
  type SlackWay,
  type Way,
  type WebhookWay,
} from '../notify.ts'
import type { Names } from './values/names.ts'
import { known, oneOf, strict } from './values/strict.ts'
import * as word from './values/words.ts'

const MOST_RECEIVERS = 32
const MOST_ADDRESSES = 20
const SLACK = 'https://slack.com/api/'
/** Of submission (RFC 6409), and with TLS from the beginning (RFC 8314). */
const PORTS = { starttls: 587, implicit: 465, none: 25 } as const
const LOOPBACK = /^(?:127\.0\.0\.1|localhost|\[::1\])$/

export function notify(names: Names): z.ZodType<Notify> {
  const tell = z.array(known([...names.receivers, ON_CALL], 'receiver, nobody whom one reaches, and not on-call'))
  const escalation: z.ZodType<Escalation> = strict({
    after: word.duration,
    tell: tell.min(1, 'must name a receiver'),
  }).transform(({ after, ...rest }) => ({ ...rest, afterMs: after }))
  return strict({
    receivers: z
      .array(receiver(names))
      .min(1, 'must have a receiver')
      .max(MOST_RECEIVERS, `must have ${MOST_RECEIVERS} receivers at most`),
    tell: tell.min(1, 'must name a receiver').optional(),
    escalate: z.array(escalation).default([]),
    quietHours: quietHours.optional(),
    onCall: asked.optional(),
  }).transform(({ tell: first, quietHours: quiet = null, onCall: source = null, ...rest }) => ({
    ...rest,
    tell: first ?? rest.receivers.map(({ name }) => name),
    quietHours: quiet,
    onCall: source,
  }))
}

const files = { caFile: word.text.nullable().default(null) }
const signed = { url: word.serverUrl, secretFile: word.text, ...files }
/** Somebody who is asked by a signed webhook. */
export const asked: z.ZodType<OnCallSource> = strict(signed)

function receiver(names: Names): z.ZodType<Receiver> {
  return strict({
    name: word.name,
    people: z.array(known(names.people, 'person of this file')).default([]),
    webhook: webhook.optional(),
    slack: slack.optional(),
    email: email.optional(),
  }).transform(({ webhook: byWebhook, slack: bySlack, email: byEmail, ...rest }, context) => {
    const ways = [byWebhook, bySlack, byEmail].filter(way => way !== undefined)
    const [way] = ways
    if (way !== undefined && ways.length === 1) return { ...rest, way }
    context.addIssue({ code: 'custom', message: 'must have one of slack, email and webhook' })
    return z.NEVER
  })
}

const webhook: z.ZodType<WebhookWay> = strict(signed).transform(way => ({ kind: 'webhook', ...way }))

const slack: z.ZodType<SlackWay> = strict({
  url: word.serverUrl
    .refine(url => url.endsWith('/'), { error: 'must end with a slash, such as https://slack-gov.com/api/' })
    .default(SLACK),
  channel: z
    .string()
    .regex(/^[CGDU][A-Z0-9]{2,30}$/, 'must be the id of a channel or of a person, such as C0123ABCD: names change'),
  tokenFile: word.text,
  ...files,
}).transform(way => ({ kind: 'slack', ...way }))

const email: z.ZodType<EmailWay> = strict({
  server: word.hostAndPort,
  tls: oneOf(['starttls', 'implicit', 'none']).default('starttls'),
  from: word.mailAddress,
  to: z
    .array(word.mailAddress)
    .min(1, 'must have an address')
    .max(MOST_ADDRESSES, `must have ${MOST_ADDRESSES} addresses at most`),
  user: word.text.optional(),
  passwordFile: word.text.optional(),
  ...files,
}).transform(({ server: { host, port }, user, passwordFile, ...way }, context) => {
  if (way.tls === 'none' && !LOOPBACK.test(host)) {
    context.addIssue({ code: 'custom', message: 'must not have tls: none but for a server on this machine' })
  }
  if ((user === undefined) !== (passwordFile === undefined)) {
    context.addIssue({ code: 'custom', message: 'must have user and passwordFile together' })
  }
  const login = user === undefined || passwordFile === undefined ? null : { user, passwordFile }
  return { kind: 'email', host: host.replace(/^\[|\]$/g, ''), port: port ?? PORTS[way.tls], login, ...way }
})

const quietHours: z.ZodType<QuietHours> = strict({
  from: word.timeOfDay,
  to: word.timeOfDay,
  timeZone: word.timeZone,
  tell: oneOf(['on-call', 'nobody']),
}).refine(({ from, to }) => from !== to, { error: 'must not begin and end at the same time', path: ['to'] })

/** The same with its files where they are. */
export function notifyFrom(given: Notify, at: (path: string) => string): Notify {
  const receivers = given.receivers.map(one => ({ ...one, way: wayFrom(one.way, at) }))
  const { onCall: source } = given
  return { ...given, receivers, onCall: source === null ? null : signedFrom(source, at) }
}

function wayFrom(way: Way, at: (path: string) => string): Way {
  switch (way.kind) {
    case 'webhook':
      return signedFrom(way, at)
    case 'slack':
      return { ...way, caFile: caFrom(way, at), tokenFile: at(way.tokenFile) }
    case 'email': {
      const login = way.login === null ? null : { ...way.login, passwordFile: at(way.login.passwordFile) }
      return { ...way, caFile: caFrom(way, at), login }
    }
  }
}

export function signedFrom<Signed extends OnCallSource>(signed: Signed, at: (path: string) => string): Signed {
  return { ...signed, caFile: caFrom(signed, at), secretFile: at(signed.secretFile) }
}

function caFrom({ caFile }: { readonly caFile: string | null }, at: (path: string) => string): string | null {
  return caFile === null ? null : at(caFile)
}
