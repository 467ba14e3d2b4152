import { describe, expect, test } from 'vitest'
import { SkimmedCommands } from '../../../src/session/reading/skimmed-commands.ts'
import type { SessionEvent } from '../../../src/session/recording/session-event.ts'

let atMs = 0
const event = (kind: SessionEvent['kind'], bytes: string | Buffer): SessionEvent => ({
  atMs: ++atMs,
  kind,
  bytes: Buffer.from(bytes),
})
const typed = (line: string): readonly SessionEvent[] => [
  ...[...line].flatMap(key => [event('input', key), event('output', key)]),
  event('input', '\r'),
  event('output', '\r\n'),
]

function found(events: readonly SessionEvent[]) {
  const skimmed = new SkimmedCommands(() => 0)
  for (const each of events) skimmed.read(each)
  return skimmed.take().map(({ command, exitCode }) => [command, exitCode])
}

describe('SkimmedCommands', () => {
  test('finds what stands before and behind endless output', () => {
    const endless = Array.from({ length: 64 }, () => event('output', Buffer.alloc(1 << 20, 'y\r\n')))
    const events = [
      event('output', '$ '),
      ...typed('yes'),
      ...endless,
      event('output', '\r\n$ '),
      ...typed('id'),
      event('output', '$ '),
    ]
    expect(found(events)).toEqual([
      ['yes', null],
      ['id', null],
    ])
  })

  test('hears the exit code of a command behind its output', () => {
    const [a, b, c, d] = ['A', 'B', 'C', 'D;3'].map(mark => `\x1b]133;${mark}\x07`)
    const events = [
      event('output', `${a}$ ${b}`),
      ...typed('false'),
      event('output', `${c}${'x'.repeat(100_000)}\r\n${d}${a}$ ${b}`),
      ...typed('id'),
      event('output', `${c}`),
    ]
    expect(found(events)).toEqual([
      ['false', 3],
      ['id', null],
    ])
  })

  test('gives up on a session that types and shows without end', () => {
    const line = [event('output', '$ '), ...typed('ls'), event('output', `${'x'.repeat(20_000)}\r\n`)]
    const commands = found(Array.from({ length: 2000 }, () => line).flat())
    expect(commands.length).toBeGreaterThan(100)
    expect(commands.length).toBeLessThanOrEqual(500)
  })

  test('gives up on a session that takes long to read, and says so', () => {
    let nowMs = 0
    // Each look at the clock finds a millisecond gone.
    const skimmed = new SkimmedCommands(() => nowMs++)
    const events = Array.from({ length: 100 }, () => [event('output', '$ '), ...typed('ls')]).flat()
    let read = 0
    for (const each of events) {
      if (skimmed.isOver) break
      skimmed.read(each)
      read += 1
    }
    expect(read).toBeGreaterThan(20)
    expect(read).toBeLessThan(events.length)
    expect(skimmed.take()).not.toEqual([])
    for (const each of events) skimmed.read(each)
    expect(skimmed.take()).toEqual([])
  })

  test('keeps no command that was taken, and little of a session whose commands are long', () => {
    const line = [event('output', '$ '), ...typed(`ls ${'x'.repeat(4000)}`)]
    const skimmed = new SkimmedCommands(() => 0)
    const taken = Array.from({ length: 200 }, () => {
      for (const each of line) skimmed.read(each)
      return skimmed.take()
    })
    expect(taken.filter(({ length }) => length > 1)).toEqual([])
    const characters = taken.flat().reduce((sum, { command }) => sum + command.length, 0)
    expect(characters).toBeGreaterThan(100_000)
    expect(characters).toBeLessThan(200_000)
  })
})
