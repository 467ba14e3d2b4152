import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import type { KeyPair } from '../../../../src/certificates/certificate.ts'

export interface Mail {
  readonly secure: boolean
  readonly user: string | null
  readonly from: string
  readonly to: readonly string[]
  /** Unfolded, by name in small letters; each as often as it was sent. */
  readonly headers: readonly (readonly [string, string])[]
  readonly raw: string
}

interface Options {
  readonly pair: KeyPair
  readonly implicit?: boolean
  readonly noStartTls?: boolean
  /** An address that it does not know. */
  readonly unknown?: string
  readonly login?: { readonly user: string; readonly password: string }
}

/** A real SMTP server, which keeps what it takes. */
export class AMailServer {
  readonly mails: Mail[] = []
  readonly port: number
  readonly #server: SMTPServer

  private constructor(server: SMTPServer, port: number, mails: Mail[]) {
    this.#server = server
    this.port = port
    this.mails = mails
  }

  static async start({
    pair,
    implicit = false,
    noStartTls = false,
    unknown = '',
    login,
  }: Options): Promise<AMailServer> {
    const mails: Mail[] = []
    const server = new SMTPServer({
      ...pair,
      cert: pair.certificate,
      secure: implicit,
      ...(noStartTls ? { disabledCommands: ['STARTTLS'] } : {}),
      authOptional: login === undefined,
      disableReverseLookup: true,
      onAuth: ({ username, password }, _, done) => {
        const good = login !== undefined && username === login.user && password === login.password
        done(good ? null : new Error(`no such login: ${username} ${password}`), { user: username })
      },
      onRcptTo: ({ address }, _, done) => done(address === unknown ? new Error('no such address') : null),
      onData: async (stream, session, done) => {
        const raw = Buffer.concat(await stream.toArray()).toString()
        const { mailFrom, rcptTo } = session.envelope
        mails.push({
          secure: session.secure,
          user: typeof session.user === 'string' ? session.user : null,
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          headers: headersOf(raw),
          raw,
        })
        done()
      },
    })
    // Clients that go away in the middle are what some tests are about.
    server.on('error', () => {})
    await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
    return new AMailServer(server, (server.server.address() as AddressInfo).port, mails)
  }

  async stop(): Promise<void> {
    await new Promise<void>(resolve => this.#server.close(() => resolve()))
  }
}

function headersOf(raw: string): Mail['headers'] {
  const [head = ''] = raw.split('\r\n\r\n')
  const lines = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n')
  return lines.map(line => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()])
}
