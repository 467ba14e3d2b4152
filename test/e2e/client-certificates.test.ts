import { readFile, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { leasegate } from '../../local/edition/leasegate.ts'
import { run } from '../../local/process/run.ts'
import { ensureToolchain } from '../../local/toolchain/toolchain.ts'
import {
  anAuthority,
  type ClientCertificate,
  spiffe,
  type TestAuthority,
} from '../support/certificates/an-authority.ts'
import { until } from '../support/until.ts'
import { anEdition, type TestEdition } from './an-edition.ts'

const AGENT = spiffe('spiffe://prod.corp.example/ns/agents/sa/agent')
const OTHER = spiffe('spiffe://prod.corp.example/ns/agents/sa/other')

let playing: TestEdition
let authority: TestAuthority
let kubectl: string
/** The agent's settings, with the files that its certificate is renewed in. */
let settings: Record<string, string>
const at = (name: string) => join(playing.edition.directory, name)

beforeAll(async () => {
  playing = await anEdition({ clientCertificates: true })
  kubectl = (await ensureToolchain(() => undefined)).kubectl
  authority = await anAuthority()
  await writeFile(at('roots.pem'), authority.pem)
  const { policyFile, environments } = playing.edition
  const certificateAuthorities = [{ name: 'mesh', trustDomain: 'prod.corp.example', file: at('roots.pem') }]
  await writeFile(policyFile, stringify({ ...parse(await readFile(policyFile, 'utf8')), certificateAuthorities }))
  settings = {
    ...environments.agent,
    LEASEGATE_CLIENT_CERT_FILE: at('svid.pem'),
    LEASEGATE_CLIENT_KEY_FILE: at('svid.key'),
  }
  await renewed(await authority.issue(AGENT))
  await until('the policy to know the authority', async () => (await leasegate(['whoami'], settings)).code === 0)
})
afterAll(() => playing.stop())
afterEach(async () => {
  const { stdout } = await playing.leasegate('admin', 'lease', 'list', '-o', 'json')
  for (const { id } of JSON.parse(stdout)) await playing.leasegate('admin', 'lease', 'revoke', id)
})

async function renewed({ cert, key }: ClientCertificate): Promise<ClientCertificate> {
  await writeFile(at('svid.pem'), cert)
  await writeFile(at('svid.key'), key)
  return { cert, key }
}

async function ask(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await leasegate(args, settings)
  if (code !== 0) throw new Error(stderr)
  return stdout
}

interface Held {
  readonly id: string
  readonly token: string
  readonly kubeconfig: string
}

async function aLease(): Promise<Held> {
  const { inspect, app } = playing.edition.names
  const wish = ['--template', inspect, '--reason', 'a test', '--namespace', app]
  const { id } = JSON.parse(await ask('lease', 'request', ...wish, '-o', 'json')) as { readonly id: string }
  const kubeconfig = at(`${id}.yaml`)
  await ask('kubeconfig', '--lease', id, '--out', kubeconfig)
  const { status } = JSON.parse(await ask('credential', '--lease', id))
  return { id, token: status.token, kubeconfig }
}

const pods = () => `/api/v1/namespaces/${playing.edition.names.app}/pods`

/** As curl would, over a connection of its own. */
async function get(token: string, by: ClientCertificate | null, headers: Record<string, string> = {}) {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>()
  request(
    new URL(pods(), playing.edition.boundaryUrl),
    {
      agent: false,
      ca: await readFile(playing.edition.caFile),
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...(by ?? {}),
    },
    async response => {
      const chunks = await response.toArray()
      resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() })
    },
  )
    .on('error', reject)
    .end()
  return promise
}

describe('a lease that is bound to a client certificate', () => {
  test('is used by plain kubectl, and over its own certificate alone', async () => {
    const own = await renewed(await authority.issue(AGENT))
    const { id, token, kubeconfig } = await aLease()
    const ran = await run(kubectl, ['--kubeconfig', kubeconfig, 'get', 'pods', '-n', playing.edition.names.app])
    expect(ran).toMatchObject({ code: 0 })
    expect((await get(token, own)).status).toBe(200)

    const other = await authority.issue(OTHER)
    const chain = encodeURIComponent(own.cert)
    const pretends = { 'x-forwarded-client-cert': `Hash=00;Cert="${chain}";Chain="${chain}"`, 'client-cert': chain }
    for (const answer of [
      await get(token, null),
      await get(token, other),
      await get(token, null, pretends),
      await get(token, other, pretends),
      // Of the same name, and another certificate all the same: its tokens are its own.
      await get(token, await authority.issue(AGENT)),
    ]) {
      expect(answer.status).toBe(401)
      expect(answer.body).toContain('the lease token is for another client certificate')
    }
    await until('the refusals on record', async () => {
      const rows = await playing.sql<{ n: string }>(
        `SELECT count() AS n FROM requests WHERE lease = '${id}' AND reason = 'other-certificate'`,
      )
      return Number(rows[0]?.n) === 5
    })
  })

  test('outlives its certificate: kubectl goes on with the next', async () => {
    const before = await renewed(await authority.issue(AGENT))
    const { token, kubeconfig } = await aLease()
    const next = await renewed(await authority.issue(AGENT))
    expect((await get(token, next)).status).toBe(401)
    const args = ['--kubeconfig', kubeconfig, 'get', 'pods', '-n', playing.edition.names.app, '-o', 'name']
    expect(await run(kubectl, args)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^pod\//) })
    expect((await get(token, before)).status).toBe(200)
  })

  test('is given over roots that rotated, and no longer over those that are gone', async () => {
    const next = await anAuthority({ subject: 'CN=next' })
    await writeFile(at('roots.pem'), `${authority.pem}\n${next.pem}`)
    const by = await renewed(await next.issue(AGENT))
    const { token } = await aLease()
    expect((await get(token, by)).status).toBe(200)
    await writeFile(at('roots.pem'), next.pem)
    await renewed(await authority.issue(AGENT))
    const ran = await leasegate(['whoami'], settings)
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('its authority is not one that is believed') })
    await writeFile(at('roots.pem'), authority.pem)
  })

  test('is renewed for nobody without a certificate', async () => {
    await renewed(await authority.issue(AGENT))
    const { id } = await aLease()
    const ran = await playing.leasegate('agent', 'credential', '--lease', id)
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('bound to a client certificate') })
  })
})

describe('a lease that is bound to none', () => {
  test('goes on over the same listener, with a certificate or without', async () => {
    const { inspect, app } = playing.edition.names
    const id = await playing.lease(inspect, '--namespace', app)
    const token = await playing.token(id)
    expect((await get(token, null)).status).toBe(200)
    expect((await get(token, await authority.issue(OTHER))).status).toBe(200)
  })
})
