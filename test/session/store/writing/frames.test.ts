import { describe, expect, test } from 'vitest'
import { newDataKey } from '../../../../src/session/store/keys/session-keys.ts'
import { readFrames, toFrame, toLastFrame } from '../../../../src/session/store/spool/frames.ts'
import { findSlow } from '../../../fuzz/linear.ts'

const SEGMENT_BYTES = 256 * 1024
const place = { key: newDataKey(), auditId: 'a-1', n: 0 }

/** A frame for each character: as small as they get. */
function segment(text: string): Buffer {
  const frames = [...text].map((character, at) => toFrame(place, at, Buffer.from(character)))
  return Buffer.concat([...frames, toLastFrame(place, frames.length)].flat())
}

describe('the frames of a segment', () => {
  test('are read up to the first that is not whole', () => {
    const whole = segment('abc')
    expect(readFrames(place, whole)).toMatchObject({ bytes: Buffer.from('abc'), count: 3, isClosed: true })
    expect(readFrames(place, whole)).toMatchObject({ length: whole.length })
    expect(readFrames(place, whole.subarray(0, -1))).toMatchObject({ bytes: Buffer.from('abc'), isClosed: false })
    const two = segment('ab').length - segment('').length
    expect(readFrames(place, whole.subarray(0, two + 5))).toMatchObject({ bytes: Buffer.from('ab'), length: two })
  })

  test('are read in time that grows with them and no faster', async () => {
    const segments = new Map<string, Buffer>()
    const count = Math.floor(SEGMENT_BYTES / segment('').length)
    for (const length of [count, count >> 2, count >> 4]) segments.set('x'.repeat(length), segment('x'.repeat(length)))
    const work = (text: string) => readFrames(place, segments.get(text) ?? Buffer.alloc(0))
    expect(await findSlow(work, [{ name: 'small frames', text: length => 'x'.repeat(length) }], count, 500)).toEqual([])
  }, 60_000)
})
