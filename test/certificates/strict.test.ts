import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import { afterAll, describe, expect, test } from 'vitest'
import { createAuthority as createLocalAuthority } from '../../local/pki.ts'
import { run } from '../../local/process/run.ts'
import { createAuthority, issue } from '../../src/certificates/certificate.ts'
import { strictProblems } from '../../src/proof/doctor/envoy/strict.ts'
import { type Lacking, lacking } from './lacking.ts'

const directory = await mkdtemp(join(tmpdir(), 'lg-strict-'))
afterAll(() => rm(directory, { recursive: true, force: true }))

interface Served {
  readonly ca: string
  readonly certificate: string
  readonly key: string
}

async function ofTheChart(): Promise<Served> {
  const authority = await createAuthority('leasegate', 10)
  const leaf = { commonName: 'envoy', names: ['127.0.0.1'], usages: ['server'], days: 1 } as const
  return { ca: authority.certificate, ...(await issue(authority, leaf)) }
}

async function ofTheLocalEdition(): Promise<Served> {
  const authority = await createLocalAuthority(directory)
  const files = await authority.issue({ name: 'server', subject: 'CN=server', servedAs: ['127.0.0.1'] })
  const [ca, certificate, key] = await Promise.all(
    [authority.caFile, files.certificateFile, files.keyFile].map(file => readFile(file, 'utf8')),
  )
  return { ca: ca ?? '', certificate: certificate ?? '', key: key ?? '' }
}

/** As Python 3.13 checks by default, and earlier ones when they are asked to. */
const STRICT = `
import socket, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[1])
context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
with socket.create_connection(('127.0.0.1', int(sys.argv[2]))) as raw:
    with context.wrap_socket(raw, server_hostname='127.0.0.1') as checked:
        print(checked.version())
`

/** What Python makes of it: null where it connects. */
async function refusedBy({ ca, certificate, key }: Served): Promise<string | null> {
  const server = createServer({ cert: certificate, key }, socket => socket.end())
  server.on('tlsClientError', () => undefined)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  try {
    const caFile = join(directory, 'checked-ca.pem')
    await writeFile(caFile, ca)
    const { port } = server.address() as AddressInfo
    const { code, stderr } = await run('python3', ['-c', STRICT, caFile, String(port)])
    return code === 0 && stderr === '' ? null : stderr
  } finally {
    server.close()
  }
}

describe('certificates', () => {
  test.each([
    { name: 'that setup makes', serve: ofTheChart },
    { name: 'of the local edition', serve: ofTheLocalEdition },
  ])('$name pass the strict check of Python', async ({ serve }) => {
    const served = await serve()
    expect(await refusedBy(served)).toBeNull()
    expect(strictProblems(new X509Certificate(served.certificate).raw, served.ca)).toEqual([])
  })

  test.each<{ lacks: Lacking; says: string }>([
    { lacks: 'authority key', says: 'it has no authority key identifier' },
    { lacks: 'subject key of the CA', says: 'its CA has no subject key identifier' },
    { lacks: 'key usage of the CA', says: 'its CA has no key usage' },
    { lacks: 'critical constraints of the CA', says: "its CA's basic constraints are not critical" },
  ])('without the $lacks are refused by Python, and doctor knows why', async ({ lacks, says }) => {
    const served = await lacking(lacks)
    expect(await refusedBy(served)).toContain('CERTIFICATE_VERIFY_FAILED')
    expect(strictProblems(new X509Certificate(served.certificate).raw, served.ca)).toEqual([says])
  })
})
