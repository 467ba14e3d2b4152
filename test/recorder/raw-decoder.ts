import type { OpenDecoder } from '../../src/session/tunnel/decoder.ts'

/** What no protocol has in these tests. */
export const UNREADABLE = Buffer.from('\0unreadable\0')

/** How an API server says how it ended. */
export const STATUS = Buffer.from('\0status\0')

/** To what ends with it the client gets `ADDED`, before its last byte. */
export const WITH_MORE = Buffer.from('\0more\0')
export const ADDED = Buffer.from('added')

/** Stands for a decoder: the tunnel's own bytes are the events. */
export const openRaw: OpenDecoder = ({ protocol }) => {
  let last: Uint8Array = new Uint8Array()
  return {
    push: (from, bytes, atMs) => {
      last = bytes
      const kind = from === 'client' ? 'input' : Buffer.from(bytes).includes(STATUS) ? 'status' : 'output'
      const event = { atMs, kind, bytes } as const
      const isReadable = protocol !== 'unknown' && !Buffer.from(bytes).includes(UNREADABLE)
      return isReadable ? [event] : { kind: 'unreadable', why: 'as asked', events: [] }
    },
    addition: () => (Buffer.from(last).includes(WITH_MORE) ? { at: last.length - 1, bytes: ADDED } : null),
    end: () => [],
  }
}
