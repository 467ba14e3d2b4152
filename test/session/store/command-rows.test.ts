import { expect, test } from 'vitest'
import { SkimmedCommands } from '../../../src/session/reading/skimmed-commands.ts'
import { toBytes } from '../../../src/session/store/event-bytes.ts'
import { CommandRows } from '../../../src/session/store/shipping/command-rows.ts'
import { eventsOf } from '../a-recording.ts'
import { aHead } from './a-store.ts'

const chunkOf = (lines: Parameters<typeof eventsOf>[0]) => async () => toBytes(eventsOf(lines))
const command = (text: string, atMs = 0) =>
  chunkOf([
    [atMs, 'output', 'root@web:/# '],
    [atMs, 'input', text],
    [atMs, 'output', text],
    [atMs, 'input', '\r'],
    [atMs, 'output', '\r\n'],
  ])
const commandsIn = (rows: Awaited<ReturnType<CommandRows['of']>>) => rows.map(({ values }) => values['command'])

test('a session that takes long to read has one row that says that nobody looked on', async () => {
  let nowMs = 0
  const slow = () => (nowMs += 40)
  const rows = new CommandRows(aHead(), new SkimmedCommands(slow))
  expect(commandsIn(await rows.of(0, command('id')))).toEqual(['id'])
  const over = await rows.of(1, command('ls', 7))
  expect(over).toMatchObject([{ values: { at_ms: 7, known: 'not looked at', programs: [] } }])
  expect(commandsIn(over)).toEqual([expect.stringContaining('not looked at')])
  expect(await rows.of(2, command('ls'))).toEqual([])
})

test('others have their turn while a chunk is read', async () => {
  const chunk = Array.from({ length: 60 }, (): Parameters<typeof eventsOf>[0] => [
    [0, 'input', 'x'],
    [0, 'output', '\x1b]133;B\x07\x1b]133;C\x07'.repeat(280)],
  ]).flat()
  let turns = 0
  let isRead = false
  const turn = () => {
    turns += 1
    if (!isRead) setImmediate(turn)
  }
  setImmediate(turn)
  // One that is asked for is there at once.
  const bytes = toBytes(eventsOf(chunk))
  await new CommandRows(aHead()).of(0, async () => bytes)
  isRead = true
  expect(turns).toBeGreaterThan(0)
})
