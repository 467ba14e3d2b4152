import { createHash, randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { anotherEnvoy, type RecordedBoundary, startRecordedBoundary } from './a-recorded-boundary.ts'
import { attempted, endOf, KINDS, type Kind } from './a-session.ts'
import { bytesOf } from './memory-sink.ts'

/** LEASEGATE_FUZZED_SESSIONS: how many. */
const SESSIONS = Number(process.env['LEASEGATE_FUZZED_SESSIONS'] ?? 200)
const AT_ONCE = 10

let boundary: RecordedBoundary
/** Sessions that ended well. */
let whole = 0

const ENDS = ['the API server ends it', 'the API server resets it', 'the client leaves', 'it is cut'] as const

/** Anything from frames split at every byte to many in one read. Never a last piece of one or two bytes: no frame is so short. */
function pieces(): readonly Buffer[] {
  const longest = [1, 3, 40, 3000, 200_000][randomInt(5)] ?? 1
  const all = Array.from({ length: randomInt(1, 20) }, () => Buffer.alloc(randomInt(1, longest + 1), randomInt(256)))
  return [...all, Buffer.from('the last of it')]
}

async function one(kind: Kind): Promise<void> {
  const session = await attempted(boundary, kind)
  if (session === null) return
  const { target, stream, id, delivered, seen } = session
  let typed = 0
  for (const piece of pieces()) {
    if (randomInt(3) === 0) {
      stream.write(piece.subarray(0, 1000).toString('latin1'))
      typed += Math.min(piece.length, 1000)
    }
    boundary.upstream.write(target, piece)
    if (randomInt(3) === 0) await pause(1)
  }
  const how = ENDS[randomInt(ENDS.length)]
  if (how === 'the API server ends it') {
    // A server that has ended resets whoever still talks, and its last words are lost on the way.
    await until('all that was typed', () => seen.body.length === typed || stream.isOver())
    boundary.upstream.end(target, Buffer.from('the very last'))
  } else if (how === 'the API server resets it') boundary.upstream.reset(target)
  else if (how === 'the client leaves') stream.leave()
  else for (const live of boundary.script.live.keys()) if (live.auditId === id) live.cut('lease_revoked')
  await until(`the end, when ${how}`, () => stream.isOver() && boundary.sink.of(id).end !== null)
  const recorded = bytesOf(boundary.sink.of(id), 'output').toString('latin1')
  expect(recorded.startsWith(delivered())).toBe(true)
  if (how !== 'the API server ends it' || (await wasCut(id))) return
  expect(hash(delivered())).toBe(hash(recorded))
  expect(recorded.endsWith('the very last')).toBe(true)
  whole += 1
}

/** On a machine that is busy with other things the recorder may be silent for so long that Envoy gives it up. */
async function wasCut(id: string): Promise<boolean> {
  return /ext_proc/.test((await endOf(boundary, id)).details)
}

const hash = (text: string) => createHash('sha256').update(text, 'latin1').digest('hex')

describe.each([
  { name: 'our Envoy', program: async () => undefined, sessions: SESSIONS },
  { name: 'another line of Envoy', program: anotherEnvoy, sessions: Math.ceil(SESSIONS / 3) },
])('what was recorded through $name', ({ program, sessions }) => {
  beforeAll(async () => {
    whole = 0
    boundary = await startRecordedBoundary({}, await program())
  })
  afterAll(() => boundary.stop())

  test(
    `is what was delivered, in ${sessions} sessions that end in every way`,
    async () => {
      let left = sessions
      const worker = async (at: number): Promise<void> => {
        for (; left > 0; ) {
          left -= 1
          await one(KINDS[(left + at) % 2] as Kind)
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, (_, at) => worker(at)))
      expect(whole).toBeGreaterThan(sessions / 10)
    },
    60_000 + sessions * 500,
  )
})
