import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { MAIN } from '../../../local/edition/leasegate.ts'
import { leasegate } from '../../cli/leasegate.ts'
import { world } from '../the-cluster.ts'

const ACCOUNT = ['--account', 'leasegate/boundary', '--no-admission']

describe('leasegate policy check --kubeconfig', () => {
  const check = (file: string, ...more: readonly string[]) =>
    leasegate(['policy', 'check', file, '--kubeconfig', world.cluster.adminKubeconfig, ...ACCOUNT, ...more])

  test('says that what is applied is', async () => {
    const { code, stdout, stderr } = await check(world.policyFile)
    expect({ code, stdout }, stderr).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('is good and applied: '),
    })
    expect(stderr).not.toContain('not in the cluster')
  })

  test('names what a template wants that is not applied, fails, and says what to type, after which it is', async () => {
    const policy = parse(await readFile(world.policyFile, 'utf8')) as { templates: object[] }
    const [look] = policy.templates
    const file = join(world.directory, "somebody's policy.yaml")
    await writeFile(file, stringify({ ...policy, templates: [...policy.templates, { ...look, name: 'brand-new' }] }))
    const lacking = await check(file)
    expect(lacking).toMatchObject({ code: 1, stdout: '' })
    expect(lacking.stderr).toContain(
      `${file}: not in the cluster: ClusterRole leasegate:leasegate:task:brand-new is missing`,
    )
    const command = /apply it: (leasegate .*)$/m.exec(lacking.stderr)?.[1] ?? 'false'
    const typed = await world.paste(command.replace('leasegate', `'${process.execPath}' '${MAIN}'`))
    expect(typed, typed.stderr).toMatchObject({ code: 0 })
    expect((await check(file)).code).toBe(0)
  })

  test('says that it cannot see where nobody answers', async () => {
    const nobody = join(world.directory, 'nobody.kubeconfig')
    const text = await readFile(world.cluster.adminKubeconfig, 'utf8')
    await writeFile(nobody, text.replace(/server: .*/, 'server: https://127.0.0.1:1'))
    const { code, stdout, stderr } = await leasegate(['policy', 'check', world.policyFile, '--kubeconfig', nobody])
    expect({ code, stdout }, stderr).toEqual({ code: 3, stdout: '' })
  })
})
