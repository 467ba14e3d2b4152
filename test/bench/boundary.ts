import { type ClientHttp2Session, connect } from 'node:http2'
import { aBoundary } from '../attacks/a-boundary.ts'

/*
 * What the way through Envoy and authorizer adds to a read, over one HTTP/2 connection, one request at a time and 32 at once; the
 * upstream is a stub that answers at once. Real Envoy, two authorizers, Valkey with appendfsync always; direct and through in one run.
 */
const SECONDS = 4
const PATH = '/api/v1/namespaces/dev/pods'

const boundary = await aBoundary()
const { token } = await boundary.token('everything')

function open(port: number): ClientHttp2Session {
  return connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false })
}

function one(session: ClientHttp2Session): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':path': PATH, authorization: `Bearer ${token}` })
    stream.once('response', ({ ':status': status }) => {
      if (status !== 200) reject(new Error(`status ${status}`))
    })
    stream.once('end', resolve)
    stream.once('error', reject)
    stream.resume()
    stream.end()
  })
}

async function measure(name: string, port: number, atOnce: number): Promise<number> {
  const session = open(port)
  const waits: number[] = []
  const during = (ms: number) => {
    const end = performance.now() + ms
    return Promise.all(
      Array.from({ length: atOnce }, async () => {
        while (performance.now() < end) {
          const from = performance.now()
          await one(session)
          waits.push(performance.now() - from)
        }
      }),
    )
  }
  await during(1500)
  waits.length = 0
  await during(SECONDS * 1000)
  session.destroy()
  waits.sort((a, b) => a - b)
  const at = (share: number) => waits[Math.floor(waits.length * share)] ?? 0
  const rate = waits.length / SECONDS
  console.log(
    `${name.padEnd(18)} ${String(atOnce).padStart(2)} at once: median ${at(0.5).toFixed(2)} ms, p99 ${at(0.99).toFixed(2)} ms, ${rate.toFixed(0)}/s`,
  )
  return at(0.5)
}

for (const atOnce of [1, 32]) {
  const direct = await measure('direct', boundary.upstream.port, atOnce)
  const through = await measure('through Leasegate', boundary.port, atOnce)
  console.log(`ratio of medians   ${(through / direct).toFixed(1)}`)
  boundary.upstream.received.length = 0
}
await boundary.stop()
