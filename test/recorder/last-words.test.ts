import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LAST } from '../support/envoy/upstream.ts'
import { until } from '../support/until.ts'
import { anotherEnvoy, type RecordedBoundary, startRecordedBoundary } from './a-recorded-boundary.ts'
import { begin, KINDS, POD, running, toBody } from './a-session.ts'
import { bytesOf } from './memory-sink.ts'

/** More than the buffers on its way hold, so that the end comes while much waits. */
const MUCH = 3_000_000

describe.each([
  { name: 'our Envoy', program: async () => undefined },
  { name: 'another line of Envoy', program: anotherEnvoy },
])('what a command says before it ends, through $name', ({ program }) => {
  let boundary: RecordedBoundary

  beforeAll(async () => {
    boundary = await startRecordedBoundary({}, await program())
    const first = await running(boundary, KINDS[0])
    first.stream.leave()
  })
  afterAll(() => boundary.stop())

  test.each(KINDS.flatMap(kind => [1, 100, 100_000, MUCH].map(bytes => ({ ...kind, bytes }))))(
    'arrives, $bytes bytes at once $name',
    async ({ bytes, ...kind }) => {
      const { stream, target } = begin(boundary, kind, `${POD}/exec?bytes=${bytes + LAST.length}`)
      await until('the end', () => stream.isOver())
      const recorded = recordedOf(target)
      expect([recorded.length, recorded.endsWith(LAST)]).toEqual([bytes + LAST.length, true])
      expect(toBody(stream) === recorded).toBe(true)
    },
  )

  test.each(KINDS)('arrives $name though the client reads only when it has long been over', async kind => {
    const { stream, target } = begin(boundary, kind, `${POD}/exec?bytes=${MUCH}`)
    await until('it to begin', () => /^HTTP\/1\.1 101/.test(stream.text()))
    stream.pause()
    let [before, same] = [-1, 0]
    await until('nothing more to go on', () => {
      const { length } = recordedOf(target)
      same = length === before && length > 0 ? same + 1 : 0
      before = length
      return same >= 20
    })
    stream.resume()
    await until('the end', () => stream.isOver())
    const recorded = recordedOf(target)
    expect([recorded.length, toBody(stream) === recorded]).toEqual([MUCH, true])
  })

  test('is each its own, of fifty sessions at once', async () => {
    const begun = Array.from({ length: 50 }, (_, at) => {
      const kind = KINDS[at % 2 === 0 ? 0 : 1]
      return begin(boundary, kind, `${POD}/exec?bytes=${20_000 + at}`)
    })
    await until('all ends', () => begun.every(({ stream }) => stream.isOver()))
    const said = begun.map(({ stream }) => toBody(stream).length)
    expect(begun.map(({ target }) => recordedOf(target).length)).toEqual(said)
    expect(said).toEqual(begun.map((_, at) => 20_000 + at))
  })

  function recordedOf(target: string): string {
    const { id } = boundary.script.check(target)
    return bytesOf(boundary.sink.of(id), 'output').toString('latin1')
  }
})
