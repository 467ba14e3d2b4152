import { createReadStream } from 'node:fs'

export interface LinesEnd {
  /** What is behind the last line break. */
  readonly rest: string
  /** Bytes of the whole lines, from the start on. */
  readonly length: number
}

/** Lines of a file that grows, as far as they are whole, from this byte on. A day of a busy tap is longer than a string may be. */
export async function* linesOf(file: string, start = 0): AsyncGenerator<string, LinesEnd> {
  const stream = createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 20, start })
  let rest = ''
  for await (const chunk of stream) {
    const lines = (rest + String(chunk)).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  return { rest, length: stream.bytesRead - Buffer.byteLength(rest) }
}
