import { NOW, type Provider } from './a-provider.ts'

/** People of one issuer, who come by the console and by the program that they log in with. */
export const LOGIN: readonly Provider[] = [
  {
    issuer: 'people',
    algorithm: 'RS256',
    header: {},
    jwks: ({ kid, n, e }) => ({ keys: [{ kty: 'RSA', alg: 'RS256', kid, use: 'sig', e, n }] }),
    claims: {
      iss: 'https://login.example.com',
      aud: 'leasegate-cli',
      sub: '00u1ab2cd3EF4gh5I6j7',
      nonce: 'n-0S6_WzA2Mj',
      auth_time: NOW - 60,
      iat: NOW,
      exp: NOW + 3600,
    },
    is: 'alex',
    alsoGood: [
      { name: 'of the console', claims: { aud: 'leasegate' } },
      { name: 'renewed', claims: { aud: ['leasegate-cli'], nonce: undefined } },
    ],
    lookAlikes: [
      { name: 'of another program', claims: { aud: 'another-cli' } },
      { name: 'of the program and another one', claims: { aud: ['leasegate-cli', 'another-cli'] } },
      { name: 'of somebody else', claims: { sub: '00u2' }, reason: 'unknown-identity' },
    ],
  },
]
