import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseJson } from '../../../src/request/object/json.ts'

/** Undefined where it is not read. */
const parse = (text: string | Uint8Array) => {
  const parsed = parseJson(Buffer.from(text))
  return parsed.kind === 'ok' ? parsed.value : undefined
}

describe('parseJson', () => {
  test('reads whatever JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), value => {
        const text = JSON.stringify(value)
        expect(parse(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  test('reads escaped names right, whatever came before', () => {
    const before = parse(String.raw`{"spec":{"containers":[],"hostNetwor\\":true}}`)
    expect(before).toEqual({ spec: { containers: [], 'hostNetwor\\': true } })
    // JSON.parse of Node 24.21 now takes the last name here for the last one there.
    const after = parse(String.raw`{"spec":{"containers":[],"hostNetwor\u006b":true}}`)
    expect(after).toEqual({ spec: { containers: [], hostNetwork: true } })
  })

  test('reads lists and objects with escaped names, empty ones too', () => {
    const text = String.raw`{"\"":[],"b":{},"c":[[{}],{"d\n":[1,null,"x\"]"]}],"__proto__":{"e\u0066":true}}`
    expect(JSON.stringify(parse(text))).toBe(
      '{"\\"":[],"b":{},"c":[[{}],{"d\\n":[1,null,"x\\"]"]}],"__proto__":{"ef":true}}',
    )
    expect(parse(`[ {\n} , [ ] , ${text} ]`)).toHaveLength(3)
  })

  test.each([
    { name: 'colons in names and texts', text: '{"a:b":"c:\\"d:\\\\","e":[":"]}' },
    { name: 'the same name in two objects', text: '{"a":{"a":1},"b":[{"a":1},{"a":2}]}' },
    { name: 'names that differ only in case', text: '{"name":1,"Name":2}' },
    { name: 'a member called like the prototype', text: '{"__proto__":{"a":1},"constructor":2}' },
    { name: 'long texts beside an escaped name', text: `{"\\"":"${'x'.repeat(1_000_000)}${'\\n'.repeat(200_000)}"}` },
    { name: 'white space around', text: ' \t\r\n{"a":1}\n' },
    { name: 'as deep as an object may be', text: `${'['.repeat(200)}1${']'.repeat(200)}` },
  ])('reads $name', ({ text }) => {
    expect(parse(text)).toEqual(JSON.parse(text))
  })

  test.each([
    { name: 'a member named twice', text: '{"a":1,"a":1}' },
    { name: 'a member named twice, once by an escape', text: '{"a":1,"\\u0061":2}' },
    { name: 'a member named twice far inside', text: '[{"a":[{"b":1,"b":2}]}]' },
    { name: 'a member called like the prototype, twice', text: '{"__proto__":1,"__proto__":2}' },
    { name: 'a byte order mark', text: '\ufeff{}' },
    { name: 'something after it', text: '{} {}' },
    { name: 'a comment', text: '{} // x' },
    { name: 'nothing', text: '' },
    { name: 'more levels than any object has', text: `${'{"a":'.repeat(201)}1${'}'.repeat(201)}` },
    { name: 'more members than any object has', text: `[${'{},'.repeat(50_000)}{}]` },
    { name: 'levels without end', text: '['.repeat(500_000) },
  ])('does not read $name', ({ text }) => {
    expect(parse(text)).toBeUndefined()
  })

  test('does not read what is no UTF-8', () => {
    expect(parse(Buffer.from([0x22, 0xff, 0x22]))).toBeUndefined()
    expect(parse(Buffer.from('"a"', 'utf16le'))).toBeUndefined()
  })

  test('finds a member named twice, wherever it is', () => {
    const name = fc.stringMatching(/^[a-c:"\\]{1,2}$/)
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.jsonValue({ maxDepth: 2 })), { maxLength: 6 }), members => {
        const text = `{${members.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join()}}`
        const twice = new Set(members.map(([key]) => key)).size < members.length
        expect(parse(`[${text}]`) === undefined).toBe(twice)
      }),
    )
  })
})
