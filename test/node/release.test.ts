import { describe, expect, test } from 'vitest'
import { RELEASE } from '../../local/node/product/release.ts'
import { theProduct } from './the-node.ts'

const product = theProduct()

describe('a release on a real node', () => {
  test('is found in order by its own test', async () => {
    const { code, stdout } = await product.helm(['test', RELEASE, '--timeout', '240s'])
    expect(stdout).not.toMatch(/Phase:\s+Failed/)
    expect(code).toBe(0)
  }, 300_000)
})
