import { connect, type TLSSocket } from 'node:tls'
import { toFrame } from './wire.ts'

const [STDIN, CLOSE] = [0, 255]
const PIECE = 32 * 1024
const POD = '/api/v1/namespaces/shop/pods/web-1/exec'

export interface Ran {
  readonly bytes: number
  readonly seconds: number
  /** From the request to the first byte that the command shows. */
  readonly firstByteMs: number
}

let asked = 0

/** An exec that shows so many bytes; `onFirst` hears of the first of them. */
export async function show(port: number, bytes: number, onFirst: () => void = () => undefined): Promise<Ran> {
  const socket = await connected(port)
  return read(socket, `show=${bytes}`, onFirst)
}

/** An exec that is given so many bytes, as `kubectl cp` does. */
export async function give(port: number, bytes: number): Promise<Ran> {
  const socket = await connected(port)
  const frame = toFrame(STDIN, Buffer.alloc(PIECE, 'a tar archive, more or less; '), 'client')
  const from = performance.now()
  const reading = read(socket, 'take')
  await new Promise(resolve => socket.once('data', resolve))
  for (let given = 0; given < bytes; given += PIECE) {
    if (!socket.write(frame)) await new Promise(resolve => socket.once('drain', resolve))
  }
  socket.write(toFrame(CLOSE, Buffer.from([STDIN]), 'client'))
  return { ...(await reading), bytes, seconds: (performance.now() - from) / 1000 }
}

const SIP_EVERY_MS = 100

/** An exec that shows so many bytes to somebody who reads so many of them a second; how many came. */
export async function sip(port: number, bytes: number, perSecond: number): Promise<number> {
  const socket = await connected(port)
  const from = performance.now()
  let came = 0
  ask(socket, `show=${bytes}`)
  socket.on('data', (data: Buffer) => {
    came += data.length
    if (came > ((performance.now() - from) / 1000) * perSecond) socket.pause()
  })
  const timer = setInterval(() => void socket.resume(), SIP_EVERY_MS)
  await new Promise((resolve, reject) => socket.once('error', reject).once('end', resolve))
  clearInterval(timer)
  socket.destroy()
  return came
}

export interface Stalled {
  readonly leave: () => void
}

/** An exec that shows a lot to somebody who reads nothing of it. */
export async function stall(port: number, bytes: number): Promise<Stalled> {
  const socket = await connected(port)
  ask(socket, `show=${bytes}`)
  await new Promise(resolve => socket.once('data', resolve))
  socket.pause()
  return { leave: () => void socket.destroy() }
}

async function connected(port: number): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
  return socket.setNoDelay()
}

function ask(socket: TLSSocket, query: string): void {
  const lines = [
    `GET ${POD}?command=x&stdin=true&stdout=true&n=${asked++}&${query} HTTP/1.1`,
    'Host: kube',
    'Authorization: Bearer x',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol: v5.channel.k8s.io',
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
}

function read(socket: TLSSocket, query: string, onFirst: () => void = () => undefined): Promise<Ran> {
  const from = performance.now()
  let [bytes, firstByteMs] = [0, Number.NaN]
  let [head, isTunnel] = ['', false]
  ask(socket, query)
  socket.on('data', (data: Buffer) => {
    let rest = data
    if (!isTunnel) {
      head += data.toString('latin1')
      const end = head.indexOf('\r\n\r\n')
      if (end === -1) return
      if (!head.startsWith('HTTP/1.1 101')) return void socket.destroy(new Error(`no session: ${head.slice(0, 300)}`))
      isTunnel = true
      rest = Buffer.from(head.slice(end + 4), 'latin1')
    }
    if (rest.length === 0) return
    if (bytes === 0) {
      firstByteMs = performance.now() - from
      onFirst()
    }
    bytes += rest.length
  })
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('end', () => {
      socket.destroy()
      resolve({ bytes, firstByteMs, seconds: (performance.now() - from) / 1000 })
    })
  })
}
