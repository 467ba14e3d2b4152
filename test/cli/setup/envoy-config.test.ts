import { mkdtempSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { lintEnvoy } from '../../../envoy/lint/lint.ts'
import { leasegate } from '../../../local/edition/leasegate.ts'
import { run } from '../../../local/process/run.ts'
import { ensureToolchain } from '../../../local/toolchain/toolchain.ts'
import { createAuthority } from '../../../src/certificates/certificate.ts'

const FOLDER = mkdtempSync(join(tmpdir(), 'lg-'))

afterAll(() => rm(FOLDER, { recursive: true, force: true }))

function settings() {
  const tls = { certificateFile: join(FOLDER, 'tls.crt'), keyFile: join(FOLDER, 'tls.key') }
  const part = (port: number) => ({ host: 'part.leasegate-system.svc', port })
  return {
    address: '::',
    ports: { boundary: 10_443, broker: 10_444 },
    connections: { boundary: 1000, broker: 100 },
    heapBytes: 1_000_000_000,
    adminSocket: join(FOLDER, 'admin.sock'),
    clientCertificates: true,
    server: tls,
    apiServer: {
      host: '10.0.0.1',
      port: 6443,
      certificateName: '10.0.0.1',
      caFile: join(FOLDER, 'ca.crt'),
      tokenFile: join(FOLDER, 'token'),
    },
    parts: {
      ...tls,
      caFile: join(FOLDER, 'ca.crt'),
      authorizer: part(9001),
      tap: part(9001),
      broker: part(9001),
      recorder: part(9002),
    },
  }
}

async function written(given: object | string, out = join(FOLDER, 'out')) {
  const file = join(FOLDER, 'settings.json')
  await mkdir(join(FOLDER, 'out'), { recursive: true })
  await writeFile(file, typeof given === 'string' ? given : JSON.stringify(given))
  return { file, ...(await leasegate(['envoy', 'config', '--settings', file, '--out', out], {})) }
}

describe('leasegate envoy config', () => {
  test('writes all that Envoy needs, which Envoy takes and which keeps every promise', async () => {
    const { code, stderr } = await written(settings())
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const out = join(FOLDER, 'out')
    expect((await readdir(out)).sort()).toEqual(['boundary.json', 'envoy.json', 'parts.json', 'server.json'])
    expect(lintEnvoy(await readFile(join(out, 'envoy.json'), 'utf8'))).toEqual([])
    const { certificate } = await createAuthority('any', 1)
    await writeFile(join(FOLDER, 'ca.crt'), certificate)
    const { envoy } = await ensureToolchain(() => undefined)
    const args = ['--mode', 'validate', '--config-path', join(out, 'envoy.json'), '--log-level', 'error']
    expect(await run(envoy, args)).toMatchObject({ code: 0, stderr: '' })
  })

  test.each([
    { name: 'what is not JSON', given: '{', says: 'is no JSON' },
    { name: 'a key that nobody knows', given: { ...settings(), insecure: true }, says: 'insecure' },
    {
      name: 'a path that depends on where it is read',
      given: { ...settings(), adminSocket: 'admin.sock' },
      says: 'adminSocket: must be an absolute path',
    },
    {
      name: 'a name where an address is wanted',
      given: { ...settings(), address: 'localhost' },
      says: 'address: must be an IP address',
    },
    { name: 'a part that is missing', given: { ...settings(), parts: {} }, says: 'parts.authorizer' },
  ])('refuses $name by a line that says where, and writes nothing', async ({ given, says }) => {
    await rm(join(FOLDER, 'out'), { recursive: true, force: true })
    const { file, code, stderr } = await written(given)
    expect(code).toBe(2)
    expect(stderr).toContain(file)
    expect(stderr).toContain(says)
    expect(await readdir(join(FOLDER, 'out'))).toEqual([])
  })

  test('says so where it cannot write', async () => {
    const { code, stderr } = await written(settings(), join(FOLDER, 'nowhere'))
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringMatching(/nowhere.* cannot be written/) })
  })
})
