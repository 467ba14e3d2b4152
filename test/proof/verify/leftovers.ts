import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { kubeconfigs } from '../../../src/proof/verify/resting/leftovers/kubeconfigs.ts'
import { world } from '../the-cluster.ts'
import { AGENT } from './a-cluster.ts'
import {
  agents,
  create,
  KUBECONFIG,
  kubectl,
  LEFTOVERS,
  look,
  SERVICE_ACCOUNT,
  stored,
  tokenSecret,
} from './planted.ts'

const { namespace, account } = AGENT

describe('leftovers', () => {
  test.each(Object.keys(look) as (keyof typeof look)[])('a clean cluster gives no finding: %s', async name => {
    expect((await look[name]()).findings).toEqual([])
  })

  test.each(LEFTOVERS)('$name is found, named, and gone after the mend', async ({ look: name, plant, finds }) => {
    await plant()
    const { findings } = await look[name]()
    expect(findings.map(({ what }) => what)).toEqual([expect.stringMatching(finds)])
    for (const { mend } of findings) expect(await world.paste(mend)).toMatchObject({ code: 0 })
    expect((await look[name]()).findings).toEqual([])
  })

  test('no mend has taken away what the policy grants', async () => {
    const as = ['--as=leasegate:deployer', '--as-group=leasegate:task:look']
    expect(await kubectl('auth', 'can-i', 'list', 'pods', '-n', 'shop', ...as)).toBe('yes')
  })

  test('a mend takes out the agent and leaves the others', async () => {
    await kubectl(
      'create',
      'clusterrolebinding',
      'shared',
      '--clusterrole=view',
      '--user=ada',
      SERVICE_ACCOUNT,
      '--user=grace',
    )
    const [finding] = (await look.bindings()).findings
    await world.paste(finding?.mend ?? 'false')
    expect(await kubectl('get', 'clusterrolebinding', 'shared', '-o', 'jsonpath={.subjects[*].name}')).toBe('ada grace')
  })

  test('a mend that is pasted after the binding has changed takes out nobody else', async () => {
    await kubectl('create', 'clusterrolebinding', 'moved', '--clusterrole=view', SERVICE_ACCOUNT, '--user=ada')
    const [finding] = (await look.bindings()).findings
    const other = { kind: 'User', name: 'grace', apiGroup: 'rbac.authorization.k8s.io' }
    await kubectl(
      'patch',
      'clusterrolebinding',
      'moved',
      '--type=json',
      '-p',
      JSON.stringify([{ op: 'add', path: '/subjects/0', value: other }]),
    )
    expect(await world.paste(finding?.mend ?? 'false')).toMatchObject({ code: 1 })
    expect(await kubectl('get', 'clusterrolebinding', 'moved', '-o', 'jsonpath={.subjects[*].name}')).toContain('grace')
    await kubectl('delete', 'clusterrolebinding', 'moved')
  })

  test("a kubeconfig file in an agent's home is found, and an exec plugin is not", async () => {
    const folder = join(world.directory, '.kube')
    await mkdir(folder)
    const file = join(folder, 'config')
    await writeFile(file, KUBECONFIG)
    const find = async () => (await kubeconfigs(world.reader, agents(), [file, join(folder, 'none')])).findings
    const [finding, ...more] = await find()
    expect([finding?.what, more]).toEqual([`the kubeconfig ${file} has a credential of robot`, []])
    expect(await world.paste(finding?.mend ?? 'false')).toMatchObject({ code: 0 })
    expect(await find()).toEqual([])
  })

  test('values of Secrets and tokens are in no finding', async () => {
    await create(tokenSecret('leaky', account))
    await create({ ...stored('Secret', 'leaky-kube'), stringData: { config: KUBECONFIG } })
    const found = JSON.stringify([await look.secrets(), await look.kubeconfigs(), await look.pods()])
    expect(found).toContain('leaky')
    expect(found).not.toMatch(/not-a-real-one|eyJ/)
    await kubectl('delete', 'secret', 'leaky', 'leaky-kube', '-n', namespace)
  })
})
