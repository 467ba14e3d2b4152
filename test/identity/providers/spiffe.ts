import { type LookAlike, NOW, type Provider } from './a-provider.ts'

const ID = 'spiffe://prod.corp.example/ns/agents/sa/web-operator'

const odd = (sub: string): LookAlike => ({ name: `with the subject ${sub}`, claims: { sub } })

export const SPIFFE: readonly Provider[] = [
  {
    issuer: 'mesh',
    algorithm: 'ES256',
    header: { typ: 'JWT' },
    jwks: ({ kid, kty, crv, x, y }) => ({
      keys: [
        { use: 'x509-svid', kty, crv, x, y, x5c: ['MIIB'] },
        { use: 'jwt-svid', kty, kid, crv, x, y },
        { use: 'jwt-svid', kty, kid: 'next', crv: 'P-384', x, y },
      ],
      spiffe_sequence: 7,
      spiffe_refresh_hint: 300,
    }),
    claims: { aud: ['leasegate'], exp: NOW + 300, iat: undefined, nbf: undefined, sub: ID },
    is: 'web-operator',
    alsoGood: [
      { name: 'with iat, as SPIRE makes them', claims: { iat: NOW } },
      { name: 'with an iss of any kind', claims: { iss: 'https://spire.prod.corp.example', iat: NOW } },
      { name: 'without typ', header: { typ: undefined } },
      { name: 'with typ JOSE', header: { typ: 'JOSE' } },
    ],
    lookAlikes: [
      odd('spiffe://dev.corp.example/ns/agents/sa/web-operator'),
      odd('spiffe://prod.corp.example.evil.example/ns/agents/sa/web-operator'),
      odd('spiffe://PROD.corp.example/ns/agents/sa/web-operator'),
      odd('SPIFFE://prod.corp.example/ns/agents/sa/web-operator'),
      odd('spiffe://prod.corp.example/ns/agents/sa/web-operator/'),
      odd('spiffe://prod.corp.example/ns/other/../agents/sa/web-operator'),
      odd('spiffe://prod.corp.example/ns//agents/sa/web-operator'),
      odd('spiffe://x@prod.corp.example/ns/agents/sa/web-operator'),
      odd('spiffe://prod.corp.example:8443/ns/agents/sa/web-operator'),
      odd('spiffe://prod.corp.example/ns/agents/sa/web-operator?x=y'),
      odd('spiffe://prod.corp.example/ns/agents/sa/web%2Doperator'),
      odd('spiffe://prod.corp.example'),
      odd('web-operator'),
      {
        name: 'of another workload',
        claims: { sub: 'spiffe://prod.corp.example/ns/agents/sa/other' },
        reason: 'unknown-identity',
      },
      { name: 'an access token', header: { typ: 'at+jwt' } },
      { name: 'that says no end', claims: { exp: undefined } },
      { name: 'that is good for longer than an issuer may', claims: { exp: NOW + 3700 } },
      { name: 'of an odd iat', claims: { iat: 'today' } },
    ],
  },
]
