import { appendFile, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { socket } from '../../../envoy/settings.ts'
import { drain } from '../../../src/companion/drain.ts'
import { envoyAdmin } from '../../../src/companion/envoy-admin.ts'
import type { Lease } from '../../../src/lease/lease.ts'
import { startRecorder } from '../../../src/recorder/start-recorder.ts'
import { type AnotherEnvoy, aBoundary, type Boundary, OTHER_AGENT } from '../../attacks/a-boundary.ts'
import { MemorySink } from '../../recorder/memory-sink.ts'
import { openRaw } from '../../recorder/raw-decoder.ts'
import type { OpenStream } from '../../support/envoy/open-stream.ts'
import { until } from '../../support/until.ts'
import { KINDS, type Kind } from './kinds.ts'
import { Traffic } from './traffic.ts'

const WITHIN_MS = 30_000
const STILL_THERE = 'are you still there?'

/** Of ages in which the machine stood still. */
const MOST_TRIES = 2

/** A machine that stands still for a second costs the streams of an authorizer, and that is meant: nothing old was left to be ended. */
class StoodStill extends Error {}

interface Ageing {
  /** How old the streams are when they end. */
  readonly seconds: number
  /** Whether other requests and streams come and go all the time, and more of them while the old ones end. */
  readonly busy: boolean
}

interface House {
  readonly envoy: AnotherEnvoy
  /** Null where nothing else runs. */
  readonly traffic: Traffic | null
}

/** Streams of every kind under one lease, in one Envoy. */
interface Aged {
  readonly name: string
  readonly house: House
  readonly lease: Lease
  readonly streams: readonly AgedStream[]
}

interface AgedStream {
  readonly kind: string
  readonly isTunnel: boolean
  readonly id: string
  readonly stream: OpenStream
}

/** Envoy forgets by default after 50 s what it has opened no other stream by. */
const YOUNG_SECONDS = 70

/**
 * Lets streams of every kind grow old in an Envoy for each way in which streams end, then ends them: each Envoy must be there
 * afterwards. The last stream of a worker is what counts, so no two ways share one; some have ended in it before, in the same way and
 * younger. Halfway the policy, the keys and the servers' certificates are replaced. Sessions are recorded. Once more where the machine
 * took the streams away. Rejects with what did not hold.
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
  const { sink, recorder, part } = await aRecorder(boundary)
  const houses: House[] = []
  const aHouse = async (name: string): Promise<House> => {
    const envoy = await boundary.anotherEnvoy(name, { recorder: part })
    const house = { envoy, traffic: busy ? new Traffic(boundary, envoy) : null }
    houses.push(house)
    return house
  }
  try {
    const [left, ended, revoked, expired] = [
      await aHouse('left'),
      await aHouse('ended'),
      await aHouse('revoked'),
      await aHouse('expired'),
    ]
    const four = async (age: string, expiresAt: number) => ({
      left: await grow(boundary, left, `${age}-left`),
      ended: await grow(boundary, ended, `${age}-ended`),
      revoked: await grow(boundary, revoked, `${age}-revoked`),
      expired: await grow(boundary, expired, `${age}-expired`, { expiresAt }),
    })
    const youngAt = Date.now() + YOUNG_SECONDS * 1000 + WITHIN_MS
    const oldAt = Math.max(youngAt + WITHIN_MS, Date.now() + seconds * 1000 + WITHIN_MS)
    const young = await four('young', youngAt)
    const old = await four('old', oldAt)
    const withdrawn = await grow(boundary, await aHouse('withdrawn'), 'withdrawn', { agent: OTHER_AGENT })
    const drained = await grow(boundary, await aHouse('drained'), 'drained')
    const orphaned = await grow(boundary, await aHouse('orphaned'), 'orphaned')

    await endFour(boundary, young, youngAt)
    await pause((oldAt - Date.now()) / 2)
    await replaceFiles(boundary, houses)
    await endFour(boundary, old, oldAt)
    for (const aged of [withdrawn, drained, orphaned]) await stillRuns(aged)
    await ending(withdrawn, async () => {
      await withdraw(boundary)
      await over(boundary, withdrawn)
    })
    await goneWith(drained, () => endEnvoy(drained))
    // All of them ask these authorizers.
    await Promise.all(houses.filter(house => house !== orphaned.house).map(({ traffic }) => traffic?.stop()))
    await goneWith(orphaned, async () => {
      await Promise.all(['authorizer-0', 'authorizer-1'].map(name => boundary.supervisor.end(name, 'SIGKILL')))
      await over(boundary, orphaned)
    })
    await orphaned.house.traffic?.stop()
    await allAreKept(sink, 11 * KINDS.filter(({ isRecorded }) => isRecorded).length)
  } finally {
    await Promise.allSettled(houses.map(({ traffic }) => traffic?.stop()))
    await boundary.stop()
    await recorder.stop(0)
  }
}

interface Four {
  readonly left: Aged
  readonly ended: Aged
  readonly revoked: Aged
  readonly expired: Aged
}

/** In four ways after which their Envoy goes on; the last of them ends at that time by itself. */
async function endFour(boundary: Boundary, { left, ended, revoked, expired }: Four, at: number): Promise<void> {
  const soon = at - 1000
  await until('the streams to be old enough', () => Date.now() >= soon, soon - Date.now() + WITHIN_MS)
  await ending(expired, () => over(boundary, expired))
  for (const aged of [left, ended, revoked]) await stillRuns(aged)
  await ending(left, async () => {
    for (const { stream } of left.streams) stream.leave()
    await over(boundary, left)
  })
  await ending(ended, async () => {
    for (const { id } of ended.streams) endUpstream(boundary, id)
    await over(boundary, ended)
  })
  await ending(revoked, async () => {
    await boundary.revoke(revoked.lease)
    await over(boundary, revoked)
  })
}

function ending({ house: { traffic } }: Aged, end: () => Promise<void>): Promise<void> {
  return traffic === null ? end() : traffic.around(end)
}

function goneWith({ house: { traffic } }: Aged, end: () => Promise<void>): Promise<void> {
  return traffic === null ? end() : traffic.untilGone(end)
}

async function aRecorder({ directory }: Boundary) {
  const sink = new MemorySink()
  const door = { kind: 'unix', path: join(directory, 'recorder.sock') } as const
  const recorder = await startRecorder(door, { sink, openDecoder: openRaw })
  return { sink, recorder, part: socket(door.path) }
}

/** The recorder has heard the end of each session that it was told of. */
async function allAreKept({ sessions }: MemorySink, least: number): Promise<void> {
  await until('the end of each recording', () => sessions.every(({ end }) => end !== null), WITHIN_MS)
  if (sessions.length < least) throw new Error(`${sessions.length} sessions were recorded, not ${least}`)
}

async function grow(boundary: Boundary, house: House, name: string, given: Partial<Lease> = {}): Promise<Aged> {
  // Within what its template allows, and longer than any of these streams is open.
  const { token, lease } = await boundary.token('everything', { expiresAt: Date.now() + 7_000_000, ...given })
  const streams = await Promise.all(
    KINDS.map(async (kind, at) => {
      const id = `${name}-${at}`
      return {
        kind: kind.name,
        isTunnel: kind.isTunnel,
        id,
        stream: await running(boundary, kind, id, () => kind.open(house.envoy, kind.target(id), token)),
      }
    }),
  )
  return { name, house, lease, streams }
}

/** Once it runs; opened again where a busy machine was too late to decide, or to record. */
async function running(boundary: Boundary, { name }: Kind, id: string, open: () => OpenStream): Promise<OpenStream> {
  let stream = open()
  const runs = () => {
    if (isOpen(boundary, id) && /ADDED| 101 /.test(stream.text())) return true
    if (!/^HTTP\/\S+ 50[34]/.test(stream.text())) return false
    stream.leave()
    stream = open()
    return false
  }
  await until(`${name} to run`, runs, WITHIN_MS).catch(error => {
    throw new Error(`${error.message}, saw: ${stream.text().slice(0, 500)}`)
  })
  return stream
}

/** Another revision of the policy, the keys and certificates anew: each replaced as its process follows it. */
async function replaceFiles({ directory }: Boundary, houses: readonly House[]): Promise<void> {
  await appendFile(join(directory, 'policy.yaml'), '\n# another revision\n')
  const keys = join(directory, 'keys', 'public.jwks.json')
  await writeFile(keys, `${await readFile(keys, 'utf8')}\n`)
  for (const { serverSecretFile } of houses.map(({ envoy }) => envoy)) {
    await writeFile(`${serverSecretFile}.next`, await readFile(serverSecretFile))
    await rename(`${serverSecretFile}.next`, serverSecretFile)
  }
}

/** The policy of today grants it no more. */
async function withdraw({ directory }: Boundary): Promise<void> {
  const file = join(directory, 'policy.yaml')
  const text = await readFile(file, 'utf8')
  const less = text.replace(`, { agent: ${OTHER_AGENT}, namespaces: [dev] }`, '')
  if (less === text) throw new Error('the policy has no such grant')
  await writeFile(`${file}.next`, less)
  await rename(`${file}.next`, file)
}

function endUpstream({ upstream }: Boundary, id: string): void {
  for (const [stream, target] of upstream.open) if (target.includes(id)) stream.end()
}

/** The boundary writes the time that is left into the query of a watch. */
function isOpen({ upstream }: Boundary, id: string): boolean {
  return [...upstream.open.values()].some(target => target.includes(id))
}

/** Client and upstream both saw the end of each, and Envoy lives: it still answers, though nobody may ask it anything any more. */
async function over(boundary: Boundary, { name, house, streams }: Aged): Promise<void> {
  for (const { kind, id, stream } of streams) {
    const isOver = () => !isOpen(boundary, id) && (stream.isOver() || name.endsWith('left'))
    await until(`the end of ${kind} that is ${name}`, isOver, WITHIN_MS)
  }
  await isLive(house.envoy, `streams that were ${name}`)
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
async function stillRuns({ name, house, streams }: Aged): Promise<void> {
  await isLive(house.envoy, `streams that were to be ${name}`)
  const gone = streams.filter(({ stream }) => stream.isOver()).map(({ kind }) => kind)
  if (gone.length > streams.length / 2) throw new StoodStill(`ended before they were ${name}: ${gone.join(', ')}`)
  for (const { kind, isTunnel, stream } of streams) if (isTunnel) await carries(kind, stream)
}

/** What is said in it after all that time is heard, and answered. */
async function carries(kind: string, stream: OpenStream): Promise<void> {
  stream.write(STILL_THERE)
  await until(`an answer through ${kind}`, () => stream.isOver() || stream.text().includes(STILL_THERE), WITHIN_MS)
}

/** As in a pod: what is left after the drain goes with Envoy, which must end in good order. */
async function endEnvoy({ house: { envoy, traffic }, streams }: Aged): Promise<void> {
  const { left } = await drain(envoyAdmin(envoy.adminSocket), { limitMs: 1000, atLeastMs: 0 })
  const open = streams.filter(({ stream }) => !stream.isOver())
  if (open.length === 0) throw new StoodStill('nothing was left to be drained')
  if (left < open.length || (traffic === null && left !== open.length))
    throw new Error(`${open.length} streams are open, Envoy says ${left}`)
  const how = await envoy.started.stop('SIGTERM')
  if (how !== 'exit code 0') throw new Error(`told to end with ${left} streams open, Envoy ended by ${how}`)
}
