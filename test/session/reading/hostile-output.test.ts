import { describe, expect, test } from 'vitest'
import { searchSession } from '../../../src/session/reading/search-session.ts'
import { SkimmedCommands } from '../../../src/session/reading/skimmed-commands.ts'
import { typedCommands } from '../../../src/session/reading/typed-commands.ts'
import type { SessionEvent } from '../../../src/session/recording/session-event.ts'
import { findSlow } from '../../fuzz/linear.ts'
import type { Shape } from '../../fuzz/shapes.ts'
import { streamOf } from '../a-recording.ts'

/** What a chunk may hold. */
const LENGTH = 256 * 1024
const WITHIN_MS = 300_000

const [A, B, C, D] = ['A', 'B', 'C', 'D;1'].map(mark => `\x1b]133;${mark}\x07`)
const LONG_LINE = 'x'.repeat(4090)
/** Short to show, and long to do. */
const PIECES: readonly string[] = [
  ...[`${B}${C}`, `${A}${B}x${C}${D}`, `${B}\r\x1b[9999Gx${C}`, `${B}${C}\x1b[2K\r\x1b[512C\x1b[512C\x1b[512Cx`],
  ...['\x1b[512@', '\x1b[@', '\x1b[512P', '\r\x1b[@', '\r\x1b[P', '\x1b[512@\x1b[512P', '\r\x1b[512@\x1b[4096P'],
  ...['\x1b[1K', '\x1b[4096G\x1b[1K', '\x1b[2K\x1b[4096Gx', '\x1b[512C\x1b[512C\x1b[512C\x1b[512Cx\n', '\x1b[K'],
  ...['\x1b[512Cx\r', '\x1b[512D', '\x1b[512A', '\x1b[999999999', '\x1b]', '\x1b]133;', '\x1b]133;C;;;;;;;;', '\x1b\\'],
  ...['\rx\ry', '\b \b', '\t', '$ ', '> ', '\x1b[?1049h\x1b[?1049l'],
]

const again = (piece: string, length: number) => piece.repeat(Math.ceil(length / piece.length)).slice(0, length)
const SHAPES: readonly Shape[] = PIECES.map(piece => ({
  name: JSON.stringify(piece),
  text: length => LONG_LINE + again(piece, length),
}))

/** Between keys, so that nothing of it is skipped. */
function sessionOf(text: string, keys: readonly string[], piece: number): readonly SessionEvent[] {
  const events: SessionEvent[] = []
  for (let at = 0; at < text.length; at += piece) {
    const key = keys[(at / piece) % keys.length] ?? ''
    events.push({ atMs: at, kind: 'input', bytes: Buffer.from(key) })
    events.push({ atMs: at, kind: 'output', bytes: Buffer.from(text.slice(at, at + piece)) })
  }
  return events
}

const READERS: Readonly<Record<string, (events: readonly SessionEvent[]) => unknown>> = {
  typedCommands: events => typedCommands(streamOf(events)),
  SkimmedCommands: events => {
    const skimmed = new SkimmedCommands()
    for (const event of events) skimmed.read(event)
  },
  searchSession: async events => {
    for await (const _ of searchSession(streamOf(events), 'no such text'));
  },
}

describe('what a session shows', () => {
  test.each([
    { reader: 'typedCommands', piece: 4096, keys: ['x'] },
    { reader: 'typedCommands', piece: 16, keys: ['x', '\r'] },
    { reader: 'SkimmedCommands', piece: 4096, keys: ['\r'] },
    { reader: 'searchSession', piece: 4096, keys: ['x'] },
  ])(
    'takes time that grows with it and no faster: $reader, a key each $piece characters',
    async ({ reader, piece, keys }) => {
      const work = (text: string) => READERS[reader]?.(sessionOf(text, keys, piece))
      expect(await findSlow(work, SHAPES, LENGTH, 500)).toEqual([])
    },
    WITHIN_MS,
  )
})
