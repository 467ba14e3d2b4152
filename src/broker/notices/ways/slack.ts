import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { SlackWay } from '../../../policy/notify.ts'
import { httpCall } from '../../../support/net/http-call.ts'
import { type Notice, type Notifier, NotReachedError } from '../notifier.ts'
import { isOver } from './message-words.ts'
import { notTaken } from './retry-after.ts'
import { toSlackMessage } from './slack-message.ts'
import { readCa } from './standard-webhook.ts'

const WITHIN_MS = 5000
const MAX_ANSWER = 262_144

/** Where a message is, to be answered in its thread and changed once it is over. */
const PLACE = z.object({ channel: z.string().regex(/^[A-Z0-9]{3,31}$/), ts: z.string().regex(/^\d{1,12}\.\d{1,9}$/) })
type Place = z.infer<typeof PLACE>
const ANSWER = z.object({ ok: z.boolean(), error: z.string().optional() })
/** It is not there any more, or is not ours to change: there is nothing left to do. */
const GONE: ReadonlySet<string> = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed'])
/** Whatever a text looks like, it is no link and nobody is called. */
const AS_IT_IS = { parse: 'none', link_names: false, unfurl_links: false, unfurl_media: false } as const

/** By a bot's token: https://docs.slack.dev/reference/methods/chat.postMessage and chat.update. */
export function slackNotifier(way: SlackWay): Notifier {
  return {
    send: async (notice, first) => {
      const place = first === null ? null : placeIn(first)
      if (isOver(notice)) {
        if (place !== null) await update(way, notice, place)
        return ''
      }
      // In the thread of the first, and in the channel as well.
      const thread = place === null ? {} : { thread_ts: place.ts, reply_broadcast: true }
      const message = { ...toSlackMessage(notice), ...thread, metadata: metadata(notice) }
      const answer = await call(way, 'chat.postMessage', { channel: way.channel, ...message })
      const posted = PLACE.safeParse(answer)
      return posted.success ? JSON.stringify(posted.data) : ''
    },
    test: async () => {
      const text = 'A test of Leasegate: questions are told here.'
      await call(way, 'chat.postMessage', { channel: way.channel, text })
    },
  }
}

async function update(way: SlackWay, notice: Notice, { channel, ts }: Place): Promise<void> {
  await call(way, 'chat.update', { channel, ts, ...toSlackMessage(notice) }, GONE)
}

/** A receiver that hears of one twice knows by this. */
function metadata({ id }: Notice): object {
  return { event_type: 'leasegate_approval', event_payload: { id } }
}

async function call(
  { url, tokenFile, caFile }: SlackWay,
  method: string,
  message: object,
  fine: ReadonlySet<string> = new Set(),
): Promise<unknown> {
  const [token, ca] = await Promise.all([readToken(tokenFile), readCa(caFile)])
  const answer = await httpCall({
    method: 'POST',
    url: `${url}${method}`,
    headers: { 'content-type': 'application/json; charset=utf-8', authorization: `Bearer ${token}` },
    body: JSON.stringify({ ...message, ...AS_IT_IS }),
    ca,
    withinMs: WITHIN_MS,
    maxBytes: MAX_ANSWER,
  })
  if (answer.status !== 200) throw notTaken('Slack', answer)
  const read = parseJson(answer.text)
  const said = ANSWER.safeParse(read)
  if (!said.success) throw new NotReachedError('Slack answered with something else than its API does')
  const { ok, error = '' } = said.data
  if (!ok && !fine.has(error)) throw new NotReachedError(`Slack says ${/^[a-z_]{1,60}$/.exec(error)?.[0] ?? 'no'}`)
  return read
}

async function readToken(file: string): Promise<string> {
  const token = (await readFile(file, 'utf8')).trim()
  if (!/^[\x21-\x7e]{8,512}$/.test(token)) throw new Error(`${file}: not a token`)
  return token
}

function placeIn(text: string): Place | null {
  return PLACE.safeParse(parseJson(text)).data ?? null
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
