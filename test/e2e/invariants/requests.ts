import { describe, expect, test } from 'vitest'
import { auditIds, playing, pods, send } from './the-guarded-edition.ts'

describe('the identity is ours', () => {
  test.each([
    ['Impersonate-User: system:admin'],
    ['impersonate-group: system:masters'],
    ['Impersonate-Extra-Scopes: all'],
    ['X-Remote-User: admin'],
    ['x-remote-group: system:masters'],
    ['Audit-ID: 00000000-0000-4000-8000-000000000000'],
    ['Connection: Impersonate-User, close', 'Impersonate-User: system:admin'],
    ['Authorization: Bearer another'],
    ['Connection: Upgrade, Impersonate-User', 'Upgrade: websocket', 'Sec-WebSocket-Protocol: v5.channel.k8s.io'],
    ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Protocol: base64url.bearer.authorization.k8s.io.eA'],
  ])('a client that sends %s does not get its way', async (...headers) => {
    const before = await auditIds()
    const answer = await send(`GET ${pods()}`, headers.filter(Boolean))
    const after = (await playing.stage.audit()).filter(({ auditId }) => !before.has(auditId))
    // Envoy drops what Connection names before anybody sees it: such a request goes on as ours and nobody else's.
    expect(after.filter(({ impersonated }) => impersonated !== `leasegate:${playing.edition.names.agent}`)).toEqual([])
    if (answer.status !== 200) expect(JSON.parse(answer.body)).toMatchObject({ kind: 'Status', code: answer.status })
    const isImpersonation = /^impersonate-/i.test(headers[0] ?? '')
    expect(isImpersonation ? [403] : [200, 400, 401]).toContain(answer.status)
    if (!headers[0]?.startsWith('Connection: Imp')) expect(answer.status).not.toBe(200)
  })

  test('whatever happened, the boundary never acted as anybody else', async () => {
    const acted = (await playing.stage.audit()).filter(({ user }) => user.includes('leasegate-boundary'))
    expect(acted.length).toBeGreaterThan(0)
    expect(acted.filter(({ impersonated }) => impersonated !== `leasegate:${playing.edition.names.agent}`)).toEqual([])
  })
})

describe('what was judged is what is forwarded', () => {
  test.each([
    ['GET /api/v1/namespaces/x/../kube-system/pods', 400],
    ['GET /api/v1/namespaces/x/%2e%2e/kube-system/pods', 400],
    ['GET /api/v1//namespaces/x/pods', 400],
    ['GET /api/v1/namespaces/x;a=b/pods', 400],
    ['GET /api/v1/namespaces/x%2fpods', 400],
    ['GET /api/v1/namespaces/x/pods#fragment', 400],
    ['GET /api\\v1/pods', 400],
    ['get /api/v1/namespaces/x/pods', 400],
    ['TRACE /api/v1/namespaces/x/pods', 405],
  ])('%s is refused, not mended', async (line, status) => {
    const before = await auditIds()
    const answer = await send(line)
    expect(answer.status).toBe(status)
    expect(JSON.parse(answer.body)).toMatchObject({ kind: 'Status', status: 'Failure', code: status })
    expect(await auditIds()).toEqual(before)
  })

  test('a body on a read is refused', async () => {
    const answer = await send(`GET ${pods()}`, ['Content-Length: 2'], '{}')
    expect(answer.status).toBe(400)
  })

  test('too large a body or header gets a Status, and never reaches anybody', async () => {
    const large = 3 * 1024 * 1024 + 1
    const write = await send(`POST ${pods()}`, [`Content-Length: ${large}`], Buffer.alloc(large, 32))
    expect(write.status).toBe(413)
    const limit = /\b3145728 of a write \(3 MiB, as the API server\)/
    expect(JSON.parse(write.body)).toMatchObject({ kind: 'Status', code: 413, message: expect.stringMatching(limit) })
    const head = await send(`GET ${pods()}`, [`X-Long: ${'a'.repeat(240_000)}`])
    expect(head.status).toBe(431)
  })

  test.each(['', 'x.y.z', 'e30.e30.e30', `${'a'.repeat(9000)}.b.c`])(
    'a bad token (%.20s) is a 401 without a stack trace',
    async bad => {
      const answer = await send(`GET ${pods()}`, [], '', bad)
      expect(answer.status).toBe(401)
      expect(JSON.parse(answer.body)).toMatchObject({ kind: 'Status', reason: 'Unauthorized' })
      expect(answer.body).not.toMatch(/\bat .*\.ts/)
    },
  )
})

describe('pods that lead around the boundary', () => {
  test('are refused as kubectl sends them, ordinary ones are not', async () => {
    const { own, app } = playing.edition.names
    const mine = await playing.lease(own)
    const create = ['create', 'deployment', 'fine', '-n', app, '--image=web:1']
    expect((await playing.stage.kubectl(create)).stderr).toBe('')
    const pod = ['run', 'odd', '-n', app, '--image=web:1', '--restart=Never']
    const odd = await playing.stage.kubectl([...pod, '--overrides={"spec":{"serviceAccountName":"builder"}}'])
    expect(odd.stderr).toContain('does not name "pod-identity"')
    const set = await playing.stage.kubectl(['set', 'serviceaccount', 'deployment', 'fine', 'builder', '-n', app])
    expect(set.stderr).toContain('does not name "pod-identity"')
    expect((await playing.leasegate('agent', 'lease', 'revoke', mine)).code).toBe(0)
  })
})
