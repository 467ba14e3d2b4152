import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MASK } from '../../../src/record/mask/hidden.ts'
import { maskRandom, mayHoldRandom } from '../../../src/record/mask/random.ts'

/** Of none of it a text becomes one that runs what it decodes. */
const PARTS = [
  ...['a', 'Z', '9', '/', '_', '=', '==', '+', '-', ' ', '\n', '.', ':', 'é', '\u{1f600}'],
  ...['wJalrXUtnFEMI', 'K7MDENGbPxRfiCY', 'Ym9iOmh1', 'bnRlcjI=', '0123456789abcdef', 'password', 'sha256:'],
  '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
]

test('a text may hold a random run if and only if one of it is masked', () => {
  const texts = fc.array(fc.constantFrom(...PARTS), { maxLength: 12 }).map(parts => parts.join(''))
  fc.assert(
    fc.property(texts, text => {
      expect(mayHoldRandom(text)).toBe(maskRandom(text, MASK, () => true) !== text)
    }),
    { numRuns: 20_000 },
  )
})
