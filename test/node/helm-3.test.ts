import { expect, inject, test } from 'vitest'
import { helmOn, RELEASE } from '../../local/node/product/release.ts'
import { HELM_3 } from '../clients/tools/tools.ts'
import { theNode } from './the-node.ts'

/** The release was made by Helm 4: teams have both. */
test('helm test of Helm 3 finds the release in order', async () => {
  const helm = helmOn(theNode(), await HELM_3.ensure(() => undefined), inject('product').directory)
  const { code, stdout, stderr } = await helm(['test', RELEASE, '--timeout', '240s'])
  expect(code, stderr).toBe(0)
  expect(stdout).toMatch(/TEST SUITE:\s+leasegate-doctor\n(?:.*\n)*?Phase:\s+Succeeded/)
  // What the doctor saw is shown without --logs, which older versions of Helm fail with.
  expect(stderr).toContain('leasegate doctor')
  expect(stdout).not.toMatch(/Phase:\s+Failed/)
}, 300_000)
