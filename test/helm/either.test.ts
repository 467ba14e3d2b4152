import fc from 'fast-check'
import { expect, test } from 'vitest'
import { either } from '../../helm/values/either.ts'

/** What Helm makes of it; its marks take the line before them away. */
function rendered(template: string, holds: boolean): string {
  let shown = true
  return template
    .split('\n')
    .filter(line => {
      const [mark = ''] = /^\{\{- .*\}\}$/.exec(line) ?? []
      if (mark === '{{- if .x }}') shown = holds
      else if (mark === '{{- if not (.x) }}') shown = !holds
      else if (mark === '{{- else }}') shown = !shown
      else if (mark === '{{- end }}') shown = true
      return mark === '' && shown
    })
    .join('\n')
}

const piece = fc.constantFrom('a', 'b', 'c\nd', 'e\n'.repeat(25), 'f\ng\n'.repeat(30))
const text = fc.array(piece, { minLength: 1, maxLength: 12 }).map(pieces => pieces.join('\n'))

test('a template of two texts comes out as each of them', () => {
  fc.assert(
    fc.property(text, text, (otherwise, then) => {
      const template = either('.x', otherwise, then)
      expect(rendered(template, false)).toBe(otherwise)
      expect(rendered(template, true)).toBe(then)
    }),
  )
})

test('what both texts have is there once', () => {
  const common = Array.from({ length: 100 }, (_, line) => `line ${line}`)
  const template = either('.x', common.join('\n'), [...common.slice(0, 50), 'more', ...common.slice(50)].join('\n'))
  expect(template.split('\n')).toHaveLength(100 + 3)
})
