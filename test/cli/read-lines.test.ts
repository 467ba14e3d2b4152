import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readLines } from '../../src/cli/explain/read-lines.ts'

async function* pieces(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function all(lines: AsyncIterable<string>): Promise<readonly string[]> {
  const found: string[] = []
  for await (const line of lines) found.push(line)
  return found
}

describe('readLines', () => {
  test('gives the same lines however the bytes arrive', async () => {
    const line = fc.string({ unit: 'grapheme' }).filter(text => !/[\n\r]/.test(text))
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1 }), fc.integer({ min: 1, max: 9 }), async (lines, size) => {
        const input = pieces(Buffer.from(`${lines.join('\n')}\n`), size)
        expect(await all(readLines(input))).toEqual(lines)
      }),
    )
  })

  test('a last line needs no end, and CR LF is one end', async () => {
    const input = pieces(Buffer.from('a\r\nb'), 2)
    expect(await all(readLines(input))).toEqual(['a', 'b'])
  })
})
