import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { freePort } from '../../../local/process/ports.ts'
import { httpCall } from '../../../src/support/net/http-call.ts'
import { anAuthority, SERVER } from '../../support/certificates/an-authority.ts'
import { until } from '../../support/until.ts'
import { leasegate } from '../leasegate.ts'
import { HttpServer, INITIALIZE } from './an-http-server.ts'
import { call, WISH } from './call-tool.ts'
import { clientOf, ends, open, server, stateOf, statusFor, tokenOf, world } from './the-http-server.ts'

describe('leasegate mcp --http', () => {
  test.each(['legacy', 'auto'] as const)('goes from a token to a lease and back (%s)', async mode => {
    const client = await clientOf('web-operator', mode)
    expect(client.getNegotiatedProtocolVersion()).toBe(mode === 'auto' ? '2026-07-28' : '2025-11-25')
    expect(await call(client, 'whoami')).toMatchObject({ agent: 'web-operator', sponsor: 'ada@corp.example' })
    const taken = await call(client, 'request_lease', { ...WISH, ttl: '2m' })
    expect(taken).toMatchObject({ template: 'restart-web', state: 'active', boundary: 'https://127.0.0.1:6443' })
    expect(taken.next).toContain(`leasegate kubeconfig --lease ${taken.lease}`)
    expect(taken).not.toHaveProperty('kubeconfig')
    expect(taken.heldUntil).toBe(taken.endsAt)
    await call(client, 'give_back', { lease: taken.lease, reason: 'restarted' })
    expect(await stateOf(taken.lease)).toMatchObject({ kind: 'revoked', reason: 'restarted' })
  })

  test('says who gives out tokens, to whoever has none or another one', async () => {
    const answers = {
      none: {},
      'no JWT': { authorization: 'Bearer abc' },
      'for another server': {
        authorization: `Bearer ${await tokenOf('web-operator', { aud: 'https://other.example' })}`,
      },
      'that has ended': { authorization: `Bearer ${await tokenOf('web-operator', { iat: 1, exp: 3600 })}` },
      'signed by nobody': { authorization: `Bearer ${(await tokenOf('web-operator')).slice(0, -8)}AAAAAAAA` },
    }
    for (const [what, headers] of Object.entries(answers)) {
      const answer = await server.post(INITIALIZE, headers as Record<string, string>)
      expect(answer.status, what).toBe(401)
      const [, found = ''] = /resource_metadata="([^"]+)"/.exec(answer.headers.get('www-authenticate') ?? '') ?? []
      expect(new URL(found).pathname, what).toBe('/.well-known/oauth-protected-resource/mcp')
      expect(await (await fetch(found)).json()).toEqual({
        resource: server.url,
        authorization_servers: ['https://login.corp.example'],
        bearer_methods_supported: ['header'],
        resource_name: 'Leasegate',
      })
    }
  })

  test.each([
    { name: 'a person', sub: 'hana', says: /leases are for agents/ },
    { name: 'a stranger', sub: 'nobody', says: /not known here/ },
  ])('turns away $name whose token is good', async ({ sub, says }) => {
    const answer = await server.post(INITIALIZE, { authorization: `Bearer ${await tokenOf(sub)}` })
    expect(answer.status).toBe(403)
    expect(await answer.text()).toMatch(says)
  })

  test.each([
    { name: 'a page of another place', headers: { origin: 'https://evil.example' } },
    { name: 'a page without a place', headers: { origin: 'null' } },
  ])('answers nothing to $name', async ({ headers }) => {
    const authorization = `Bearer ${await tokenOf('web-operator')}`
    expect((await server.post(INITIALIZE, { authorization, ...headers })).status).toBe(403)
    expect((await server.post(INITIALIZE, { authorization, origin: new URL(server.url).origin })).status).toBe(200)
  })

  test('answers nothing to who looked up another name, and says which is its own', async () => {
    const { port } = new URL(server.url)
    expect(await statusFor(Number(port), `evil.example:${port}`)).toBe(403)
    expect(await statusFor(Number(port), `127.0.0.1:${port}`)).toBe(401)
    const answer = await fetch(`http://localhost:${port}/mcp`, { method: 'POST' })
    expect(answer.status).toBe(403)
    expect(await answer.text()).toContain(`this server is http://127.0.0.1:${port}/mcp to its clients`)
  })

  test('is found behind a proxy that writes its name in another way', async () => {
    const port = await freePort()
    const behind = [
      '--audience',
      'leasegate',
      '--listen',
      `127.0.0.1:${port}`,
      '--resource',
      'https://mcp.example.com/mcp',
    ]
    const proxied = await HttpServer.start(world, behind, { url: 'https://mcp.example.com/mcp' })
    open.push({ close: async () => void (await proxied.stop()) })
    for (const host of ['mcp.example.com', 'mcp.example.com:443', 'MCP.example.com', `127.0.0.1:${port}`])
      expect(await statusFor(port, host), host).toBe(401)
    for (const host of ['mcp.example.com:80', 'other.example.com', 'evil@mcp.example.com', 'mcp.example.com/x'])
      expect(await statusFor(port, host), host).toBe(403)
  })

  test("does not know a session by another's token, and goes on with its own", async () => {
    const token = await tokenOf('web-operator')
    const begun = await server.post(INITIALIZE, { authorization: `Bearer ${token}` })
    const session = {
      'mcp-session-id': begun.headers.get('mcp-session-id') ?? '',
      'mcp-protocol-version': '2025-11-25',
    }
    expect(session['mcp-session-id']).toMatch(/^[\w-]{43}$/)
    const list = { jsonrpc: '2.0', id: 2, method: 'tools/list', params: {} }
    const ask = async (bearer: string) =>
      (await server.post(list, { ...session, authorization: `Bearer ${bearer}` })).status
    expect(await ask(await tokenOf('triage'))).toBe(404)
    expect(await ask(await tokenOf('web-operator', { email: 'eve@corp.example' }))).toBe(200)
    expect(await ask(token)).toBe(200)
    const end = await fetch(server.url, { method: 'DELETE', headers: { ...session, authorization: `Bearer ${token}` } })
    expect(end.status).toBe(200)
    expect(await ask(token)).toBe(404)
  })

  test('takes no more sessions of one caller than eight, and no message that is too long', async () => {
    const authorization = `Bearer ${await tokenOf('triage')}`
    const sessions: string[] = []
    for (let begun = 0; begun < 8; begun++) {
      const answer = await server.post(INITIALIZE, { authorization })
      expect(answer.status).toBe(200)
      sessions.push(answer.headers.get('mcp-session-id') ?? '')
    }
    expect((await server.post(INITIALIZE, { authorization })).status).toBe(429)
    expect((await server.post(INITIALIZE, { authorization: `Bearer ${await tokenOf('web-operator')}` })).status).toBe(
      200,
    )
    for (const id of sessions)
      await fetch(server.url, { method: 'DELETE', headers: { authorization, 'mcp-session-id': id } })
    expect((await server.post(INITIALIZE, { authorization })).status).toBe(200)
    const long = { ...INITIALIZE, params: { ...INITIALIZE.params, padding: 'x'.repeat(300_000) } }
    expect((await server.post(long, { authorization })).status).toBe(413)
  })

  test.each(['legacy', 'auto'] as const)('tells who subscribed that a lease has come (%s)', async mode => {
    const client = await clientOf('web-operator', mode)
    const told: string[] = []
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => void told.push(params.uri))
    if (mode === 'legacy') await client.subscribeResource({ uri: 'leasegate://leases' })
    else open.push(await client.listen({ resourceSubscriptions: ['leasegate://leases'] }))
    const { lease } = await call(client, 'request_lease', WISH)
    await until('news', () => told.includes('leasegate://leases'))
    await call(client, 'give_back', { lease })
  })
})

