import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LeaseChoice } from '../../../src/cli/access/lease-choice.ts'
import { folderOf, placeOf } from '../../../src/cli/token-cache/place.ts'
import { SETTINGS } from '../../../src/config/settings.ts'

let home: string
let env: Record<string, string>
const file = (name: string) => join(home, name)

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'lg-place-'))
  for (const name of ['identity', 'ca', 'cert', 'key']) writeFileSync(file(name), name)
  writeFileSync(file('lease'), 'lse_1\n')
  env = {
    HOME: home,
    [SETTINGS.brokerUrl.env]: 'https://broker.example.com',
    [SETTINGS.identityTokenFile.env]: file('identity'),
    [SETTINGS.brokerCaFile.env]: file('ca'),
    [SETTINGS.clientCertFile.env]: file('cert'),
    [SETTINGS.clientKeyFile.env]: file('key'),
  }
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

const LEASE: LeaseChoice = { lease: 'lse_1' }
const without = (...names: readonly string[]) =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)))

describe('the folder of a user', () => {
  test.each([
    {
      what: 'what ends with the session',
      given: { XDG_RUNTIME_DIR: '/run/1', XDG_CACHE_HOME: '/c', HOME: '/h' },
      is: '/run/1',
    },
    { what: 'that for caches', given: { XDG_CACHE_HOME: '/c', HOME: '/h' }, is: '/c' },
    { what: 'the home', given: { HOME: '/h' }, is: '/h/.cache' },
    {
      what: 'the home, where others are relative',
      given: { XDG_RUNTIME_DIR: 'run', XDG_CACHE_HOME: '', HOME: '/h' },
      is: '/h/.cache',
    },
  ])('is in $what', ({ given, is }) => {
    expect(folderOf(given)).toBe(`${is}/leasegate/lease-tokens`)
  })

  test('is nowhere without a home', () => {
    expect([folderOf({}), folderOf({ HOME: 'here' })]).toEqual([null, null])
    expect(placeOf(LEASE, without('HOME'))).toBeNull()
  })
})

describe('the place of an answer', () => {
  test('is that of the same question, and brings the certificate of now', () => {
    const place = placeOf(LEASE, env)
    expect(place).toMatchObject({ lease: 'lse_1', template: null, certificate: { cert: 'cert', key: 'key' } })
    expect(placeOf(LEASE, { ...env, PATH: '/bin', TERM: 'dumb' })).toEqual(place)
    expect(place?.file).toMatch(/\/lease-tokens\/[0-9a-f]{16}$/)
  })

  test('is another one for another lease, template, setting, or content of a file that a setting names', () => {
    const places = [placeOf(LEASE, env), placeOf({ lease: 'lse_2' }, env), placeOf({ template: 'lse_1' }, env)]
    for (const name of Object.keys(env).filter(one => one.startsWith('LEASEGATE_') && !one.endsWith('_FILE')))
      places.push(placeOf(LEASE, { ...env, [name]: `${env[name]}/` }))
    places.push(placeOf(LEASE, { ...env, LEASEGATE_CLUSTER_NAME: 'other' }))
    for (const name of ['identity', 'ca', 'cert', 'key']) {
      writeFileSync(file(name), `${name}2`)
      places.push(placeOf(LEASE, env))
      writeFileSync(file(name), name)
    }
    expect(new Set(places.map(place => place?.file)).size).toBe(places.length)
    expect(places).not.toContain(null)
  })

  test('is that of the lease whose id stands in a file by then', () => {
    const byFile = placeOf({ leaseFrom: file('lease') }, env)
    expect(byFile).toMatchObject({ lease: 'lse_1', isForNow: true })
    expect(byFile?.file).not.toBe(placeOf(LEASE, env)?.file)
    writeFileSync(file('next'), 'lse_2\n')
    expect(placeOf({ leaseFrom: file('next') }, env)?.file).not.toBe(byFile?.file)
    expect(placeOf({ leaseFrom: file('none') }, env)).toBeNull()
  })

  test.each([
    { what: 'it is switched off', change: () => ({ ...env, [SETTINGS.tokenCache.env]: 'off' }) },
    { what: 'it is neither on nor off', change: () => ({ ...env, [SETTINGS.tokenCache.env]: 'yes' }) },
    { what: 'a file with contexts says which broker', change: () => without(SETTINGS.brokerUrl.env) },
    {
      what: 'a login says who asks',
      change: () => without(SETTINGS.identityTokenFile.env, SETTINGS.clientCertFile.env),
    },
    {
      what: 'the identity token is not there',
      change: () => ({ ...env, [SETTINGS.identityTokenFile.env]: file('none') }),
    },
    { what: 'a file cannot be read', change: () => ({ ...env, [SETTINGS.identityTokenFile.env]: home }) },
    { what: 'the CA is not there', change: () => ({ ...env, [SETTINGS.brokerCaFile.env]: file('none') }) },
  ])('is nowhere where $what', ({ change }) => {
    expect(placeOf(LEASE, change())).toBeNull()
  })

  test('is somewhere where it is switched on', () => {
    expect(placeOf(LEASE, { ...env, [SETTINGS.tokenCache.env]: 'on' })).not.toBeNull()
  })
})
