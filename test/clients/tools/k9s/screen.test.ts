import { describe, expect, test } from 'vitest'
import { Screen } from './screen.ts'

const ESCAPE = String.fromCodePoint(0x1b)

function drawn(...output: readonly string[]): string {
  const screen = new Screen(3, 12)
  for (const each of output) screen.draw(each)
  return screen.text
}

describe('a screen', () => {
  test('shows text where the cursor was put, without colours and modes', () => {
    expect(drawn(`${ESCAPE}[?1049h${ESCAPE}[2;3H${ESCAPE}[1;38;5;14mhello${ESCAPE}(B${ESCAPE}[m`)).toBe('\n  hello\n')
  })

  test('shows what was drawn last', () => {
    expect(drawn('first\r\nsecond', `${ESCAPE}[1;1Hnew`, `${ESCAPE}[K`)).toBe('new\nsecond\n')
  })

  test('is cleared', () => {
    expect(drawn('first', `${ESCAPE}[2J`)).toBe('\n\n')
  })

  test.each([1, 2, 4, 6])('takes a sequence that comes in two pieces, cut after %i', at => {
    const text = `${ESCAPE}[3;10Hx`
    expect(drawn(text.slice(0, at), text.slice(at))).toBe('\n\n         x')
  })
})
