import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDocument, stringify } from 'yaml'
import { parseYaml } from '../../../../src/request/object/yaml.ts'
import { likely, pieces } from './arbitrary-yaml.ts'

/** What another reader of YAML 1.1 takes the text for; undefined where it does not. */
function otherwise(text: string): unknown {
  const document = parseDocument(text, { logLevel: 'silent', schema: 'yaml-1.1', version: '1.1', merge: false })
  return document.errors.length > 0 ? undefined : document.toJS()
}

function assertSame(text: string): boolean {
  const read = parseYaml(Buffer.from(text))
  if (read.kind === 'unreadable') return false
  const other = otherwise(text)
  if (other !== undefined) expect(read.value, JSON.stringify(text)).toEqual(other)
  return true
}

describe('parseYaml', () => {
  test('reads what another reader reads too, or nothing', () => {
    let read = 0
    fc.assert(
      fc.property(pieces, text => {
        if (assertSame(text)) read += 1
      }),
      { numRuns: 6000 },
    )
    expect(read).toBeGreaterThan(100)
  })

  test('reads most of what looks like an object as another reader does', () => {
    let read = 0
    fc.assert(
      fc.property(likely, text => {
        if (assertSame(text)) read += 1
      }),
      { numRuns: 2000 },
    )
    expect(read).toBeGreaterThan(1200)
  })

  test('reads whatever is written as block YAML', () => {
    const word = fc.stringMatching(/^[a-z]{4}[a-z0-9.-]{0,20}$/)
    const text = fc.oneof(word, fc.lorem({ maxCount: 40 }), fc.string({ unit: fc.constantFrom(...'ab :#-\n"\'\\é') }))
    let [some, all] = [0, 0]
    const object = fc.letrec(tie => ({
      value: fc.oneof({ maxDepth: 3 }, text, fc.boolean(), fc.integer(), fc.constant(null), tie('list'), tie('object')),
      list: fc.array(tie('value'), { maxLength: 4 }),
      object: fc.dictionary(word, tie('value'), { maxKeys: 5 }),
    })).object
    fc.assert(
      fc.property(object, fc.constantFrom(40, 80, 0), (value, lineWidth) => {
        const written = stringify(value, {
          lineWidth,
          version: '1.1',
          defaultStringType: 'PLAIN',
          aliasDuplicateObjects: false,
        })
        const read = parseYaml(Buffer.from(written))
        all += 1
        if (read.kind === 'unreadable') return
        some += 1
        expect(read.value).toEqual(value)
      }),
      { numRuns: 1500 },
    )
    // A text that begins with a space says its indentation in a number, and is not read.
    expect(some / all).toBeGreaterThan(0.6)
  })
})
