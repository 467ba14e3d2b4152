import { appendFile, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { drain } from '../../../src/companion/drain.ts'
import { envoyAdmin } from '../../../src/companion/envoy-admin.ts'
import type { Lease } from '../../../src/lease/lease.ts'
import { type AnotherEnvoy, aBoundary, type Boundary } from '../../attacks/a-boundary.ts'
import type { OpenStream } from '../../support/envoy/open-stream.ts'
import { until } from '../../support/until.ts'
import { patientRequest } from '../../support/wire/patient-request.ts'
import { KINDS, type Kind } from './kinds.ts'

const WITHIN_MS = 30_000
const LONGER_MS = 300_000

/** Of ages in which the machine stood still. */
const MOST_TRIES = 2

/** A machine that stands still for a second costs the streams of an authorizer, and that is meant: nothing old was left to be ended. */
class StoodStill extends Error {}

interface Ageing {
  /** How old the streams are when they end. */
  readonly seconds: number
  /** Whether other requests and streams come and go all the time. */
  readonly busy: boolean
}

/** An Envoy with a stream of every kind under one lease. */
interface Aged {
  readonly name: string
  readonly envoy: AnotherEnvoy
  readonly lease: Lease
  readonly streams: readonly { readonly kind: string; readonly id: string; readonly stream: OpenStream }[]
}

/**
 * Lets streams of every kind grow old in an Envoy for each way in which streams end, then ends them: each Envoy must be there
 * afterwards. The last stream of a worker is what counts, so no two ways share one. Halfway the policy, the keys and the servers'
 * certificates are replaced. Once more where the machine took the streams away. Rejects with what did not hold.
 */
export async function ageStreams(ageing: Ageing): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await ageOnce(ageing)
      return
    } catch (error) {
      if (!(error instanceof StoodStill) || tries === MOST_TRIES) throw error
    }
  }
}

async function ageOnce({ seconds, busy }: Ageing): Promise<void> {
  const boundary = await aBoundary()
  const traffic = new AbortController()
  try {
    const oldAt = Date.now() + seconds * 1000 + WITHIN_MS
    const left = await grow(boundary, 'left')
    const ended = await grow(boundary, 'ended')
    const revoked = await grow(boundary, 'revoked')
    const drained = await grow(boundary, 'drained')
    const orphaned = await grow(boundary, 'orphaned')
    const expired = await grow(boundary, 'expired', { expiresAt: oldAt })
    const all = [left, ended, revoked, drained, orphaned, expired]
    const others = Promise.all(busy ? all.map(aged => keepBusy(boundary, aged, traffic.signal)) : [])
    others.catch(() => traffic.abort())
    await pause((oldAt - Date.now()) / 2)
    await replaceFiles(boundary, all)
    await until('the leases to expire', () => Date.now() >= oldAt, oldAt - Date.now() + WITHIN_MS)
    await over(boundary, expired)
    for (const aged of [left, ended, revoked, drained, orphaned]) await stillRuns(aged)
    traffic.abort()
    await others

    for (const { stream } of left.streams) stream.leave()
    await over(boundary, left)
    for (const { id } of ended.streams) endUpstream(boundary, id)
    await over(boundary, ended)
    await boundary.revoke(revoked.lease)
    await over(boundary, revoked)
    await endEnvoy(drained)
    await Promise.all(['authorizer-0', 'authorizer-1'].map(name => boundary.supervisor.end(name, 'SIGKILL')))
    await over(boundary, orphaned)
  } finally {
    traffic.abort()
    await boundary.stop()
  }
}

async function grow(boundary: Boundary, name: string, given: Partial<Lease> = {}): Promise<Aged> {
  const envoy = await boundary.anotherEnvoy(name)
  // Within what its template allows, and longer than any of these streams is open.
  const { token, lease } = await boundary.token('everything', { expiresAt: Date.now() + 7_000_000, ...given })
  const streams = await Promise.all(
    KINDS.map(async (kind, at) => {
      const id = `${name}-${at}`
      return {
        kind: kind.name,
        id,
        stream: await running(boundary, kind, id, () => kind.open(envoy, kind.target(id), token)),
      }
    }),
  )
  return { name, envoy, lease, streams }
}

/** Once it runs; opened again where a busy machine was too late to decide. */
async function running(boundary: Boundary, { name }: Kind, id: string, open: () => OpenStream): Promise<OpenStream> {
  let stream = open()
  const runs = () => {
    if (isOpen(boundary, id) && /ADDED| 101 /.test(stream.text())) return true
    if (!/^HTTP\/\S+ 503/.test(stream.text())) return false
    stream.leave()
    stream = open()
    return false
  }
  await until(`${name} to run`, runs, WITHIN_MS).catch(error => {
    throw new Error(`${error.message}, saw: ${stream.text().slice(0, 500)}`)
  })
  return stream
}

