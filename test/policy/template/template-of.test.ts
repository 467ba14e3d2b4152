import { describe, expect, test } from 'vitest'
import { templateOf } from '../../../src/policy/template/template-of.ts'
import { aPolicy } from '../a-policy.ts'

describe('templateOf', () => {
  test('finds each by its name, of as many as there are, and none that is not there', () => {
    const [template] = aPolicy().templates
    if (template === undefined) throw new Error('no template')
    const templates = Array.from({ length: 1000 }, (_, at) => ({ ...template, name: `task-${at}` }))
    for (const one of templates) expect(templateOf({ templates }, one.name)).toBe(one)
    for (const name of ['task-1000', '__proto__', '']) expect(templateOf({ templates }, name)).toBeUndefined()
  })

  test('of another policy finds what that says', () => {
    const { templates } = aPolicy()
    const [name = ''] = templates.map(one => one.name)
    expect(templateOf({ templates: [] }, name)).toBeUndefined()
    const changed = templates.map(one => ({ ...one, maxTtlMs: 1 }))
    expect(templateOf({ templates: changed }, name)?.maxTtlMs).toBe(1)
    expect(templateOf({ templates }, name)).toBe(templates[0])
  })
})
