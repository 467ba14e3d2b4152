import { NOW, type Provider } from './a-provider.ts'

const GRACE = '00u1ab2cd3EF4gh5I6j7'
const jwks: Provider['jwks'] = ({ kid, kty, crv, x, y }) => ({
  keys: [{ kty, crv, x, y, kid, use: 'sig', alg: 'ES256' }],
})
const own = {
  iss: 'https://sts.corp.example',
  aud: 'leasegate',
  sub: GRACE,
  iat: NOW,
  exp: NOW + 900,
  jti: 'b1f0',
  client_id: 'web-operator',
  scope: 'leases',
}
const act = { sub: 'web-operator', act: { sub: 'https://planner.corp.example', iss: 'https://sts.corp.example' } }

/** RFC 8693, with the type of RFC 9068. */
export const TOKEN_EXCHANGE: readonly Provider[] = [
  {
    issuer: 'exchange',
    algorithm: 'ES256',
    header: { typ: 'at+jwt' },
    jwks,
    claims: { ...own, act },
    is: 'web-operator',
    alsoGood: [{ name: 'without anybody in between', claims: { act: { sub: 'web-operator' } } }],
    lookAlikes: [
      { name: 'for somebody whom the policy does not know', claims: { sub: '00uOTHER' }, reason: 'unknown-identity' },
      { name: 'of another actor', claims: { act: { sub: 'other' } }, reason: 'unknown-identity' },
      { name: 'of another actor, after this one', claims: { act: { sub: 'other', act } }, reason: 'unknown-identity' },
      {
        name: 'with the actor under a name of its own',
        claims: { act: undefined, 'act.sub': 'web-operator', sub: 'x' },
        reason: 'unknown-identity',
      },
      { name: 'with an actor that is no object', claims: { act: 'web-operator' } },
    ],
  },
  {
    issuer: 'exchange',
    algorithm: 'ES256',
    header: { typ: 'JWT' },
    jwks,
    claims: own,
    is: 'grace@corp.example',
    lookAlikes: [
      { name: 'by which another agent acts for her', claims: { act: { sub: 'other' } }, reason: 'unknown-identity' },
    ],
  },
]