/** Short requests, and streams that end at once, on every worker. */
async function keepBusy(boundary: Boundary, { envoy }: Aged, signal: AbortSignal): Promise<void> {
  const lines = ['GET /api/v1/namespaces/dev/pods HTTP/1.1', 'Host: boundary']
  const [watch] = KINDS
  let [token, freshUntil] = ['', 0]
  for (let round = 0; !signal.aborted && watch !== undefined; round++) {
    if (Date.now() > freshUntil) {
      token = (await boundary.token('everything', { expiresAt: Date.now() + LONGER_MS })).token
      freshUntil = Date.now() + LONGER_MS / 2
    }
    await served(envoy, [...lines, `Authorization: Bearer ${token}`])
    await until(
      'a short watch',
      () => beginsAndEnds(() => watch.open(envoy, watch.target(`busy-${round}`), token)),
      WITHIN_MS,
    )
    await pause(3000, undefined, { signal }).catch(() => undefined)
  }
}

/** Whether it began; a machine that stood still for a second has it refused, and a client begins it again. */
async function beginsAndEnds(open: () => OpenStream): Promise<boolean> {
  const short = open()
  await until('its beginning, or a refusal', () => short.text().includes('ADDED') || short.isOver(), WITHIN_MS)
  const [begun, text] = [short.text().includes('ADDED'), short.text()]
  short.leave()
  if (!begun && text !== '' && !/^HTTP\/2 503/.test(text)) throw new Error(`a short watch was refused: ${text}`)
  return begun
}

async function served({ port }: AnotherEnvoy, lines: readonly string[]): Promise<void> {
  const { status, body } = await patientRequest(port, lines)
  if (status !== 200) throw new Error(`a request was answered with ${status}: ${body}`)
}

/** Another revision of the policy, the keys and certificates anew: each replaced as its process follows it. */
async function replaceFiles({ directory }: Boundary, all: readonly Aged[]): Promise<void> {
  await appendFile(join(directory, 'policy.yaml'), '\n# another revision\n')
  const keys = join(directory, 'keys', 'public.jwks.json')
  await writeFile(keys, `${await readFile(keys, 'utf8')}\n`)
  for (const { serverSecretFile } of all.map(({ envoy }) => envoy)) {
    await writeFile(`${serverSecretFile}.next`, await readFile(serverSecretFile))
    await rename(`${serverSecretFile}.next`, serverSecretFile)
  }
}

function endUpstream({ upstream }: Boundary, id: string): void {
  for (const [stream, target] of upstream.open) if (target.includes(id)) stream.end()
}

/** The boundary writes the time that is left into the query of a watch. */
function isOpen({ upstream }: Boundary, id: string): boolean {
  return [...upstream.open.values()].some(target => target.includes(id))
}

/** Client and upstream both saw the end of each, and Envoy lives: it still answers, though nobody may ask it anything any more. */
async function over(boundary: Boundary, { name, envoy, streams }: Aged): Promise<void> {
  for (const { kind, id, stream } of streams) {
    const isOver = () => !isOpen(boundary, id) && (stream.isOver() || name === 'left')
    await until(`the end of ${kind} that is ${name}`, isOver, WITHIN_MS)
  }
  await isLive(envoy, `streams that were ${name}`)
}

async function isLive({ adminSocket }: AnotherEnvoy, after: string): Promise<void> {
  const { text } = await envoyAdmin(adminSocket)
    .ask('GET', '/server_info')
    .catch(() => {
      throw new Error(`Envoy did not outlive ${after}`)
    })
  if (!text.includes('"state": "LIVE"')) throw new Error(`Envoy is not live after ${after}`)
}

/** Most must be there to be ended; Envoy must be, whatever ended them. */
async function stillRuns({ name, envoy, streams }: Aged): Promise<void> {
  await isLive(envoy, `streams that were to be ${name}`)
  const gone = streams.filter(({ stream }) => stream.isOver()).map(({ kind }) => kind)
  if (gone.length > streams.length / 2) throw new StoodStill(`ended before they were ${name}: ${gone.join(', ')}`)
}

/** As in a pod: what is left after the drain goes with Envoy, which must end in good order. */
async function endEnvoy({ envoy, streams }: Aged): Promise<void> {
  const { left } = await drain(envoyAdmin(envoy.adminSocket), { limitMs: 1000, atLeastMs: 0 })
  const open = streams.filter(({ stream }) => !stream.isOver())
  if (left === 0 || left !== open.length) throw new Error(`${open.length} streams are open, Envoy says ${left}`)
  const how = await envoy.started.stop('SIGTERM')
  if (how !== 'exit code 0') throw new Error(`told to end with ${left} streams open, Envoy ended by ${how}`)
}
