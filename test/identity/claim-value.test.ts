import { describe, expect, test } from 'vitest'
import { contains, says } from '../../src/identity/claims/claim-value.ts'

describe('says', () => {
  test.each([
    { claim: '74', text: '74', is: true },
    { claim: 74, text: '74', is: true },
    { claim: 74, text: '074', is: false },
    { claim: 74, text: '74.0', is: false },
    { claim: 7.4, text: '7.4', is: false },
    { claim: 2 ** 53, text: '9007199254740992', is: false },
    { claim: true, text: 'true', is: true },
    { claim: 'true', text: 'true', is: true },
    { claim: true, text: 'True', is: false },
    { claim: null, text: 'null', is: false },
    { claim: undefined, text: 'undefined', is: false },
    { claim: ['74'], text: '74', is: false },
    { claim: { toString: () => '74' }, text: '74', is: false },
  ])('$claim is $text: $is', ({ claim, text, is }) => expect(says(claim, text)).toBe(is))
})

describe('contains', () => {
  test.each([
    { claim: ['a', 'b'], text: 'b', is: true },
    { claim: [7, 8], text: '8', is: true },
    { claim: [['b']], text: 'b', is: false },
    { claim: ['ab'], text: 'b', is: false },
    { claim: 'ab', text: 'b', is: false },
    { claim: 'b', text: 'b', is: false },
    { claim: { 0: 'b', length: 1 }, text: 'b', is: false },
  ])('$claim has $text: $is', ({ claim, text, is }) => expect(contains(claim, text)).toBe(is))
})
