import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { leasegate } from '../../../local/edition/leasegate.ts'
import { storeSettings } from '../../../local/edition/processes.ts'
import type { Report } from '../../../src/findings/report.ts'
import { openOwnLedger } from '../../../src/record/ledger/own-ledger.ts'
import { anEdition, type TestEdition } from '../../e2e/an-edition.ts'
import { type LedgerFolder, makeLedgerFolder } from '../../record/ledger/a-ledger.ts'

let world: TestEdition
let ledgers: LedgerFolder
let env: Readonly<Record<string, string>>

beforeAll(async () => {
  world = await anEdition()
  ledgers = await makeLedgerFolder()
  const { environments, processes, policyFile, sockets } = world.edition
  env = {
    ...environments.admin,
    ...storeSettings(processes),
    LEASEGATE_POLICY_FILE: policyFile,
    LEASEGATE_PUBLIC_KEYS_FILE: join(processes.keysDirectory, 'public.jwks.json'),
    LEASEGATE_SIGNING_KEYS_FILE: join(processes.keysDirectory, 'signing.jwks.json'),
    LEASEGATE_ENVOY_ADMIN_SOCKET: sockets.envoyAdmin,
    LEASEGATE_LEDGER_DIRECTORY: ledgers.directory,
  }
  const { ledger } = await openOwnLedger({ ...ledgers, owner: 'tap' })
  await ledger.checkpoint()
  await ledger.close()
})
afterAll(async () => {
  await world.stop()
  await ledgers[Symbol.asyncDispose]()
})

const doctor = (args: readonly string[], settings = env) => leasegate(['doctor', ...args], settings)

describe('leasegate doctor', () => {
  test('finds nothing in a whole installation that is well, and has examined every part', async () => {
    const { cluster, directory } = world.edition
    const args = ['--kubeconfig', cluster.adminKubeconfig, '--envoy-config', join(directory, 'envoy.json'), '--strict']
    const { code, stdout } = await doctor([...args, '-o', 'json'])
    const { checks } = JSON.parse(stdout) as Report
    expect(checks.flatMap(({ findings }) => findings)).toEqual([])
    expect(checks.map(({ name, tried }) => [name, tried.length > 0])).toEqual(
      [
        'store',
        'journal',
        'record',
        'ledgers',
        'envoy',
        'envoy-config',
        'certificates',
        'clocks',
        'keys',
        'issuers',
        'policy',
        'boundary-account',
        'admission',
      ].map(name => [name, true]),
    )
    expect(code).toBe(0)
  })

  test('says what it was not told of, and is content', async () => {
    const { code, stdout } = await doctor([], {})
    expect(code).toBe(0)
    expect(stdout).toContain('– the store keeps what it was told\n    saw    not examined: LEASEGATE_REDIS_URL\n')
    expect(stdout).toMatch(/no finding\n$/)
  })

  test('a finding makes the exit code 1', async () => {
    await chmod(env['LEASEGATE_SIGNING_KEYS_FILE'] ?? '', 0o644)
    const { code, stdout, stderr } = await doctor([])
    await chmod(env['LEASEGATE_SIGNING_KEYS_FILE'] ?? '', 0o600)
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'leasegate: there is 1 finding\n' })
    expect(stdout).toMatch(/CRITICAL {2}.*signing\.jwks\.json can be read by others/)
  })

  test.each([
    {
      name: 'the store',
      set: { LEASEGATE_REDIS_URL: 'unix:///nowhere/valkey.sock' },
      finds: /nobody answers at LEASEGATE_REDIS_URL/,
    },
    { name: 'the tap', set: { LEASEGATE_QUERY_SOCKET: '/nowhere/query.sock' }, finds: /could not be looked at/ },
    {
      name: 'Envoy',
      set: { LEASEGATE_ENVOY_ADMIN_SOCKET: '/nowhere/admin.sock' },
      finds: /could not be looked at: connect ENOENT/,
    },
  ])('$name that does not answer is unknown, and not well', async ({ set, finds }) => {
    const { code, stdout } = await doctor([], { ...env, ...set })
    expect(code).toBe(1)
    expect(stdout).toMatch(finds)
    expect(stdout).toContain('UNKNOWN')
  })

  test('shows no secret', async () => {
    const secret = { LEASEGATE_REDIS_URL: 'redis://somebody:hunter2@127.0.0.1:1/0' }
    const { stdout, stderr } = await doctor([], { ...env, ...secret })
    expect(`${stdout}${stderr}`).not.toContain('hunter2')
  })

  test.each([
    {
      name: 'a setting that is none',
      args: [],
      set: { LEASEGATE_REDIS_URL: 'http://x' },
      says: /LEASEGATE_REDIS_URL must be/,
    },
    { name: 'a policy file with mistakes', args: ['--policy', '/etc/hostname'], set: {}, says: /hostname/ },
    {
      name: 'a kubeconfig that is not there',
      args: ['--kubeconfig', '/nope'],
      set: {},
      says: /cannot read the kubeconfig/,
    },
    { name: 'a cluster around no pod', args: ['--in-cluster'], set: {}, says: /this does not run in a pod/ },
    {
      name: 'two clusters at once',
      args: ['--in-cluster', '--kubeconfig', '/nope'],
      set: {},
      says: /--in-cluster' cannot be used with option '--kubeconfig/,
    },
  ])('$name is said in one message', async ({ args, set, says }) => {
    const { code, stderr } = await doctor(args, { ...env, ...set })
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(says) })
  })
})
