import { NOW, type Provider, X5C } from './a-provider.ts'

export const KEYCLOAK: readonly Provider[] = [
  {
    issuer: 'keycloak',
    algorithm: 'RS256',
    header: { typ: 'JWT' },
    jwks: ({ kid, n, e }) => ({
      keys: [
        { kid: 'enc-1', kty: 'RSA', alg: 'RSA-OAEP', use: 'enc', n, e, x5c: X5C, x5t: 'a', 'x5t#S256': 'b' },
        { kid, kty: 'RSA', alg: 'RS256', use: 'sig', n, e, x5c: X5C, x5t: 'a', 'x5t#S256': 'b' },
      ],
    }),
    claims: {
      exp: NOW + 300,
      iat: NOW,
      jti: 'trrtcc:5c0c1c2f-3d4e-4f50-8617-28394a5b6c7d',
      iss: 'https://sso.corp.example/realms/corp',
      aud: ['leasegate', 'account'],
      sub: '7c4a1d2e-3f5b-4c6d-8e9f-0a1b2c3d4e5f',
      typ: 'Bearer',
      azp: 'web-operator',
      acr: '1',
      'allowed-origins': ['/*'],
      realm_access: { roles: ['default-roles-corp', 'leasegate-agent', 'uma_authorization'] },
      resource_access: { account: { roles: ['manage-account', 'view-profile'] } },
      scope: 'profile email',
      clientHost: '10.2.0.4',
      email_verified: false,
      preferred_username: 'service-account-web-operator',
      clientAddress: '10.2.0.4',
      client_id: 'web-operator',
    },
    is: 'web-operator',
    alsoGood: [
      { name: 'of a client without default roles', claims: { aud: 'leasegate' } },
      { name: 'after a change of name', claims: { preferred_username: 'service-account-renamed' } },
    ],
    lookAlikes: [
      { name: 'for account alone', claims: { aud: 'account' } },
      { name: 'for another client as well', claims: { aud: ['leasegate', 'account', 'grafana'] } },
      { name: 'of another realm', claims: { iss: 'https://sso.corp.example/realms/lab' } },
      { name: 'an ID token', claims: { typ: 'ID' }, reason: 'unknown-identity' },
      { name: 'by another client', claims: { azp: 'other' }, reason: 'unknown-identity' },
      {
        name: 'of another account that took its name',
        claims: { sub: '00000000-3f5b-4c6d-8e9f-0a1b2c3d4e5f' },
        reason: 'unknown-identity',
      },
      {
        name: 'without the role',
        claims: { realm_access: { roles: ['default-roles-corp'] } },
        reason: 'unknown-identity',
      },
      {
        name: 'with the role under a name of its own',
        claims: { realm_access: { roles: [] }, 'realm_access.roles': ['leasegate-agent'] },
        reason: 'unknown-identity',
      },
    ],
  },
]
