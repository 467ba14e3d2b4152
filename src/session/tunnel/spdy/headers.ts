import { constants, inflateSync } from 'node:zlib'
import { DICTIONARY } from './dictionary.ts'

/** Of one direction and all its header blocks: five streams need a few hundred bytes. */
const MAX_COMPRESSED = 16 * 1024
const MAX_INFLATED = 64 * 1024
const MAX_BLOCKS = 32

/** As HTTP/2 has them: one name is one header. */
const NAME = /^:?[a-z0-9-]{1,64}$/

export type Headers = ReadonlyMap<string, string>

/** The header blocks of one direction: one zlib stream that ends with the connection, so what a block says depends on those before it. */
export class HeaderBlocks {
  /** The whole stream, which is inflated anew for each of the few blocks: that needs no state of zlib's between calls. */
  #compressed: Uint8Array = new Uint8Array()
  #inflated = 0
  #blocks = 0

  /** Null: it is none, or it is not one alone. */
  read(block: Uint8Array): Headers | null {
    this.#compressed = Buffer.concat([this.#compressed, block])
    this.#blocks += 1
    if (this.#compressed.length > MAX_COMPRESSED || this.#blocks > MAX_BLOCKS) return null
    const inflated = inflate(this.#compressed)
    if (inflated === null) return null
    const plain = inflated.subarray(this.#inflated)
    this.#inflated = inflated.length
    return parseHeaders(plain)
  }
}

/** With `info`, zlib's wrapper answers with more than its types say. */
interface Inflated {
  readonly buffer: Buffer
  readonly engine: { readonly bytesWritten: number }
}

function inflate(compressed: Uint8Array): Buffer | null {
  const options = {
    dictionary: DICTIONARY,
    maxOutputLength: MAX_INFLATED,
    finishFlush: constants.Z_SYNC_FLUSH,
    info: true,
  }
  try {
    const { buffer, engine } = inflateSync(compressed, options) as unknown as Inflated
    // Bytes behind the end of the stream are left where they are.
    return engine.bytesWritten === compressed.length ? buffer : null
  } catch {
    return null
  }
}

function parseHeaders(block: Buffer): Headers | null {
  const headers = new Map<string, string>()
  const count = uint32(block, 0)
  let at = 4
  for (let read = 0; read < count; read += 1) {
    const name = textAt(block, at)
    const value = name === null ? null : textAt(block, name.end)
    if (name === null || value === null || headers.has(name.text) || !NAME.test(name.text)) return null
    headers.set(name.text, value.text)
    at = value.end
  }
  return at === block.length ? headers : null
}

function textAt(block: Buffer, at: number): { readonly text: string; readonly end: number } | null {
  const end = at + 4 + uint32(block, at)
  return end > block.length ? null : { text: block.toString('latin1', at + 4, end), end }
}

/** Beyond any block, where it is not there. */
function uint32(block: Buffer, at: number): number {
  return at + 4 > block.length ? 0x1_0000_0000 : block.readUInt32BE(at)
}
