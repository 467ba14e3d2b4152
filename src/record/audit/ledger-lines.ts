import { createReadStream } from 'node:fs'

/** Lines of a file that grows, as far as they are whole; `rest` is what is behind the last line break. */
export async function* linesOf(file: string): AsyncGenerator<string, { readonly rest: string }> {
  let rest = ''
  for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
    const lines = (rest + String(chunk)).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  return { rest }
}
