import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { DENIALS } from '../../../src/authorizer/answer/denials.ts'

const page = readFileSync(new URL('../../../docs/refusals.md', import.meta.url), 'utf8')
const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (\d+) \| (\w+) \| ([a-z-]+) \| (?:(\d+) s)? *\|$/gm)]

describe('docs/refusals.md', () => {
  test('has every reason as it is answered', () => {
    const written = rows.map(([, reason, status, statusReason, retry, seconds]) => [
      reason,
      { status: Number(status), statusReason, retry, retryAfter: seconds === undefined ? undefined : Number(seconds) },
    ])
    const answered = Object.entries(DENIALS).map(([reason, denial]) => {
      const { says: _, ...rest } = { retryAfter: undefined, ...denial }
      return [reason, rest]
    })
    expect(Object.fromEntries(written)).toEqual(Object.fromEntries(answered))
  })

  test('has every type of cause', () => {
    const source = readFileSync(new URL('../../../src/authorizer/answer/causes.ts', import.meta.url), 'utf8')
    const types = [...source.matchAll(/'(Leasegate\w+)'/g)].map(([, type]) => type)
    const written = [...page.matchAll(/^\| `(Leasegate\w+)` \|/gm)].map(([, type]) => type)
    expect(written.toSorted()).toEqual([...new Set(types)].toSorted())
  })
})
