import { describe, expect, test } from 'vitest'
import { typedCommands } from '../../../src/session/reading/typed-commands.ts'
import { eventsOf, streamOf } from '../a-recording.ts'

type Step = readonly ['types' | 'shows', string]

const commandsOf = (steps: readonly Step[]) =>
  typedCommands(streamOf(eventsOf(steps.map(([who, text], at) => [at, who === 'types' ? 'input' : 'output', text]))))

const echoed = (text: string): readonly Step[] =>
  [...text].flatMap(
    key =>
      [
        ['types', key],
        ['shows', key],
      ] as const,
  )
const ENTER: readonly Step[] = [
  ['types', '\r'],
  ['shows', '\r\n'],
]

describe('typedCommands', () => {
  test('finds what was typed at prompts, and when it was sent off', async () => {
    const steps: readonly Step[] = [
      ['shows', 'root@pod:/# '],
      ...echoed('ls'),
      ...ENTER,
      ['shows', 'file\r\n# '],
      ...echoed('id'),
      ...ENTER,
    ]
    expect(await commandsOf(steps)).toEqual([
      { atMs: 5, command: 'ls', known: 'echo', exitCode: null },
      { atMs: 12, command: 'id', known: 'echo', exitCode: null },
    ])
  })

  test.each<{ name: string; steps: readonly Step[]; want: string }>([
    {
      name: 'what was corrected',
      steps: [...echoed('lx'), ['types', '\x7f'], ['shows', '\b\x1b[K'], ...echoed('s')],
      want: 'ls',
    },
    { name: 'what was completed', steps: [...echoed('ls /e'), ['types', '\t'], ['shows', 'tc/']], want: 'ls /etc/' },
    {
      name: 'what came from the history',
      steps: [
        ['types', '\x1b[A'],
        ['shows', 'rm -rf data'],
      ],
      want: 'rm -rf data',
    },
    {
      name: 'what was put in before',
      steps: [...echoed('id'), ['types', '\x01'], ['shows', '\b\b'], ['types', 'x'], ['shows', '\x1b[1@x']],
      want: 'xid',
    },
    {
      name: 'what was pasted',
      steps: [
        ['types', 'ls -l'],
        ['shows', 'ls -l'],
      ],
      want: 'ls -l',
    },
    {
      name: 'what is coloured',
      steps: [
        ['types', 'ls'],
        ['shows', '\x1b[32ml\x1b[1ms\x1b[0m'],
      ],
      want: 'ls',
    },
  ])('finds $name', async ({ steps, want }) => {
    expect(
      (await commandsOf([['shows', '\x1b[1m$\x1b[0m '], ...steps, ...ENTER])).map(({ command }) => command),
    ).toEqual([want])
  })

  test.each<{ name: string; steps: readonly Step[] }>([
    { name: 'answers to a question', steps: [['shows', 'Continue? [y/N] '], ...echoed('y'), ...ENTER] },
    {
      name: 'a password',
      steps: [
        ['shows', 'Password: '],
        ['types', 'hunter2'],
        ['types', '\r'],
        ['shows', '\r\n'],
      ],
    },
    { name: 'an empty line', steps: [['shows', '$ '], ...ENTER] },
    {
      name: 'a line that was given up',
      steps: [['shows', '$ '], ...echoed('rm'), ['types', '\x03'], ['shows', '^C\r\n$ ']],
    },
    {
      name: 'a line in an editor',
      steps: [['shows', '\x1b[?1049h$ '], ...echoed('rm'), ...ENTER, ['shows', '\x1b[?1049l']],
    },
    { name: 'output that looks like a prompt', steps: [['shows', '$ ls\r\nfile\r\n']] },
  ])('takes $name for no command', async ({ steps }) => {
    expect(await commandsOf(steps)).toEqual([])
  })

  test('finds what does not fit in one row of the window', async () => {
    const events = eventsOf([
      [0, 'resize', '{"Width":10,"Height":4}'],
      [1, 'output', '$ '],
      [2, 'input', 'echo abcdefgh'],
      // As readline goes to the next row: by a space that it writes over.
      [3, 'output', 'echo abc \rdefgh'],
      [4, 'input', '\x01X\r'],
      [5, 'output', '\x1b[A\r\x1b[2C\x1b[1@X\r\n'],
    ])
    expect(await typedCommands(streamOf(events))).toMatchObject([{ command: 'Xecho abcdefgh' }])
  })

  test('finds the command behind a password that no line end was written behind', async () => {
    const secret: readonly Step[] = [...[...'hunter2\r'].map((key): Step => ['types', key]), ['shows', '$ ']]
    const steps: readonly Step[] = [['shows', 'Password: '], ...secret, ...echoed('ls'), ...ENTER]
    // The question stands before the prompt in the same line: all of it is the prompt.
    expect((await commandsOf(steps)).map(({ command }) => command)).toEqual(['ls'])
  })

  test('believes the marks of a shell, with exit codes, and guesses no more', async () => {
    const mark = (what: string) => `\x1b]133;${what}\x07`
    const steps: readonly Step[] = [
      ['shows', `${mark('A')}> ${mark('B')}`],
      ...echoed('false'),
      ['types', '\r'],
      ['shows', `\r\n${mark('C')}${mark('D;1')}${mark('A')}> ${mark('B')}`],
      ...echoed('cat $'),
      ['types', '\r'],
      ['shows', `\r\n${mark('C')}$ `],
      ...echoed('not a command'),
      ...ENTER,
    ]
    const commands = await commandsOf(steps)
    expect(commands.map(({ command, known, exitCode }) => [command, known, exitCode])).toEqual([
      ['false', 'marks', 1],
      ['cat $', 'marks', null],
    ])
  })
})
