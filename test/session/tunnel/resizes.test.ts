import { describe, expect, test } from 'vitest'
import { Resizes } from '../../../src/session/tunnel/resizes.ts'
import { findSlow } from '../../fuzz/linear.ts'

const PIECE_BYTES = 16 * 1024

/** What is put on record of these frames, and why they could not be read. */
function read(...frames: readonly string[]) {
  const [resizes, sizes] = [new Resizes(), [] as string[]]
  let why: string | null = null
  for (const text of frames) why ??= resizes.read(Buffer.from(text), (_, bytes) => void sizes.push(String(bytes)))
  return { sizes, isUnreadable: why !== null }
}

const readable = (...sizes: readonly string[]) => ({ sizes, isUnreadable: false })

describe('window sizes', () => {
  test.each([
    ['{"Width":80,"Height":24}\n'],
    ['{"Height":24,"Width":80}'],
    ['{"height":24,"width":80}'],
    ['{"Height": 24, "Width": 80}'],
    ['{"WIDTH":80,"Height":24,"Pixels":"8x16"}'],
    ['\n{\n  "Width": 80,\n  "Height": 24\n}\n\n'],
  ])('are read as the API server reads them: %j', text => {
    expect(read(text)).toEqual(readable(text.trim()))
    expect(read(...text)).toEqual(readable(text.trim()))
  })

  test('may come several in a frame', () => {
    const [one, other] = ['{"Width":81,"Height":25}', '{"Width":80,"Height":24}']
    expect(read(`${one}\n${other}\n`, one)).toEqual(readable(one, other, one))
  })

  test.each([['{"Width":0,"Height":0}'], ['{"Width":80,"Height":0}'], ['{"Width":null,"Height":null}']])(
    'that say none are passed over, as runtimes do: %s',
    text => {
      const size = '{"Width":80,"Height":24}'
      expect(read(text, size, text)).toEqual(readable(size))
    },
  )

  test('that say the same again are on record once', () => {
    expect(read('{"Width":80,"Height":24}'.repeat(500), '{"height":24,"width":80}').sizes).toHaveLength(1)
  })

  test.each([
    ['{}'],
    ['{"Width":80}'],
    ['{"Width":80,"width":90,"Height":24}'],
    ['{"Width":"80","Height":"24"}'],
    ['{"Width":80.5,"Height":24}'],
    ['{"Width":65536,"Height":24}'],
    ['{"Width":-1,"Height":24}'],
    ['{"Width":80,"Height":24,"More":{"a":1}}'],
    ['[80,24]'],
    ['80x24'],
    [`{"Width":80,"Height":24,"More":"${'x'.repeat(128)}"}`],
    [`{"Width":80,"Height":24${' '.repeat(128)}`],
  ])('cannot be read where they are none: %s', text => {
    expect(read(text)).toEqual({ sizes: [], isUnreadable: true })
  })

  test('are on record in no more bytes than they came in', () => {
    const text = '{"width":1,"height":1}{"width":2,"height":1}'.repeat(300)
    const { sizes } = read(text)
    expect(sizes).toHaveLength(600)
    expect(sizes.join('')).toBe(text)
    for (const none of ['{}', '{ }', '\n']) expect(read(none.repeat(5000)).sizes).toEqual([])
  })

  test.each([
    ['braces in a text', `{"":"${'}'.repeat(1010)}"}`],
    ['nothing', '{}'],
    ['lines', '\n'],
    ['one that does not end', `{"":"${'x'.repeat(100)}`],
    ['one size', '{"width":1,"height":1}'],
    ['two sizes', '{"width":1,"height":1}{"width":2,"height":1}'],
  ])('cost little, whatever is said: %s', async (name, part) => {
    const work = (text: string) => read(text)
    const shape = { name, text: (length: number) => part.repeat(Math.ceil(length / part.length)).slice(0, length) }
    expect(await findSlow(work, [shape], PIECE_BYTES, 60)).toEqual([])
  })
})
