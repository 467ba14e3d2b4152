import { describe, expect, test } from 'vitest'
import { accessMatrix } from '../../../src/proof/verify/resting/access-matrix.ts'
import { world } from '../the-cluster.ts'
import { agents, kubectl, look, SERVICE_ACCOUNT } from './planted.ts'

describe('accessMatrix', () => {
  const matrix = () => accessMatrix(world.reader, agents()[0] as ReturnType<typeof agents>[number], ['shop'])

  test('an agent without rights has none', async () => {
    const { findings, tried } = await matrix()
    expect(findings).toEqual([])
    expect(tried[0]).toMatch(/^\d{3,} actions cluster-wide and in shop, each by SubjectAccessReview/)
  })

  test('rights are found by what they allow, wherever they come from', async () => {
    await kubectl('create', 'role', 'run', '-n', 'shop', '--verb=create,get', '--resource=pods/exec')
    await kubectl('create', 'rolebinding', 'run', '-n', 'shop', '--role=run', SERVICE_ACCOUNT)
    await kubectl('create', 'clusterrole', 'become', '--verb=impersonate', '--resource=users')
    await kubectl('create', 'clusterrolebinding', 'become', '--clusterrole=become', '--user=leasegate:deployer')
    const { findings } = await matrix()
    expect(findings.map(({ what }) => what)).toEqual([
      expect.stringMatching(/^agent deployer itself .* may create, get pods\/exec in shop$/),
      expect.stringMatching(/^leasegate:deployer without a task may impersonate users$/),
    ])
    for (const { mend } of (await look.bindings()).findings) await world.paste(mend)
    expect((await matrix()).findings).toEqual([])
  })
})
