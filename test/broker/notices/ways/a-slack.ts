import http from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Posted {
  readonly at: number
  readonly method: string
  readonly token: string
  // Messages differ by what they are about; tests say what they expect of them.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly message: any
}

/** As much of Slack as says no to what Slack says no to: https://docs.slack.dev/reference/block-kit and its methods' errors. */
export class ASlack {
  readonly posted: Posted[] = []
  readonly url: string
  token = 'xoxb-good-token'
  /** Answers before everything else; then it is asked itself. */
  before: { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }[] = []
  readonly #server: http.Server

  private constructor(server: http.Server) {
    this.#server = server
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`
  }

  static async start(): Promise<ASlack> {
    const server = http.createServer()
    await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
    const slack = new ASlack(server)
    server.on('request', async (request, response) => {
      const text = Buffer.concat(await request.toArray()).toString()
      const early = slack.before.shift()
      if (early !== undefined) return void response.writeHead(early.status, early.headers).end(early.body)
      const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
      const method = (request.url ?? '').replace('/api/', '')
      const posted = { at: Date.now(), method, token, message: JSON.parse(text) }
      const error = token === slack.token ? faultOf(posted) : 'invalid_auth'
      if (error === null) slack.posted.push(posted)
      const { channel } = posted.message
      const place = { channel: channel.replace(/^U/, 'D'), ts: `17000000.${slack.posted.length}` }
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(error === null ? { ok: true, ...place } : { ok: false, error }))
    })
    return slack
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }
}

type Json = Readonly<Record<string, unknown>>

function faultOf({ method, message }: Posted): string | null {
  if (method !== 'chat.postMessage' && method !== 'chat.update') return 'unknown_method'
  if (method === 'chat.update' && typeof message.ts !== 'string') return 'message_not_found'
  if (!/^[CGDU][A-Z0-9]+$/.test(message.channel)) return 'channel_not_found'
  const { text, blocks = [] } = message
  if (typeof text !== 'string' || text === '') return 'no_text'
  if (text.length > 4000 || blocks.length > 50) return 'msg_too_long'
  return blocks.every(isBlock) ? null : 'invalid_blocks'
}

function isBlock(block: Json): boolean {
  const has = (...keys: readonly string[]) => Object.keys(block).every(key => ['type', ...keys].includes(key))
  switch (block['type']) {
    case 'header':
      return has('text') && isText(block['text'], 150, ['plain_text'])
    case 'section':
      if (block['text'] === undefined && block['fields'] === undefined) return false
      return (
        has('text', 'fields') &&
        (block['text'] === undefined || isText(block['text'], 3000)) &&
        (block['fields'] === undefined || isList(block['fields'], 10, one => isText(one, 2000)))
      )
    case 'context':
      return has('elements') && isList(block['elements'], 10, one => isText(one, 2000))
    case 'actions':
      return has('elements') && isList(block['elements'], 25, isButton)
    default:
      return false
  }
}

function isButton(one: Json): boolean {
  const { type, text, url, action_id: action = '', style = 'primary' } = one
  return (
    type === 'button' &&
    isText(text, 75, ['plain_text']) &&
    URL.canParse(String(url)) &&
    String(url).length <= 3000 &&
    String(action).length <= 255 &&
    ['primary', 'danger'].includes(String(style))
  )
}

function isList(list: unknown, most: number, holds: (one: Json) => boolean): boolean {
  return Array.isArray(list) && list.length > 0 && list.length <= most && list.every(holds)
}

function isText(object: unknown, most: number, types = ['plain_text', 'mrkdwn']): boolean {
  const { type, text, emoji, verbatim } = object as Json
  if (typeof type !== 'string' || !types.includes(type) || typeof text !== 'string') return false
  if (type === 'plain_text' ? verbatim !== undefined : emoji !== undefined) return false
  return text.length > 0 && text.length <= most
}

/** Every text of a message that Slack reads as mrkdwn. */
export function mrkdwnOf(message: unknown): readonly string[] {
  if (typeof message !== 'object' || message === null) return []
  const { type, text } = message as Json
  const own = type === 'mrkdwn' && typeof text === 'string' ? [text] : []
  return [...own, ...Object.values(message).flatMap(mrkdwnOf)]
}
