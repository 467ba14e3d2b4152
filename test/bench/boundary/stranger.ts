// CPU of the authorizers for a stranger who is refused, and for writes of lease holders, through Envoy.
import { readFileSync } from 'node:fs'
import { type ClientHttp2Session, connect } from 'node:http2'
import { aBoundary } from '../../attacks/a-boundary.ts'

/*
 * What a request costs the authorizers' processes (fields 14 and 15 of /proc/PID/stat), all of them together, through the real Envoy:
 * of strangers, who are refused by their head, and of lease holders, whose writes are asked about twice.
 */
const SECONDS = 5
const TICKS_PER_SECOND = 100
const AT_ONCE = 32
const MAPS = '/api/v1/namespaces/dev/configmaps'
const BODY = Buffer.from('{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"a":"b"}}')

const boundary = await aBoundary()
const { token } = await boundary.token('everything')
const forged = `${token.slice(0, -86)}${'A'.repeat(86)}`

function cpuMicros(): number {
  return boundary.authorizerPids
    .map(pid => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [])
    .reduce((sum, fields) => sum + ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1e6, 0)
}

interface Kind {
  readonly name: string
  readonly method: string
  readonly bearer: string | null
  readonly status: number
}

const KINDS: readonly Kind[] = [
  { name: 'no token, a write', method: 'POST', bearer: null, status: 401 },
  { name: 'forged, a write', method: 'POST', bearer: forged, status: 401 },
  { name: 'nonsense, a write', method: 'POST', bearer: 'x'.repeat(8000), status: 401 },
  { name: 'no token, a read', method: 'GET', bearer: null, status: 401 },
  { name: 'a lease, a read', method: 'GET', bearer: token, status: 200 },
  { name: 'a lease, a write', method: 'POST', bearer: token, status: 200 },
]

function one(session: ClientHttp2Session, { method, bearer, status }: Kind): Promise<void> {
  return new Promise((resolve, reject) => {
    const authorization = bearer === null ? {} : { authorization: `Bearer ${bearer}` }
    const body = method === 'POST' ? BODY : Buffer.alloc(0)
    const length =
      method === 'POST' ? { 'content-length': String(body.length), 'content-type': 'application/json' } : {}
    const stream = session.request({ ':method': method, ':path': MAPS, ...authorization, ...length })
    stream.once('response', answer => {
      if (answer[':status'] !== status) reject(new Error(`status ${answer[':status']}`))
    })
    stream.once('close', resolve)
    stream.on('error', () => undefined)
    stream.resume()
    stream.end(body)
  })
}

for (const kind of KINDS) {
  const session = connect(`https://127.0.0.1:${boundary.port}`, { rejectUnauthorized: false })
  let done = 0
  const during = async (ms: number): Promise<void> => {
    const end = performance.now() + ms
    const worker = async () => {
      while (performance.now() < end) {
        await one(session, kind)
        done += 1
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
  }
  await during(3000)
  done = 0
  const before = cpuMicros()
  await during(SECONDS * 1000)
  const each = (cpuMicros() - before) / done
  console.log(
    `${kind.name.padEnd(18)} ${each.toFixed(0).padStart(4)} µs CPU of authorizers each, ${(done / SECONDS).toFixed(0)}/s`,
  )
  boundary.upstream.received.length = 0
  session.destroy()
}
await boundary.stop()
