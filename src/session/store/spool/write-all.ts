import type { FileHandle } from 'node:fs/promises'

export type Writable = Pick<FileHandle, 'write'>

/** All of it, behind what is there. `appendFile` does the same by more turns, for each piece of a session (docs/sessions.md). */
export async function writeAll(file: Writable, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at)
    if (bytesWritten === 0) throw new Error('nothing more is taken')
    at += bytesWritten
  }
}
