import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const page = readFileSync(new URL('../../../docs/refusals.md', import.meta.url), 'utf8')

describe('docs/refusals.md', () => {
  test('has every type of cause', () => {
    const source = readFileSync(new URL('../../../src/denial/causes.ts', import.meta.url), 'utf8')
    const types = [...source.matchAll(/'(Leasegate\w+)'/g)].map(([, type]) => type)
    const written = [...page.matchAll(/^\| `(Leasegate\w+)` \|/gm)].map(([, type]) => type)
    expect(written.toSorted()).toEqual([...new Set(types)].toSorted())
  })
})
