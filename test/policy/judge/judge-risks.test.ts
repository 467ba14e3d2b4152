import { describe, expect, test } from 'vitest'
import { judge } from '../../../src/policy/judge/judge.ts'
import { read, WEBSOCKET } from '../../request/a-http-request.ts'
import { aPolicy, aRule, aTemplate, examplePolicy, leaseOf } from '../a-policy.ts'
import { aRequest } from '../a-request.ts'

describe('judge', () => {
  const ids = (line: string, own = aTemplate()) => {
    const request = read(line, line.includes('exec') ? { headers: WEBSOCKET } : {})
    const { risk, risks } = judge({ request, lease: leaseOf(own), policy: aPolicy({ templates: [own] }) })
    return { risk: risk?.id ?? null, risks }
  }

  test('names all risks of a request, worst first, where there are several', () => {
    const exec = 'GET /api/v1/namespaces/x/pods/p/exec?command=sh&command=-c&command=eval'
    expect(ids(exec)).toEqual({ risk: 'exec-opaque', risks: ['exec-opaque', 'pods-exec'] })
    const asked = aTemplate({ approval: { skip: [], require: ['pods-exec'] } })
    expect(ids(exec, asked)).toEqual({ risk: 'pods-exec', risks: ['exec-opaque', 'pods-exec'] })
    const other = aTemplate({ rules: [aRule({ resources: ['nodes'] })] })
    expect(ids(exec, other)).toEqual({ risk: 'exec-opaque', risks: ['exec-opaque', 'pods-exec'] })
  })

  test.each(['GET /api/v1/namespaces/x/pods', 'GET /api/v1/namespaces/x/pods/p/log', 'GET /version'])(
    'says no more than the one risk where there is one or none: %s',
    line => {
      expect(ids(line).risks).toBeUndefined()
    },
  )

  test('a template can waive approval of one risk and ask for that of another', () => {
    const approval = { skip: ['secrets-get'], require: ['pods-log'] }
    const own = aTemplate({ approval })
    const ask = (line: string) =>
      judge({ request: aRequest(line), lease: leaseOf(own), policy: aPolicy({ templates: [own] }) })
    expect(ask('GET /api/v1/namespaces/x/secrets/s')).toMatchObject({ kind: 'allow', risk: { id: 'secrets-get' } })
    expect(ask('GET /api/v1/namespaces/x/secrets')).toMatchObject({ kind: 'approval', risk: { id: 'secrets-list' } })
    expect(ask('GET /api/v1/namespaces/x/pods/p/log')).toMatchObject({ kind: 'approval', risk: { id: 'pods-log' } })
  })

  test('waiving approval does not open what is dangerous', () => {
    const own = aTemplate({ approval: { skip: ['sa-token'], require: [] } })
    const request = aRequest('POST /api/v1/namespaces/x/serviceaccounts/s/token')
    const verdict = judge({ request, lease: leaseOf(own), policy: aPolicy({ templates: [own] }) })
    expect(verdict).toMatchObject({ kind: 'deny', reason: 'dangerous', risk: { id: 'sa-token', tier: 'critical' } })
  })

  test('a body that names another object is refused, also under a lease for both', () => {
    const own = aTemplate({ rules: [aRule({ apiGroups: [''], resources: ['configmaps'] })] })
    const put = (metadata: object) => {
      const sent = { contentType: 'application/json', body: JSON.stringify({ metadata }) }
      const request = aRequest('PUT /api/v1/namespaces/x/configmaps/a', sent)
      return judge({ request, lease: leaseOf(own), policy: aPolicy({ templates: [own] }) })
    }
    expect(put({ name: 'b' })).toMatchObject({ kind: 'deny', reason: 'body-mismatch' })
    expect(put({ name: 'a', namespace: 'y' })).toMatchObject({ kind: 'deny', reason: 'body-mismatch' })
    expect(put({ name: 'a', namespace: 'x', uid: 'u' })).toMatchObject({ kind: 'allow' })
  })

  test('under a limit to names a create is told what is wrong with its name', () => {
    const rules = [aRule({ verbs: ['create'], apiGroups: [''], resources: ['configmaps'], resourceNames: ['a', 'b'] })]
    const own = aTemplate({ rules })
    const post = (body: string) => {
      const request = aRequest('POST /api/v1/namespaces/x/configmaps', { contentType: 'application/json', body })
      const verdict = judge({ request, lease: leaseOf(own), policy: aPolicy({ templates: [own] }) })
      return verdict.kind === 'deny' ? verdict.detail.replace(/^.* but for /, '') : verdict.kind
    }
    expect(post('{"metadata":{"name":"b"}}')).toBe('allow')
    expect(post('{"metadata":{"name":"c"}}')).toBe('the names a, b')
    expect(post('{"metadata":{"generateName":"a"}}')).toBe('the names a, b, and this one would be generated')
    expect(post('{"metadata":{}}')).toBe('the names a, b, and the body has none')
    expect(post('{"metadata":{"name":"a","name":"b"}}')).toBe(
      'the names a, b, and the body cannot be read: a member is named twice',
    )
    expect(post(`{"data":[${'1,'.repeat(25_000)}1]}`)).toMatch(
      /cannot be read: it has more than 20000 members and items$/,
    )
    expect(post(`{"data":"${' '.repeat(1_600_000)}"}`)).toMatch(/cannot be read: it is larger than 1572864 bytes$/)
  })

  test('a danger that the template names wants a yes, unless the template skips that as well', () => {
    const request = aRequest('POST /api/v1/namespaces/x/serviceaccounts/s/token')
    const verdicts = [[], ['sa-token']].map(skip => {
      const own = aTemplate({ dangerous: ['sa-token'], approval: { skip, require: [] } })
      return judge({ request, lease: leaseOf(own), policy: aPolicy({ templates: [own] }) }).kind
    })
    expect(verdicts).toEqual(['approval', 'allow'])
  })

  test('a PUT may create the token Secret that a POST may not', () => {
    const own = aTemplate()
    const policy = aPolicy({ templates: [own] })
    const put = (type: string) => {
      const sent = { contentType: 'application/json', body: JSON.stringify({ type }) }
      return judge({ request: aRequest('PUT /api/v1/namespaces/x/secrets/s', sent), lease: leaseOf(own), policy })
    }
    expect(put('kubernetes.io/service-account-token')).toMatchObject({
      reason: 'dangerous',
      risk: { id: 'token-secret' },
    })
    expect(put('Opaque')).toMatchObject({ kind: 'allow', risk: { id: 'secrets-write' } })
  })

  test('the example: Secrets wait for a yes under look-around, and are out of scope under restart-web', () => {
    const policy = examplePolicy()
    const verdicts = policy.templates.map(template => {
      const lease = leaseOf(template, { namespaces: ['shop'] })
      return judge({ request: aRequest('GET /api/v1/namespaces/shop/secrets/s'), lease, policy })
    })
    expect(verdicts).toMatchObject([
      { kind: 'deny', reason: 'out-of-scope' },
      { kind: 'approval' },
      { kind: 'deny', reason: 'out-of-scope' },
    ])
  })

  test.each([
    { line: 'POST /api/v1/namespaces/x/pods', type: 'application/cbor', body: 'x', says: /^the body cannot be read: / },
    {
      line: 'POST /api/v1/namespaces/x/secrets',
      type: 'application/json',
      body: '{',
      says: /^the body cannot be read: /,
    },
    {
      line: 'POST /api/v1/namespaces/x/pods',
      type: 'application/json',
      body: '{"spec":{"hostPID":true}}',
      says: /^runs pods that reach their node/,
    },
    {
      line: 'POST /api/v1/namespaces/x/serviceaccounts/s/token',
      type: 'application/cbor',
      body: 'x',
      says: /^mints a token/,
    },
  ])('says what is wrong with a body where that is why: $line as $type', ({ line, type, body, says }) => {
    const everything = aTemplate()
    const request = aRequest(line, { contentType: type, body })
    const verdict = judge({ request, lease: leaseOf(everything), policy: aPolicy({ templates: [everything] }) })
    expect(verdict).toMatchObject({ kind: 'deny', reason: 'dangerous', detail: expect.stringMatching(says) })
  })
})
