import { describe, expect, test } from 'vitest'
import { shown } from '../../src/support/text/shown-text.ts'

const code = (letter: string) => `\\u{${letter.codePointAt(0)?.toString(16)}}`
const all = (word: string) => [...word].map(code).join('')

describe('shown', () => {
  test.each([
    { name: 'Latin letters with marks', text: 'café naïve Łódź straße tiếng Việt' },
    { name: 'a word of another script', text: 'привет שלום مرحبا γειά ձմեռ გამარჯობა' },
    { name: 'scripts that are written together', text: '漢字かなカナ 한국漢字 漢字ㄅ' },
    { name: 'East Asian letters beside Latin ones', text: 'v2版 Tシャツ web한국' },
    { name: 'digits beside letters of another script', text: 'год2026 ٢٠٢٦' },
    { name: 'marks of a script of its own', text: 'हिन्दी தமிழ் ไทย' },
  ])('leaves $name as it is', ({ text }) => {
    expect(shown(text)).toBe(text)
  })

  test.each([
    { name: 'Cyrillic in a Latin word', text: 'рaypal', want: `${code('р')}aypal` },
    { name: 'Greek beside Latin letters with marks', text: 'éα', want: `é${code('α')}` },
    { name: 'Georgian in a Latin word', text: 'admყn', want: `adm${code('ყ')}n` },
    { name: 'two scripts that are not written together', text: 'приαвет', want: all('приαвет') },
    { name: 'Arabic beside Hebrew', text: 'שלוםمرحبا', want: all('שלוםمرحبا') },
    { name: 'a Cyrillic word that reads as a Latin one', text: 'аре', want: all('аре') },
    { name: 'a Greek word that reads as a Latin one', text: 'ΑΡΕ', want: all('ΑΡΕ') },
    { name: 'an Armenian one', text: 'ցօ', want: all('ցօ') },
    { name: 'such a word with a digit', text: 'аре1', want: `${all('аре')}1` },
    { name: 'script g', text: 'ɡrafana', want: `${code('ɡ')}rafana` },
    { name: 'Latin alpha', text: 'ɑdmin', want: `${code('ɑ')}dmin` },
    { name: 'an i without its dot', text: 'ıam', want: `${code('ı')}am` },
    { name: 'a small capital', text: 'ᴄat', want: `${code('ᴄ')}at` },
    { name: 'a small Roman numeral', text: 'ⅰmage', want: `${code('ⅰ')}mage` },
    { name: 'the sign of Kelvin', text: '\u212aube', want: `${code('\u212a')}ube` },
    { name: 'Lisu', text: 'ꓐꓳꓫ', want: all('ꓐꓳꓫ') },
    { name: 'Cherokee', text: 'ᎪᎡ', want: all('ᎪᎡ') },
    { name: 'Coptic', text: 'ⲅⲟ', want: all('ⲅⲟ') },
  ])('writes out $name', ({ text, want }) => {
    expect(shown(text)).toBe(want)
    expect(shown(`x/${text}:1 y`)).toBe(`x/${want}:1 y`)
  })

  test.each([
    { name: 'letters of one script', word: 'п' },
    { name: 'look-alikes', word: 'а' },
    { name: 'digits and then a letter', word: '1' },
    { name: 'two scripts by turns', word: 'пא' },
    { name: 'marks', word: '\u0301' },
  ])('takes a time that grows with the text: $name', ({ word }) => {
    const from = performance.now()
    expect(shown(`${word.repeat(100_000)}п`).length).toBeGreaterThan(100_000)
    expect(performance.now() - from).toBeLessThan(10_000)
  })
})
