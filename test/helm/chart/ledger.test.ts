import { describe, expect, test } from 'vitest'
import { readConfig } from '../../../src/config/read-config.ts'
import { TAP_SETTINGS } from '../../../src/config/roles.ts'
import { envOf, type Loose, named, render, rendered, specOf, valuesOf } from './a-chart.ts'

const TAP = 'lg-leasegate-tap'

describe('ledgers', () => {
  test('that nobody wants are nowhere', async () => {
    expect(await render(await valuesOf('minimal'))).not.toMatch(/LEASEGATE_LEDGER|ledger-/)
  })

  test('are on a volume of each tap, with what it takes to sign, to put and to be cosigned', async () => {
    const tap = named(await rendered('ledger'), 'StatefulSet', TAP)
    const [claim, ...others] = tap.spec.volumeClaimTemplates
    expect(others).toEqual([])
    expect(claim).toMatchObject({ metadata: { name: 'ledger' }, spec: { storageClassName: 'fast' } })
    const env = envOf(tap)
    const read = readConfig(env, TAP_SETTINGS)
    if (read.kind !== 'ok') throw new Error(read.problems.join())
    expect(read.config).toMatchObject({
      ledgerS3Url: 'https://s3.corp.example',
      ledgerS3Bucket: 'audit-checkpoints',
      ledgerS3Prefix: 'production/',
      ledgerS3Region: 'eu-central-1',
      ledgerS3Lock: 'governance',
      ledgerS3Kept: 800,
    })
    const volumes = Object.fromEntries(specOf(tap).volumes.map(({ name, ...volume }: Loose) => [name, volume]))
    const mounts: readonly Loose[] = specOf(tap).containers[0].volumeMounts
    const sourceOf = (file: string) => {
      const mount = mounts.find(
        ({ mountPath }) => file.startsWith(`${mountPath}/`) && mountPath !== '/var/lib/leasegate',
      )
      const { secret, configMap } = volumes[mount?.name] ?? {}
      return secret?.secretName ?? configMap?.name ?? mount?.name
    }
    expect(sourceOf(env.LEASEGATE_LEDGER_DIRECTORY)).toBe('ledger')
    expect(sourceOf(env.LEASEGATE_LEDGER_KEY_FILE)).toBe('leasegate-ledger-key')
    expect(sourceOf(env.LEASEGATE_LEDGER_S3_CREDENTIALS_FILE)).toBe('leasegate-ledger-s3')
    expect(sourceOf(env.LEASEGATE_LEDGER_S3_CA_FILE)).toBe('corp-ca')
    expect(sourceOf(env.LEASEGATE_LEDGER_WITNESSES_FILE)).toBe('leasegate-witnesses')
    expect(sourceOf(env.LEASEGATE_LEDGER_WITNESSES_CA_FILE)).toBe('corp-ca')
  })

  test('the tap reaches bucket and witnesses, and nobody else does', async () => {
    const policies = (await rendered('ledger')).filter(({ kind }) => kind === 'NetworkPolicy')
    const there = policies.filter(({ spec }) => JSON.stringify(spec.egress ?? []).includes('10.9.0.0/16'))
    expect(there.map(({ metadata }) => metadata.name)).toEqual([TAP])
  })

  test('with recorded sessions each tap has two volumes, and with sessions on the disk of the node one', async () => {
    const claims = async (sessions: Loose) =>
      named(await rendered('ledger', { sessions }), 'StatefulSet', TAP).spec.volumeClaimTemplates.map(
        ({ metadata }: Loose) => metadata.name,
      )
    expect(await claims({ enabled: true })).toEqual(['sessions', 'ledger'])
    expect(await claims({ enabled: true, spool: { persistent: false } })).toEqual(['ledger'])
  })

  test.each([
    { change: { existingSecret: { name: '' } }, says: 'ledger.existingSecret.name is missing' },
    {
      change: { s3: { url: 'https://s3.corp.example' } },
      says: 'ledger.s3.bucket or ledger.s3.existingSecret.name is',
    },
  ])('$says', async ({ change, says }) => {
    const ledger = { enabled: true, existingSecret: { name: 'key' }, ...change }
    await expect(rendered('ledger', { ledger })).rejects.toThrow(says)
  })
})
