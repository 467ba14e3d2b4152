import { describe, expect, test } from 'vitest'
import { SkimmedCommands } from '../../../../src/session/reading/skimmed-commands.ts'
import { toBytes } from '../../../../src/session/store/event-bytes.ts'
import { CommandRows } from '../../../../src/session/store/shipping/command-rows.ts'
import { eventsOf } from '../../a-recording.ts'
import { aHead } from '../a-store.ts'

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

const PS1 = 'root@web:/# '
const lines = (typed: readonly (readonly [prompt: string, text: string])[]) =>
  chunkOf(
    typed.flatMap(([prompt, text], at) => [
      [at, 'output', prompt] as const,
      [at, 'input', text] as const,
      [at, 'output', text] as const,
      [at, 'input', '\r'] as const,
      [at, 'output', '\r\n'] as const,
    ]),
  )
const rowsOf = async (typed: Parameters<typeof lines>[0]) =>
  commandsIn(await new CommandRows(aHead()).of(0, lines(typed)))

describe('the rest of a command, which by itself would not be masked', () => {
  const SECRET = 'hunter2'
  const [b, c, d] = ['B', 'C', 'D;0'].map(mark => `\x1b]133;${mark}\x07`)
  test.each<{ name: string; first: string; prompt: string; rest: readonly string[] }>([
    { name: 'a backslash', first: 'mysql -u root \\', prompt: '> ', rest: [`-p${SECRET} shop`] },
    { name: 'several of them', first: 'mysql \\', prompt: '> ', rest: ['-u root \\', `-p${SECRET} shop`] },
    { name: 'a backslash, a prompt of its own', first: 'mysql -u root \\', prompt: 'more$ ', rest: [`-p${SECRET}`] },
    { name: 'a quote', first: 'curl -H "Authorization: Basic', prompt: 'more$ ', rest: [`${SECRET}" https://x`] },
    { name: "a quote with the other one's in it", first: `echo 'a"`, prompt: '%% ', rest: [`${SECRET}'`] },
    { name: 'a here-document', first: 'cat > my.cnf <<EOF', prompt: '... > ', rest: ['[client]', SECRET, 'EOF'] },
    { name: 'an array', first: 'passwords=(', prompt: '+$ ', rest: [SECRET, ')'] },
    { name: 'nothing but the prompt', first: 'create user a identified by', prompt: '> ', rest: [SECRET] },
    { name: 'the prompt of zsh', first: 'echo', prompt: 'cmdsubst dquote> ', rest: [SECRET] },
    { name: 'the prompt of mysql', first: 'create user a identified by', prompt: '    -> ', rest: [`'${SECRET}';`] },
    { name: 'the prompt of psql', first: 'alter user a password', prompt: 'shop-# ', rest: [`'${SECRET}';`] },
    { name: 'a backslash, with marks', first: `${b}mysql \\`, prompt: `more: ${b}`, rest: [`-p${SECRET}`] },
  ])('has no row with it: behind $name', async ({ first, prompt, rest }) => {
    const rows = await rowsOf([
      [PS1, first],
      ...rest.map(text => [prompt, text] as const),
      [first.startsWith('\x1b') ? `${c}${d}${PS1}${b}` : PS1, 'ls -l'],
    ])
    expect(JSON.stringify(rows)).not.toContain(SECRET)
    expect(rows).toHaveLength(3)
    expect(rows[1]).toContain('[continued')
    expect(rows[2]).toBe('ls -l')
  })

  test('is none where the command before was whole', async () => {
    const whole = ["echo 'a' \"b\" \\'", "# it is not's", 'cat <<< x', 'echo $(id)', 'case a in a) id;; esac', 'ls #(']
    expect(await rowsOf(whole.map((text, at) => [`${at}$ `, text]))).toEqual(whole)
  })

  test('is none where the command before was given up', async () => {
    const given = new CommandRows(aHead())
    await given.of(0, lines([['1$ ', "echo 'a"]]))
    await given.of(
      1,
      chunkOf([
        [5, 'input', '\x03'],
        [5, 'output', '^C\r\n'],
      ]),
    )
    expect(commandsIn(await given.of(2, lines([['2$ ', 'ls']])))).toEqual(['ls'])
  })
})
