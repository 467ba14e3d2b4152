import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config/read-config.ts'
import {
  AUTHORIZER_SETTINGS,
  BROKER_SETTINGS,
  CLIENT_SETTINGS,
  CONTEXT_SETTINGS,
  LOGIN_SETTINGS,
  TAP_SETTINGS,
} from '../../src/config/roles.ts'
import { SETTINGS, type SettingKey } from '../../src/config/settings.ts'

const BROKER = {
  LEASEGATE_POLICY_FILE: '/etc/leasegate/policy.yaml',
  LEASEGATE_REDIS_URL: 'redis://:hunter2@store:6379/0',
  LEASEGATE_BROKER_LISTEN: 'unix:/run/leasegate/broker.sock',
  LEASEGATE_SIGNING_KEYS_FILE: '/keys/signing.jwks.json',
  LEASEGATE_PUBLIC_KEYS_FILE: '/keys/public.jwks.json',
}

describe('readConfig', () => {
  test('gives defaults for what is not set', () => {
    expect(readConfig(BROKER, BROKER_SETTINGS)).toMatchObject({
      kind: 'ok',
      config: {
        brokerListen: { kind: 'unix', path: '/run/leasegate/broker.sock' },
        leaseTokenTtl: 900_000,
        redisCaFile: null,
        logLevel: 'info',
      },
    })
  })

  test('names every problem at once, each by its variable', () => {
    const { LEASEGATE_POLICY_FILE: _, ...rest } = BROKER
    const env = { ...rest, LEASEGATE_LEASE_TOKEN_TTL: '1h', LEASEGATE_LOG_LEVEL: 'loud', LEASEGATE_BROKER_LISTEN: 'x' }
    const read = readConfig(env, BROKER_SETTINGS)
    expect(read.kind === 'problems' && read.problems.map(problem => problem.split(' ')[0]).sort()).toEqual([
      'LEASEGATE_BROKER_LISTEN',
      'LEASEGATE_LEASE_TOKEN_TTL',
      'LEASEGATE_LOG_LEVEL',
      'LEASEGATE_POLICY_FILE',
    ])
  })

  test('a misspelt variable is a problem, others’ variables are none', () => {
    expect(readConfig({ ...BROKER, LEASEGATE_BROKER_LISTN: 'x' }, BROKER_SETTINGS)).toEqual({
      kind: 'problems',
      problems: ['LEASEGATE_BROKER_LISTN is not a setting'],
    })
    expect(readConfig({ ...BROKER, LEASEGATEX: 'x', HOME: '/root' }, BROKER_SETTINGS).kind).toBe('ok')
  })

  test('settings of other processes may be set, and are not looked at', () => {
    expect(readConfig({ ...BROKER, LEASEGATE_CHECK_DEADLINE: 'soon' }, BROKER_SETTINGS).kind).toBe('ok')
    expect(readConfig({ ...BROKER, LEASEGATE_CHECK_DEADLINE: 'soon' }, ['checkDeadline']).kind).toBe('problems')
  })

  test('set to nothing is not the same as not set', () => {
    expect(readConfig({ ...BROKER, LEASEGATE_LOG_LEVEL: '' }, BROKER_SETTINGS).kind).toBe('problems')
  })

  test('secrets show nowhere but where they are asked for', () => {
    const read = readConfig(BROKER, BROKER_SETTINGS)
    const shown = [
      JSON.stringify(read),
      inspect(read, { depth: 9, showHidden: true }),
      `${read.kind === 'ok' && read.config.redisUrl}`,
    ]
    for (const text of shown) expect(text).not.toContain('hunter2')
    expect(shown[0]).toContain('[redacted]')
    expect(read.kind === 'ok' && read.config.redisUrl.reveal()).toBe(BROKER.LEASEGATE_REDIS_URL)
  })

  test('no problem repeats the value it is about', () => {
    const names = Object.values(SETTINGS).map(setting => setting.env)
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.stringMatching(/^[a-z0-9:/@.]{12,40}$/), (name, value) => {
        const keys = Object.keys(SETTINGS) as SettingKey[]
        const read = readConfig({ [name]: value }, keys)
        return read.kind === 'ok' || !read.problems.join().includes(value)
      }),
    )
  })

  test('every default can be read by its own parser', () => {
    for (const setting of Object.values(SETTINGS)) {
      const fallback: string | null | undefined = 'fallback' in setting ? setting.fallback : undefined
      if (fallback !== undefined && fallback !== null) expect(setting.parse(fallback).kind, setting.env).toBe('ok')
    }
  })

  test('no two settings share a variable, and every setting is wanted by somebody', () => {
    const names = Object.values(SETTINGS).map(setting => setting.env)
    expect(new Set(names).size).toBe(names.length)
    const wanted = new Set<string>([
      ...AUTHORIZER_SETTINGS,
      ...BROKER_SETTINGS,
      ...TAP_SETTINGS,
      ...CLIENT_SETTINGS,
      ...CONTEXT_SETTINGS,
      ...LOGIN_SETTINGS,
    ])
    const rest = Object.keys(SETTINGS).filter(key => !wanted.has(key))
    expect(rest).toEqual(['boundaryUrl', 'boundaryCaFile', 'clusterName'])
  })
})
