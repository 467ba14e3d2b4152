import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hasDuplicateNames } from '../../src/identity/claims/duplicate-names.ts'

describe('hasDuplicateNames', () => {
  test('no JSON that was written from a value has any', () => {
    fc.assert(fc.property(fc.jsonValue(), value => !hasDuplicateNames(JSON.stringify(value))))
  })

  test('a member added a second time is seen, however its name is escaped and wherever it stands', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (name, value) => {
        const escaped = [...name].map(unit => toEscapes(unit)).join('')
        const twice = `{${JSON.stringify(name)}:${JSON.stringify(value)}, "${escaped}" :1}`
        expect(hasDuplicateNames(twice)).toBe(true)
        expect(hasDuplicateNames(`[{"a":${twice}}]`)).toBe(true)
      }),
    )
  })

  test('the same name in two objects is no duplicate, nor is one inside a text', () => {
    expect(hasDuplicateNames('{"a":{"a":1},"b":[{"a":1},{"a":2}]}')).toBe(false)
    expect(hasDuplicateNames('{"a":"\\",\\"a\\":1"}')).toBe(false)
  })
})

function toEscapes(text: string): string {
  return Array.from({ length: text.length }, (_, i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`).join(
    '',
  )
}
