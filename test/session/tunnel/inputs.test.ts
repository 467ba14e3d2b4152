import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SessionEvent } from '../../../src/session/recording/session-event.ts'
import { openDecoder } from '../../../src/session/tunnel/decoder.ts'
import { echoed, hidden, kept, play, type Step } from './a-terminal.ts'
import { frame, onChannel, typed } from './wire.ts'

describe('standard input', () => {
  const session: readonly Step[] = [
    ...echoed('sudo -i\r'),
    ['shows', 'Password: '],
    ['types', 'hunter2\r'],
    ['shows', '\r\n# '],
  ]

  test('is kept, where nothing else is said', () => {
    expect(kept(play(session, undefined)).join('')).toBe('sudo -i\rhunter2\r')
  })

  test('is left out but for how much there was', () => {
    const lines = play(session, 'left-out')
    expect([kept(lines), hidden(lines)]).toEqual([[], 'sudo -i\rhunter2\r'.length])
  })

  test('is masked while the terminal does not echo, and not a moment longer', () => {
    const lines = play([...session, ...echoed('id\r')], 'masked')
    expect(kept(lines).join('')).toBe('sudo -i\rid\r')
    expect(hidden(lines)).toBe('hunter2\r'.length)
  })

  test.each<{ name: string; steps: readonly Step[] }>([
    {
      name: 'sudo, key by key',
      steps: [...'hunter2\r'].map((key): Step => ['types', key]).concat([['shows', '\r\n']]),
    },
    {
      name: 'read -s, with no line end behind it',
      steps: [
        ['types', 'hunter2\r'],
        ['shows', 'root@pod:/# '],
      ],
    },
    {
      name: 'sudo with stars',
      steps: [
        ['types', 'h'],
        ['shows', '*'],
        ['types', 'unter2'],
        ['shows', '******'],
        ['types', '\r'],
      ],
    },
    {
      name: 'a password that is refused',
      steps: [
        ['types', 'hunter2\r'],
        ['shows', '\r\nhunter? Sorry, try again.\r\n'],
      ],
    },
    {
      name: 'a password that somebody thinks about',
      steps: [
        ['types', 'hun', 10],
        ['types', 'ter2', 9000],
        ['types', '\r', 9001],
      ],
    },
    {
      name: 'a password that is longer than what is held',
      steps: [
        ['types', 'hunter2'.repeat(1000)],
        ['types', '\r'],
        ['shows', '\r\n'],
      ],
    },
    {
      name: 'a password that is told behind its line',
      steps: [
        ['types', 'hunter2\r'],
        ['shows', '\r\nhunter2 is wrong'],
      ],
    },
    {
      name: 'what comes back late',
      steps: [
        ['types', 'ls', 10],
        ['shows', 'ls', 5000],
      ],
    },
    {
      name: 'more than is held',
      steps: [
        ['types', 'x'.repeat(5000)],
        ['shows', 'x'.repeat(5000)],
      ],
    },
    { name: 'a password that nothing comes behind', steps: [['types', 'hunter2\r']] },
    {
      name: 'a password while something else is told',
      steps: [
        ['types', 'hunter2'],
        ['shows', 'other text hunter2'],
        ['types', '\r'],
      ],
    },
    {
      name: 'a password that is corrected',
      steps: [
        ['types', 'hunter3\x7f2\r'],
        ['shows', '\r\n'],
      ],
    },
  ])('masks $name', ({ steps }) => {
    const lines = play(steps, 'masked')
    expect(kept(lines)).toEqual([])
    expect(hidden(lines)).toBe(steps.filter(([who]) => who === 'types').reduce((sum, [, text]) => sum + text.length, 0))
  })

  test.each<{ name: string; steps: readonly Step[]; typed: string }>([
    {
      name: 'with keys that move',
      steps: [...echoed('ls'), ['types', '\x1b[D'], ['shows', '\b'], ...echoed('x\r')],
      typed: 'ls\x1b[Dx\r',
    },
    {
      name: 'with what is erased',
      steps: [...echoed('lx'), ['types', '\x7f'], ['shows', '\b\x1b[K'], ...echoed('s\r')],
      typed: 'lx\x7fs\r',
    },
    {
      name: 'that is erased while it is on its way',
      steps: [
        ['types', 'lx\x7fs'],
        ['shows', 'lx\b \bs'],
        ['types', '\r'],
      ],
      typed: 'lx\x7fs\r',
    },
    {
      name: 'with colours',
      steps: [
        ['types', 'ls'],
        ['shows', '\x1b[32ml\x1b[0m'],
        ['shows', '\x1b[3'],
        ['shows', '2ms'],
        ['types', '\r'],
      ],
      typed: 'ls\r',
    },
    {
      name: 'that the shell completes',
      steps: [...echoed('ls /e'), ['types', '\t'], ['shows', 'tc/'], ...echoed('\r')],
      typed: 'ls /e\t\r',
    },
    {
      name: 'that is pasted',
      steps: [
        ['types', 'ls -l\r'],
        ['shows', 'ls -l\r\nfile\r\n$ '],
      ],
      typed: 'ls -l\r',
    },
    {
      name: 'that breaks at the edge',
      steps: [
        ['types', 'ls -l'],
        ['shows', 'ls \r\n-l'],
        ['types', '\r'],
      ],
      typed: 'ls -l\r',
    },
    {
      name: 'that ends by Ctrl-C',
      steps: [...echoed('sl'), ['types', '\x03'], ['shows', '^C\r\n$ '], ...echoed('ls\r')],
      typed: 'sl\x03ls\r',
    },
    {
      name: 'in another script',
      steps: [
        ['types', 'é'],
        ['shows', 'é'],
        ['types', '\r'],
      ],
      typed: 'é\r',
    },
  ])('keeps a line $name', ({ steps, typed: text }) => {
    const lines = play(steps, 'masked')
    expect([kept(lines).join(''), hidden(lines)]).toEqual([Buffer.from(text).toString('latin1'), 0])
  })

  test.each([['\x1b]'], ['\x1b['], ['\x1b[<'], ['\x1bO'], ['\x1bP'], ['\x1b_'], ['\x1b '], ['\x1b[200'], ['\x1b]0;']])(
    'masks every password behind a key that was begun and not ended: %j',
    begun => {
      const keys = (text: string): readonly Step[] => [...text].map(key => ['types', key])
      const asked: readonly Step[] = [
        ...echoed('su\r'),
        ['shows', 'Password: '],
        ...keys('hunter2\r'),
        ['shows', '\r\n# '],
      ]
      const once = play([['shows', '$ '], ...keys(begun), ...asked, ...asked], 'masked')
      expect(kept(once).join('')).not.toMatch(/hunter2|unter2/)
      const inPassword = play([...keys(`${begun}123456\r`), ['shows', '\r\n# '], ...asked, ...echoed('id\r')], 'masked')
      expect(kept(inPassword).join('')).toMatch(/^[^0-9]{0,4}su\rid\r$/)
    },
  )

  test.each([
    ...['\x1b[A', '\x1bOA', '\x1b[3~', '\x1b[15~', '\x1b[1;5C', '\x1b[[A', '\x1b[24;80R', '\x1b[<0;10;20M', '\x1b[Z'],
    ...['\x1b', '\x1bb', '\t', '\x01', '\x7f'],
  ])('keeps the key %j, which shows nothing of its own', key => {
    const lines = play([...echoed('ls'), ['types', key], ...echoed('\r')], 'masked')
    expect([kept(lines).join(''), hidden(lines)]).toEqual([`ls${key}\r`, 0])
  })

  test('keeps what is pasted in brackets', () => {
    const lines = play([['types', '\x1b[200~ls\x1b[201~'], ['shows', '\x1b[7mls\x1b[27m'], ...echoed('\r')], 'masked')
    expect([kept(lines).join(''), hidden(lines)]).toEqual(['\x1b[200~ls\x1b[201~\r', 0])
  })

  test('stands before its echo, and never before what was told already', () => {
    const decoder = openDecoder({ upgrade: 'websocket', protocol: '', inputs: 'masked' })
    const events = [decoder.push('client', typed('l'), 5), decoder.push('server', onChannel(1, 'l'), 9)].flat()
    expect(events).toMatchObject([
      { kind: 'input', atMs: 9 },
      { kind: 'output', atMs: 9 },
    ])
  })

  test('is all accounted for, however it is typed and shown', () => {
    const part = fc.string({
      unit: fc.constantFrom('a', 'b', ' ', '\r', '\n', '\x1b', '[', '\x7f', '\x03', '\b'),
      maxLength: 12,
    })
    const step = fc.tuple(fc.constantFrom('types' as const, 'shows' as const), part)
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), steps => {
        const lines = play(steps, 'masked')
        const total = steps.filter(([who]) => who === 'types').reduce((sum, [, text]) => sum + text.length, 0)
        expect(kept(lines).join('').length + hidden(lines)).toBe(total)
        const all = steps
          .filter(([who]) => who === 'shows')
          .map(([, text]) => text)
          .join('')
        const shown = lines.filter(line => line.startsWith('output ')).map(line => JSON.parse(line.slice(7)) as string)
        expect(shown.join('')).toBe(all)
      }),
    )
  })

  test('without a terminal is masked where it looks like a credential', () => {
    const lines = play(
      [
        ['types', 'export TOKEN=ghp_abcdefghijklmnop'],
        ['types', 'qrstuvwxyz0123\ncat notes\n'],
        ['types', 'rest'],
      ],
      'masked',
      false,
    )
    expect(kept(lines).join('')).toMatch(/^export TOKEN=\[masked\]\ncat notes\nrest$/)
  })

  test('without a terminal is kept as it is where it is no text', () => {
    const decoder = openDecoder({ upgrade: 'websocket', protocol: '', inputs: 'masked', tty: false })
    const tar = Buffer.from([0, 0, 1, 0xff, 0xfe, 10, 13, 200])
    const events = [decoder.push('client', frame(tar), 0), decoder.end(1)].flat() as SessionEvent[]
    expect(Buffer.concat(events.map(({ bytes }) => bytes))).toEqual(tar.subarray(1))
  })
})
