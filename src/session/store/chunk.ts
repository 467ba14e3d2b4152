import { hash } from 'node:crypto'
import { promisify } from 'node:util'
import { constants, zstdCompressSync, zstdDecompress } from 'node:zlib'
import type { ChunkKind } from '../../record/sessions/session-rows.ts'
import { contextOf, seal, unseal } from './seal.ts'

/** Past this it is not one of our chunks: nothing that is read of the record may fill the memory. */
const MOST_BYTES = 64 * 2 ** 20

const STORED = 0
const ZSTD = 1
/** How it is packed, and how long it is then. */
const HEADER_BYTES = 1 + 4

const compress = zstdCompressSync
const decompress = promisify(zstdDecompress)

export interface ChunkPlace {
  readonly auditId: string
  readonly kind: ChunkKind
  readonly n: number
}

/**
 * Compressed and then sealed: what is sealed does not compress. Its length tells how well it did, which is of use to nobody who does not
 * know the text already: each chunk is compressed by itself, one session's text and no other's, and who chose one part of it was shown
 * the rest.
 */
export function toChunk(key: Uint8Array, place: ChunkPlace, plain: Buffer): Buffer {
  const packed = compress(plain, { params: { [constants.ZSTD_c_compressionLevel]: 1 } })
  const isSmaller = packed.length < plain.length
  const header = Buffer.alloc(HEADER_BYTES, isSmaller ? ZSTD : STORED)
  header.writeUInt32BE(plain.length, 1)
  return seal(key, contextOf(place), Buffer.concat([header, isSmaller ? packed : plain]))
}

/** What a chunk holds, not unpacked yet. */
export interface OpenedChunk {
  readonly bytes: number
  /** Null when it is not what its header says, or too much. */
  unpack(): Promise<Buffer | null>
}

/** Null for what is no chunk of this place. */
export function openChunk(key: Uint8Array, place: ChunkPlace, sealed: Uint8Array): OpenedChunk | null {
  const text = unseal(key, contextOf(place), sealed)
  if (text === null || text.length < HEADER_BYTES) return null
  const bytes = text.readUInt32BE(1)
  const packed = text.subarray(HEADER_BYTES)
  return {
    bytes,
    unpack: async () => {
      if (bytes > MOST_BYTES) return null
      const plain = text[0] === ZSTD ? await decompress(packed, { maxOutputLength: bytes }).catch(() => null) : packed
      return plain?.length === bytes ? plain : null
    },
  }
}

/** What is signed for of a session: a hash over its chunks as they are kept, each in its place. */
export function firstHash(auditId: string): string {
  return hash('sha256', contextOf({ auditId, kind: 'events', n: 0 }), 'base64url')
}

export function nextHash(before: string, sealed: Uint8Array): string {
  return hash('sha256', `${before} ${hash('sha256', sealed, 'base64url')}`, 'base64url')
}
