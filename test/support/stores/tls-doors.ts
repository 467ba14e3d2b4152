import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { createServer, type Server } from 'node:tls'
import { freePort } from '../../../local/process/ports.ts'
import { anAuthority, CLIENT, SERVER, type TestAuthority } from '../certificates/an-authority.ts'
import type { Closed } from './clustered-valkeys.ts'

const ADDRESS = { type: 'ip', value: '127.0.0.1' } as const

export type Command = (port: number, ...words: readonly [string, ...string[]]) => Promise<unknown>

/** What shows that a node is the one that was named. */
export interface TlsOfNodes extends Closed {
  /** From the next handshake on this node shows a certificate for its address, or for another place. */
  readonly show: (node: number, what: 'right' | 'of another', command: Command) => Promise<unknown>
  /** From now on it tells clients of a port with TLS, or of none. */
  readonly tell: (node: number, what: 'TLS' | 'none', command: Command) => Promise<unknown>
  readonly close: () => void
}

/** The authorities that are to be trusted, and some that are not; with certificates of the first. */
export class Authorities {
  readonly caFile: string
  readonly otherCaFile: string
  readonly dir: string
  readonly #authority: TestAuthority

  private constructor(dir: string, authority: TestAuthority) {
    this.dir = dir
    this.caFile = join(dir, 'ca.pem')
    this.otherCaFile = join(dir, 'other-ca.pem')
    this.#authority = authority
  }

  static async make(dir: string): Promise<Authorities> {
    const made = new Authorities(dir, await anAuthority({ usages: [SERVER, CLIENT] }))
    await writeFile(made.caFile, made.#authority.pem)
    await writeFile(made.otherCaFile, (await anAuthority()).pem)
    return made
  }

  issue(what: 'right' | 'of another') {
    const names = what === 'right' ? [ADDRESS] : [{ type: 'dns', value: 'elsewhere.example' } as const]
    return this.#authority.issue({ subject: 'CN=valkey', names, usages: [SERVER, CLIENT] })
  }
}

/** Nodes that speak TLS by themselves, also with each other. */
export class OwnTls implements TlsOfNodes {
  readonly #authorities: Authorities
  readonly #ports = new Map<number, number>()

  constructor(authorities: Authorities) {
    this.#authorities = authorities
  }

  readonly open = async (node: number) => {
    const port = await freePort()
    this.#ports.set(node, port)
    const files = await this.#files(node, 'right')
    const spoken = { 'tls-cluster': 'yes', 'tls-replication': 'yes', 'tls-auth-clients': 'no' }
    return {
      port,
      flags: { 'tls-port': String(port), 'tls-ca-cert-file': this.#authorities.caFile, ...files, ...spoken },
    }
  }

  readonly show = async (node: number, what: 'right' | 'of another', command: Command) =>
    command(node, 'CONFIG', 'SET', ...Object.entries(await this.#files(node, what)).flat())

  readonly tell = async (node: number, what: 'TLS' | 'none', command: Command) =>
    command(node, 'CONFIG', 'SET', 'tls-port', what === 'none' ? '0' : String(this.#ports.get(node)))

  close(): void {}

  async #files(node: number, what: 'right' | 'of another') {
    const { cert, key } = await this.#authorities.issue(what)
    const at = join(this.#authorities.dir, `${node}-${crypto.randomUUID()}`)
    await writeFile(`${at}.crt`, cert)
    await writeFile(`${at}.key`, key)
    return { 'tls-cert-file': `${at}.crt`, 'tls-key-file': `${at}.key` }
  }
}

/** TLS in front of servers that speak none: the toolchain's are built without. Each has one door of its own, that it tells clients of. */
export class TlsDoors implements TlsOfNodes {
  readonly #authorities: Authorities
  readonly #doors = new Map<number, Server>()
  readonly #ports = new Map<number, number>()

  constructor(authorities: Authorities) {
    this.#authorities = authorities
  }

  readonly open = async (to: number) => {
    const port = await freePort()
    const door = createServer(await this.#authorities.issue('right'), socket => {
      const inside = createConnection(to, '127.0.0.1')
      socket.on('error', () => inside.destroy())
      inside.on('error', () => socket.destroy())
      socket.on('close', () => inside.destroy())
      inside.on('close', () => socket.destroy())
      socket.pipe(inside).pipe(socket)
    })
    door.on('tlsClientError', () => undefined)
    door.listen(port, '127.0.0.1')
    await once(door, 'listening')
    this.#doors.set(to, door)
    this.#ports.set(to, port)
    return { port, flags: { 'cluster-announce-client-port': String(port) } }
  }

  readonly show = async (to: number, what: 'right' | 'of another') =>
    this.#doors.get(to)?.setSecureContext(await this.#authorities.issue(what))

  readonly tell = (to: number, what: 'TLS' | 'none', command: Command) =>
    command(to, 'CONFIG', 'SET', 'cluster-announce-client-port', String(what === 'none' ? to : this.#ports.get(to)))

  close(): void {
    for (const door of this.#doors.values()) door.close()
  }
}
