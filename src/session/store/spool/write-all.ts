import { writevSync } from 'node:fs'

/** What puts bytes behind what is there, as `writev` does, and says how many it took. */
export type Write = (parts: readonly Uint8Array[]) => number

export function toFile(descriptor: number): Write {
  return parts => writevSync(descriptor, parts)
}

/** All of it. */
export function writeAll(write: Write, parts: readonly Uint8Array[]): void {
  for (let left = parts; left.length > 0; ) {
    const written = write(left)
    if (written === 0) throw new Error('nothing more is taken')
    left = behind(left, written)
  }
}

function behind(parts: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let skip = bytes
  return parts.flatMap(part => {
    const rest = part.subarray(skip)
    skip = Math.max(0, skip - part.length)
    return rest.length === 0 ? [] : [rest]
  })
}
