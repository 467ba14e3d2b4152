import type { OpenDecoder } from '../../src/session/tunnel/decoder.ts'

/** What no protocol has in these tests. */
export const UNREADABLE = Buffer.from('\0unreadable\0')

/** How an API server says how it ended. */
export const STATUS = Buffer.from('\0status\0')

/** Stands for a decoder: the tunnel's own bytes are the events. */
export const openRaw: OpenDecoder = ({ protocol }) => ({
  push: (from, bytes, atMs) => {
    const kind = from === 'client' ? 'input' : Buffer.from(bytes).includes(STATUS) ? 'status' : 'output'
    const event = { atMs, kind, bytes } as const
    const isReadable = protocol !== 'unknown' && !Buffer.from(bytes).includes(UNREADABLE)
    return isReadable ? [event] : { kind: 'unreadable', why: 'as asked', events: [] }
  },
  end: () => [],
})
