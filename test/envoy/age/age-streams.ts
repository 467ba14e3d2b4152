import { appendFile, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { drain } from '../../../src/companion/drain.ts'
import { envoyAdmin } from '../../../src/companion/envoy-admin.ts'
import type { Lease } from '../../../src/lease/lease.ts'
import { aBoundary, type Boundary } from '../../attacks/a-boundary.ts'
import type { OpenStream } from '../../support/open-stream.ts'
import { until } from '../../support/until.ts'
import { KINDS, type Kind } from './kinds.ts'

const WITHIN_MS = 30_000

interface Aged {
  readonly kind: Kind
  /** Stands in its target. */
  readonly id: string
  readonly stream: OpenStream
}

interface Ageing {
  /** How old the streams are when they end. */
  readonly seconds: number
  /** Whether other requests and streams come and go all the time. */
  readonly busy: boolean
}

/**
 * Lets a stream of every kind grow old, several times, and ends each set in another way; Envoy must be the same process after each.
 * On the way the policy, the keys and the server's certificate are replaced. Rejects with what did not hold.
 */
export async function ageStreams({ seconds, busy }: Ageing): Promise<void> {
  const boundary = await aBoundary()
  const traffic = new AbortController()
  const oldAt = Date.now() + seconds * 1000
  try {
    const left = await openSet(boundary, 'left')
    const ended = await openSet(boundary, 'ended')
    const revoked = await openSet(boundary, 'revoked')
    const expired = await openSet(boundary, 'expired', { expiresAt: oldAt })
    const orphaned = await openSet(boundary, 'orphaned')
    const rest = await openSet(boundary, 'rest')
    const others = busy ? keepBusy(boundary, traffic.signal) : Promise.resolve()
    await pause(oldAt - Date.now() - (seconds * 1000) / 2)
    await replaceFiles(boundary)
    await until('expiry', () => expired.streams.every(({ stream }) => stream.isOver()), seconds * 500 + WITHIN_MS)
    lives(boundary, 'expiry')
    stillOpen([...left.streams, ...ended.streams, ...revoked.streams, ...orphaned.streams, ...rest.streams])

    for (const each of left.streams) {
      each.stream.leave()
      await goneUpstream(boundary, [each])
      lives(boundary, `a client that left its ${each.kind.name}`)
    }
    for (const each of ended.streams) {
      endUpstream(boundary, each)
      await until(`the end of ${each.kind.name}`, () => each.stream.isOver(), WITHIN_MS)
      lives(boundary, `an upstream that ended its ${each.kind.name}`)
    }
    await boundary.revoke(revoked.lease)
    await goneUpstream(boundary, revoked.streams)
    lives(boundary, 'a revocation')

    traffic.abort()
    await others
    await dieAuthorizer(boundary, orphaned.streams)
    await endEnvoy(boundary, rest.streams)
  } finally {
    traffic.abort()
    await boundary.stop()
  }
}

interface Set {
  readonly lease: Lease
  readonly streams: readonly Aged[]
}

async function openSet(boundary: Boundary, name: string, given: Partial<Lease> = {}): Promise<Set> {
  const { token, lease } = await boundary.token('everything', { expiresAt: Date.now() + 7_000_000, ...given })
  const streams = KINDS.map((kind, at) => {
    const id = `${name}-${at}`
    return { kind, id, stream: kind.open(boundary, kind.target(id), token) }
  })
  for (const { kind, id, stream } of streams) {
    const runs = () => isOpen(boundary, id) && /ADDED| 101 /.test(stream.text())
    await until(`${kind.name} to run`, runs, WITHIN_MS).catch(error => {
      throw new Error(`${error.message}, saw: ${stream.text().slice(0, 500)}`)
    })
  }
  return { lease, streams }
}

/** Short requests, and streams that end at once, on every worker. */
async function keepBusy(boundary: Boundary, signal: AbortSignal): Promise<void> {
  const { token } = await boundary.token('everything', { expiresAt: Date.now() + 7_000_000 })
  const [watch] = KINDS
  for (let round = 0; !signal.aborted && watch !== undefined; round++) {
    const { status } = await boundary.send('reads', 'GET /api/v1/namespaces/dev/pods')
    if (status !== 200) throw new Error(`a request was answered with ${status}`)
    if (round % 10 !== 0) continue
    const short = watch.open(boundary, watch.target(`busy-${round}`), token)
    await until('a short watch', () => short.text().includes('ADDED'), WITHIN_MS)
    short.leave()
  }
}

/** Another revision of the policy, one more key, the certificate anew: each replaced as its process follows it. */
async function replaceFiles({ directory }: Boundary): Promise<void> {
  await appendFile(join(directory, 'policy.yaml'), '\n# another revision\n')
  const keys = join(directory, 'keys', 'public.jwks.json')
  await writeFile(keys, `${await readFile(keys, 'utf8')}\n`)
  const secret = join(directory, 'envoy-server.json')
  await writeFile(`${secret}.next`, await readFile(secret))
  await rename(`${secret}.next`, secret)
}

function endUpstream({ upstream }: Boundary, { id }: Aged): void {
  for (const [stream, of] of upstream.open) if (of.includes(id)) stream.end()
}

/** The boundary writes the time that is left into the query of a watch. */
function isOpen({ upstream }: Boundary, id: string): boolean {
  return [...upstream.open.values()].some(target => target.includes(id))
}

function goneUpstream(boundary: Boundary, streams: readonly Aged[]): Promise<void> {
  const gone = () => streams.every(({ id }) => !isOpen(boundary, id))
  return until('the upstream to see the end', gone, WITHIN_MS)
}

/** Those whose side stream it held end, the others do not. */
async function dieAuthorizer(boundary: Boundary, streams: readonly Aged[]): Promise<void> {
  const before = boundary.upstream.open.size
  await boundary.supervisor.end('authorizer-0', 'SIGKILL')
  await until('the end of what it held', () => boundary.upstream.open.size < before, WITHIN_MS)
  lives(boundary, "an authorizer's death")
  await boundary.supervisor.startAgain('authorizer-0')
  for (const { stream } of streams) stream.leave()
  await goneUpstream(boundary, streams)
  lives(boundary, 'streams without their authorizer')
}

/** As in a pod: what is left after the drain goes with Envoy, which must end in good order. */
async function endEnvoy(boundary: Boundary, streams: readonly Aged[]): Promise<void> {
  const open = streams.filter(({ stream }) => !stream.isOver())
  const { left } = await drain(envoyAdmin(boundary.adminSocket), { limitMs: 1000, atLeastMs: 0 })
  if (left < open.length || left === 0) throw new Error(`${open.length} streams are open, Envoy says ${left}`)
  const how = await boundary.supervisor.end('envoy', 'SIGTERM')
  if (how !== 'exit code 0') throw new Error(`told to end with ${left} streams open, Envoy ended by ${how}`)
}

function stillOpen(streams: readonly Aged[]): void {
  const over = streams.filter(({ stream }) => stream.isOver()).map(({ id, kind }) => `${kind.name} (${id})`)
  if (over.length > 0) throw new Error(`ended before their time: ${over.join(', ')}`)
}

/** A signal that does nothing fails where there is no such process. */
function lives({ envoy }: Boundary, after: string): void {
  try {
    process.kill(envoy.pid, 0)
  } catch {
    throw new Error(`Envoy did not outlive ${after}`)
  }
}
