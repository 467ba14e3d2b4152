import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Ran, run } from '../../../local/process/run.ts'
import { ensureToolchain } from '../../../local/toolchain/toolchain.ts'
import { playing } from './the-bare-edition.ts'

let kubectl: string
let runtime: string
const folder = () => join(runtime, 'leasegate', 'lease-tokens')

beforeAll(async () => {
  kubectl = (await ensureToolchain(() => undefined)).kubectl
})
beforeEach(async () => {
  runtime = await mkdtemp(join(tmpdir(), 'lg-runtime-'))
  return () => rm(runtime, { recursive: true, force: true })
})

/** Plain kubectl, with the plugin that its kubeconfig names. */
function get(): Promise<Ran> {
  const args = [
    '--kubeconfig',
    playing.stage.kubeconfigFile,
    'get',
    'pods',
    '-n',
    playing.edition.names.app,
    '-o',
    'name',
  ]
  return run(kubectl, args, { env: { XDG_RUNTIME_DIR: runtime } })
}

async function kept(): Promise<string> {
  const [name = ''] = await readdir(folder())
  return join(folder(), name)
}

describe('plain kubectl, with a lease token that was kept', () => {
  test('is refused at the boundary as soon as the lease is revoked, and is told so', async () => {
    const lease = await playing.lease(playing.edition.names.inspect)
    expect(await get()).toMatchObject({ code: 0, stdout: expect.stringMatching(/^pod\//) })
    const first = await readFile(await kept(), 'utf8')
    expect(await get()).toMatchObject({ code: 0, stderr: '' })
    // The same token, and one more process that had it.
    const [token, ...had] = (await readFile(await kept(), 'utf8')).trim().split('\n')
    expect([token, had.length]).toEqual([first.split('\n')[0], 2])

    const end = ['lease', 'revoke', lease, '--reason', 'wrong cluster']
    expect(await playing.leasegate('admin', ...end)).toMatchObject({ code: 0 })
    const ran = await get()
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toContain('the lease was revoked')
    expect(ran.stderr).toContain('leasegate lease request')
  })

  test('fails once with a token that the boundary does not take, and goes on with the next', async () => {
    const lease = await playing.lease(playing.edition.names.inspect)
    expect(await get()).toMatchObject({ code: 0 })
    const file = await kept()
    const [line = ''] = (await readFile(file, 'utf8')).split('\n')
    const { token, ...others } = JSON.parse(line)
    // As one of a key that was withdrawn.
    const [header, claims] = token.split('.')
    await writeFile(file, `${JSON.stringify({ ...others, token: `${header}.${claims}.${'A'.repeat(86)}` })}\n`)
    const refused = await get()
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toContain('signature is wrong')
    expect(await get()).toMatchObject({ code: 0, stderr: '' })
    await playing.leasegate('agent', 'lease', 'revoke', lease)
  })
})