describe('a server by its own name', () => {
  test('takes no token that the broker would take, and that is not for this server', async () => {
    const named = await HttpServer.start(world, [])
    open.push({ close: async () => void (await named.stop()) })
    const answer = await named.post(INITIALIZE, { authorization: `Bearer ${await tokenOf('web-operator')}` })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toContain('its audience is not this server')
  })

  test('has TLS where it has a certificate, and shows a renewed one', async () => {
    const authority = await anAuthority()
    const renew = async () => {
      const names = [{ type: 'ip', value: '127.0.0.1' }] as const
      const { cert, key } = await authority.issue({ names, usages: [SERVER] })
      await writeFile(world.path('tls.crt'), cert)
      await writeFile(world.path('tls.key'), key)
      return new X509Certificate(cert).fingerprint256
    }
    const first = await renew()
    const port = await freePort()
    const tls = ['--tls-cert', world.path('tls.crt'), '--tls-key', world.path('tls.key')]
    const url = `https://127.0.0.1:${port}/mcp`
    const options = ['--audience', 'leasegate', '--listen', `127.0.0.1:${port}`, ...tls]
    const secure = await HttpServer.start(world, options, { url })
    open.push({ close: async () => void (await secure.stop()) })
    const shown = async () => {
      const socket = connect({ port, host: '127.0.0.1', ca: authority.pem })
      await once(socket, 'secureConnect')
      const { fingerprint256 } = socket.getPeerCertificate()
      socket.destroy()
      return fingerprint256
    }
    expect(await shown()).toBe(first)
    const headers = {
      authorization: `Bearer ${await tokenOf('web-operator')}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    }
    const call = { method: 'POST', url, headers, body: JSON.stringify(INITIALIZE), ca: authority.pem }
    expect(await httpCall({ ...call, withinMs: 30_000, maxBytes: 100_000 })).toMatchObject({ status: 200 })
    const second = await renew()
    await until('the renewed certificate', async () => (await shown()) === second)
  })
})

describe('a lease asked for over HTTP', () => {
  test("is nobody else's to see or to give back", async () => {
    const [mine, others] = [await clientOf('web-operator', 'auto'), await clientOf('triage', 'auto')]
    const { lease } = await call(mine, 'request_lease', WISH)
    await expect(call(others, 'give_back', { lease })).rejects.toThrow('no such lease')
    expect(await call(others, 'list_leases')).toEqual({ leases: [] })
    const { resources } = await others.listResources()
    expect(resources.map(({ uri }) => uri)).toEqual(['leasegate://leases'])
    expect(JSON.stringify(await others.readResource({ uri: 'leasegate://leases' }))).not.toContain(lease)
    expect(await stateOf(lease)).toMatchObject({ kind: 'active' })
    await call(mine, 'give_back', { lease })
  })

  test.each(['legacy', 'auto'] as const)('comes without a token (%s)', async mode => {
    const token = await tokenOf('web-operator')
    const { client } = await server.client(() => token, mode)
    open.push(client)
    const taken = await call(client, 'request_lease', WISH)
    const { resources } = await client.listResources()
    const read = await client.readResource({ uri: 'leasegate://leases' })
    const answers = [taken, resources, read, await call(client, 'whoami'), await call(client, 'list_leases')]
    answers.push(await call(client, 'give_back', { lease: taken.lease }))
    expect(JSON.stringify(answers)).toContain(taken.lease)
    expect(JSON.stringify(answers)).not.toMatch(/\beyJ[\w-]+/)
  })

  test('ends with its session', async () => {
    const token = await tokenOf('web-operator')
    const { client, transport } = await server.client(() => token, 'legacy')
    const { lease } = await call(client, 'request_lease', WISH)
    await transport.terminateSession()
    await client.close()
    await ends(lease, 'its MCP session was ended')
  })

  test.each(['legacy', 'auto'] as const)('ends when nothing is heard (%s)', async mode => {
    const hasty = await HttpServer.start(world, ['--audience', 'leasegate', '--idle', '2s'])
    try {
      const token = await tokenOf('web-operator')
      const { client } = await hasty.client(() => token, mode)
      const { lease } = await call(client, 'request_lease', WISH)
      await client.close()
      await ends(lease, 'nothing was heard in its MCP session')
    } finally {
      await hasty.stop()
    }
  })

  test('ends before the token by which it was asked for, and none is given for a moment', async () => {
    const inSeconds = (left: number) => ({ exp: Math.floor(Date.now() / 1000) + left })
    const other = await HttpServer.start(world)
    try {
      const late = await tokenOf('web-operator', inSeconds(50))
      const { client } = await other.client(() => late, 'legacy')
      await expect(call(client, 'request_lease', WISH)).rejects.toThrow('sign in anew')
      const soon = await tokenOf('web-operator', inSeconds(80))
      const { client: holder } = await other.client(() => soon, 'legacy')
      const { lease, endsAt, heldUntil } = await call(holder, 'request_lease', WISH)
      expect(Date.parse(heldUntil)).toBeLessThan(Date.parse(endsAt))
      await ends(lease, 'the identity token that asked for it ended')
    } finally {
      await other.stop()
    }
  }, 400_000)

  test.each([
    { name: 'stops', signal: 'SIGTERM', reason: 'its MCP server ended' },
    { name: 'is killed', signal: 'SIGKILL', reason: 'the MCP server that asked for it was killed' },
  ] as const)('ends when the server $name', async ({ signal, reason }) => {
    const other = await HttpServer.start(world)
    const token = await tokenOf('web-operator')
    const { client } = await other.client(() => token, 'auto')
    const { lease } = await call(client, 'request_lease', WISH)
    other.process.kill(signal)
    await other.exited
    await ends(lease, reason)
    await client.close().catch(() => undefined)
  })
})

describe('the process that ends leases', () => {
  test('ends them also when its server was killed in the middle of a word', async () => {
    const token = await tokenOf('web-operator')
    const wish = ['--template', 'restart-web', '--reason', 'it hangs', '-o', 'json']
    const { id } = JSON.parse((await world.as('web-operator', 'lease', 'request', ...wish)).stdout)
    const expiresAt = Date.now() + 600_000
    const told = [
      { kind: 'token', of: 'x', token, expiresAt },
      { kind: 'hold', lease: id, of: 'x' },
      { kind: 'token', of: 'x', token, expiresAt: expiresAt + 1 },
    ]
    const lines = told
      .map(one => JSON.stringify(one))
      .join('\n')
      .slice(0, -20)
    const ran = await leasegate(['mcp-keeper'], { LEASEGATE_BROKER_URL: world.brokerUrl }, lines)
    expect(ran).toMatchObject({ code: 0, stderr: '' })
    await ends(id, 'the MCP server that asked for it was killed')
  })
})

describe('the options of leasegate mcp', () => {
  test.each([
    { options: ['--http', '--listen', '0.0.0.0:0', '--issuer', 'https://a.example'], says: '--tls-cert' },
    { options: ['--http'], says: '--issuer is wanted' },
    { options: ['--http', '--issuer', 'http://a.example'], says: '--issuer must begin with https://' },
    { options: ['--http', '--issuer', 'https://a.example', '--resource', 'https://b.example'], says: 'has a path' },
    { options: ['--http', '--issuer', 'https://a.example', '--tls-cert', '/x'], says: 'go together' },
    { options: ['--listen', '127.0.0.1:1'], says: 'go with --http' },
  ])('$options', async ({ options, says }) => {
    const ran = await world.as('web-operator', 'mcp', ...options)
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining(says) })
  })
})
