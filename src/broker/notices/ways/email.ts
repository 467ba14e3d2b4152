import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { Socket } from 'node:net'
import { createTransport } from 'nodemailer'
import type { EmailWay } from '../../../policy/notify.ts'
import { whyUnreachable } from '../../../support/net/http-call.ts'
import { type Notifier, NotReachedError } from '../notifier.ts'
import { toMailText } from './mail-text.ts'
import { readCa } from './standard-webhook.ts'

/** For all of it, however slowly the server answers. */
const WITHIN_MS = 8000
const MAX_ANSWER = 65_536

interface Mail {
  readonly id: string
  /** The message that begins the thread, null: it is that one. */
  readonly thread: string | null
  readonly subject: string
  readonly text: string
  readonly html?: string
}

/** By SMTP, one connection a message. */
export function emailNotifier(way: EmailWay): Notifier {
  return {
    send: async notice => {
      const thread = notice.id === notice.approval ? null : notice.approval
      // One address that is refused does not keep the others from it: a test says which.
      await sendMail(way, { id: notice.id, thread, ...toMailText(notice) })
      return ''
    },
    test: async () => {
      const subject = 'Leasegate: a test'
      const text = 'A test of Leasegate: questions are told here.\n'
      const refused = await sendMail(way, { id: `test.${randomUUID()}`, thread: null, subject, text })
      if (refused.length > 0) throw new NotReachedError(`the mail server refuses ${refused.join(', ')}`)
    },
  }
}

/** Resolves with those of `to` that the server refused, where it took others. */
async function sendMail(way: EmailWay, { id, thread, ...words }: Mail): Promise<readonly string[]> {
  const { host, port, tls, from, to, login } = way
  const [ca, pass] = await Promise.all([readCa(way.caFile), login === null ? '' : readPassword(login.passwordFile)])
  const socket = await connected(host, port)
  const transport = createTransport({
    connection: socket,
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    tls: { minVersion: 'TLSv1.2', ...(ca === null ? {} : { ca }) },
    ...(login === null ? {} : { auth: { user: login.user, pass } }),
    greetingTimeout: WITHIN_MS,
    socketTimeout: WITHIN_MS,
    maxResponseSize: MAX_ANSWER,
    // No text of a message names a file or a URL to be fetched.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  try {
    const root = thread === null ? {} : { inReplyTo: messageId(thread, from), references: [messageId(thread, from)] }
    const { accepted } = await transport.sendMail({
      from,
      to: [...to],
      envelope: { from, to: [...to] },
      messageId: messageId(id, from),
      ...root,
      headers: { 'Auto-Submitted': 'auto-generated' },
      ...words,
    })
    return to.filter(address => !accepted.includes(address))
  } catch (error) {
    throw new NotReachedError(`the mail server did not take it: ${reasonOf(error)}`)
  } finally {
    transport.close()
    socket.destroy()
  }
}

/** Whatever happens on it, it ends in time. */
async function connected(host: string, port: number): Promise<Socket> {
  const socket = new Socket({ signal: AbortSignal.timeout(WITHIN_MS) })
  socket.connect({ host, port })
  try {
    await once(socket, 'connect')
    return socket
  } catch (error) {
    socket.destroy()
    throw new NotReachedError(`the mail server is not reached: ${whyUnreachable(error)}`)
  }
}

/** The same for the same message: servers and programs take a second one for the first. */
function messageId(id: string, from: string): string {
  return `<${id.replaceAll(':', '.')}@${from.slice(from.indexOf('@') + 1)}>`
}

/** By what nodemailer and the protocol call it: the words of a server may repeat what it was sent. */
function reasonOf(error: unknown): string {
  const { code, responseCode } = error as { readonly code?: unknown; readonly responseCode?: unknown }
  const what = typeof code === 'string' ? (REASONS[code] ?? code) : 'the connection failed'
  return typeof responseCode === 'number' ? `${what} (${responseCode})` : what
}

const REASONS: Readonly<Record<string, string>> = {
  EAUTH: 'it refuses the login',
  EENVELOPE: 'it refuses the sender or a recipient',
  EMESSAGE: 'it refuses the message',
  ETLS: 'no TLS with a certificate that is trusted',
  ETIMEDOUT: 'no answer in time',
  ECONNECTION: 'the connection was cut',
  ESOCKET: 'the connection was cut',
}

async function readPassword(file: string): Promise<string> {
  const password = (await readFile(file, 'utf8')).replace(/\r?\n$/, '')
  if (password === '') throw new Error(`${file} is empty`)
  return password
}
