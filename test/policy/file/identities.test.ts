import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { overlapsIn } from '../../../src/policy/file/checks/identities.ts'
import { duplicatesIn } from '../../../src/policy/file/values/names.ts'

const word = fc.constantFrom('a', 'b', 'c')
const claims = fc.dictionary(fc.constantFrom('sub', 'team', 'role'), word, { minKeys: 1 })
const entries = fc.array(fc.record({ name: word, issuer: fc.constantFrom('i', 'j'), claims }), { maxLength: 12 })

interface Entry {
  readonly issuer: string
  readonly claims: Readonly<Record<string, string>>
}

/** As it is told to whoever writes a policy: of one issuer, and no claim of which they want different values. */
function couldBeTheSame(one: Entry, other: Entry): boolean {
  const apart = Object.keys(one.claims).some(
    claim => other.claims[claim] !== undefined && other.claims[claim] !== one.claims[claim],
  )
  return one.issuer === other.issuer && !apart
}

describe('overlapsIn', () => {
  test('tells of each two entries that one identity could match, whichever claims tell most of them apart', () => {
    fc.assert(
      fc.property(entries, entries, (agents, people) => {
        const all = [...agents, ...people]
        const pairs = all.flatMap((one, at) => all.slice(0, at).filter(other => couldBeTheSame(one, other)))
        expect(overlapsIn({ agents, people })).toHaveLength(pairs.length)
      }),
    )
  })
})

describe('duplicatesIn', () => {
  test('tells of each name that stands before it already', () => {
    fc.assert(
      fc.property(entries, agents => {
        const again = agents.flatMap(({ name }, at) =>
          agents.slice(0, at).some(other => other.name === name) ? [['agents', at, 'name']] : [],
        )
        expect(duplicatesIn({ agents }).map(({ path }) => path)).toEqual(again)
      }),
    )
  })
})
