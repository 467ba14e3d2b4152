import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readPublishedKeys } from '../../src/identity/issuers/published-keys.ts'

let folder: string
let server: Server
let url: string
/** What it answers with, whoever asks; 0: as the token is. */
let status = 0
const sent: unknown[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lg-'))
  server = createServer(({ headers }, response) => {
    sent.push(headers.authorization)
    if (status !== 0) response.writeHead(status).end()
    else if (headers.authorization === 'Bearer good') response.end('{"keys":[]}')
    else response.writeHead(401).end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/openid/v1/jwks`
})
afterAll(async () => {
  server.close()
  await rm(folder, { recursive: true })
})

describe('readPublishedKeys of an API server', () => {
  test('sends the token of an account along, as it is at that moment', async () => {
    const tokenFile = join(folder, 'token')
    const read = () => readPublishedKeys({ jwks: { kind: 'url', url, caFile: null, tokenFile } })
    await expect(read()).rejects.toMatchObject({
      message: 'its tokenFile cannot be read',
      mend: expect.stringContaining('jwks.tokenFile'),
    })
    await writeFile(tokenFile, 'old\n')
    await expect(read()).rejects.toMatchObject({
      message: 'it answers with status 401',
      mend: expect.stringContaining('system:service-account-issuer-discovery'),
    })
    await writeFile(tokenFile, 'good\n')
    expect(await read()).toBe('{"keys":[]}')
    expect(sent).toEqual(['Bearer old', 'Bearer good'])
  })

  test.each([
    { says: 404, isGone: true },
    { says: 410, isGone: true },
    { says: 302, isGone: false },
    { says: 403, isGone: false },
    { says: 429, isGone: false },
    { says: 502, isGone: false },
  ])('of status $says it tells whether that is an outage', async ({ says, isGone }) => {
    status = says
    const read = readPublishedKeys({ jwks: { kind: 'url', url, caFile: null } })
    await expect(read).rejects.toMatchObject({ message: `it answers with status ${says}`, isGone })
  })
})
