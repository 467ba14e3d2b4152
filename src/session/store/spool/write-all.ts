import type { FileHandle } from 'node:fs/promises'

export type Writable = Pick<FileHandle, 'writev'>

/** All of it, behind what is there. `appendFile` does the same by more turns, for each piece of a session (docs/sessions.md). */
export async function writeAll(file: Writable, parts: readonly Uint8Array[]): Promise<void> {
  for (let left = parts; left.length > 0; ) {
    const { bytesWritten } = await file.writev(left)
    if (bytesWritten === 0) throw new Error('nothing more is taken')
    left = behind(left, bytesWritten)
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
