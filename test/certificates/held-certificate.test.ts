import { afterEach, describe, expect, test } from 'vitest'
import { HeldCertificate } from '../../src/certificates/held-certificate.ts'
import { until } from '../support/until.ts'
import { anAuthority, held, mounted } from './mounted.ts'

const closing: (() => void | Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const authority = await anAuthority()
const good = await held(authority, ['tap.leasegate.internal'], 'server')
const next = await held(authority, ['tap.leasegate.internal'], 'server')

async function aMount(values: Readonly<Record<string, string>>) {
  const mount = await mounted(values)
  closing.push(mount.remove)
  return mount
}

describe('HeldCertificate', () => {
  test.each([
    {
      name: 'the key is of another certificate',
      values: { ...good, 'tls.key': next['tls.key'] },
      says: /is not the key of/,
    },
    {
      name: 'there is no certificate',
      values: { ...good, 'tls.crt': 'nonsense' },
      says: /tls\.crt holds no certificate/,
    },
    { name: 'there is no key', values: { ...good, 'tls.key': good['tls.crt'] }, says: /tls\.key holds no private key/ },
    { name: 'the authority is none', values: { ...good, 'ca.crt': '' }, says: /ca\.crt holds no certificate/ },
  ])('does not begin when $name, and says nothing of the key', async ({ values, says }) => {
    const { files } = await aMount(values)
    const failed = await HeldCertificate.open({ files, onProblem: () => undefined }).catch(
      (error: Error) => error.message,
    )
    expect(failed).toMatch(says)
    expect(failed).not.toContain('PRIVATE')
  })

  test('names the file that is missing', async () => {
    const { files } = await aMount({ 'tls.crt': good['tls.crt'] })
    await expect(HeldCertificate.open({ files, onProblem: () => undefined })).rejects.toThrow(
      /cannot be read \(ENOENT\)/,
    )
  })

  test('takes over renewed files all at once, and keeps the old ones while the new ones do not fit', async () => {
    const mount = await aMount(good)
    const problems: string[] = []
    const changes: string[] = []
    const certificate = await HeldCertificate.open({
      files: mount.files,
      onProblem: text => problems.push(text),
      everyMs: 5,
    })
    closing.push(certificate.close)
    certificate.onChange(({ cert }) => changes.push(cert))

    await mount.put({ ...next, 'tls.key': good['tls.key'] })
    await until('the mistake to be seen', () => problems.length > 0)
    expect(certificate.pem.cert).toBe(good['tls.crt'])

    await mount.put(next)
    await until('the change', () => changes.length > 0)
    expect(changes).toEqual([next['tls.crt']])
    expect(certificate.pem).toEqual({ cert: next['tls.crt'], key: next['tls.key'], ca: next['ca.crt'] })
    expect(problems).toEqual([expect.stringMatching(/is not the key of/)])
  })
})
