import { NOW, type Provider } from './a-provider.ts'

const ISSUER = 'https://corp.okta.com/oauth2/aus1ab2cd3EF4gh5I6j7'
const CLIENT = '0oa1ab2cd3EF4gh5I6j7'
const jwks: Provider['jwks'] = ({ kid, n, e }) => ({ keys: [{ kty: 'RSA', alg: 'RS256', kid, use: 'sig', e, n }] })

export const OKTA: readonly Provider[] = [
  {
    issuer: 'okta',
    algorithm: 'RS256',
    header: {},
    jwks,
    claims: {
      ver: 1,
      jti: 'AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE',
      iss: ISSUER,
      aud: 'api://leasegate',
      iat: NOW,
      exp: NOW + 3600,
      cid: CLIENT,
      scp: ['leases'],
      sub: CLIENT,
    },
    is: 'web-operator',
    alsoGood: [{ name: 'with more scopes', claims: { scp: ['other', 'leases'] } }],
    lookAlikes: [
      { name: 'of the org server', claims: { iss: 'https://corp.okta.com', aud: 'https://corp.okta.com' } },
      { name: 'of another server', claims: { iss: 'https://corp.okta.com/oauth2/default' } },
      {
        name: 'of a person who came by the client',
        claims: { sub: 'grace@corp.example', uid: '00u1' },
        reason: 'unknown-identity',
      },
      { name: 'of another client', claims: { cid: '0oaOTHER', sub: '0oaOTHER' }, reason: 'unknown-identity' },
      { name: 'without the scope', claims: { scp: ['other'] }, reason: 'unknown-identity' },
    ],
  },
  {
    issuer: 'okta-console',
    algorithm: 'RS256',
    header: {},
    jwks,
    claims: {
      sub: '00u1ab2cd3EF4gh5I6j7',
      name: 'Grace Hopper',
      email: 'grace@corp.example',
      ver: 1,
      iss: ISSUER,
      aud: '0oa9zy8xw7VU6ts5R4q3',
      iat: NOW,
      exp: NOW + 3600,
      jti: 'ID.4eAWJOCMB3SX8XewDfVR',
      amr: ['pwd', 'mfa'],
      idp: '00o1ab2cd3',
      preferred_username: 'grace@corp.example',
      auth_time: NOW - 60,
      at_hash: 'cpqKfdQA5eIhE',
    },
    is: 'grace@corp.example',
    lookAlikes: [
      {
        name: 'an access token, whose sub is the login',
        claims: { aud: 'api://leasegate', sub: 'grace@corp.example' },
        reason: 'unknown-identity',
      },
      { name: 'of somebody with her address', claims: { sub: '00uOTHER' }, reason: 'unknown-identity' },
    ],
  },
]
