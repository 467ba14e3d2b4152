import { NOW, type Provider, X5C } from './a-provider.ts'

const TENANT = '8b1f2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d'
const OTHER_TENANT = '99999999-4e5f-4a6b-8c7d-9e0f1a2b3c4d'
const API = '1f0e9d8c-7b6a-4958-8766-554433221100'
const WEB = 'aaaaaaaa-0000-4000-8000-000000000001'
const BATCH = 'aaaaaaaa-0000-4000-8000-000000000002'
const GRACE = 'bbbbbbbb-0000-4000-8000-000000000001'
const times = { iat: NOW - 300, nbf: NOW - 300, exp: NOW + 3600 }

/** No key says its algorithm. */
const jwks: Provider['jwks'] = ({ kid, n, e }) => ({
  keys: [
    {
      kty: 'RSA',
      use: 'sig',
      kid,
      x5t: kid,
      n,
      e,
      x5c: X5C,
      cloud_instance_name: 'microsoftonline.com',
      issuer: `https://login.microsoftonline.com/${TENANT}/v2.0`,
    },
    { kty: 'RSA', use: 'sig', kid: 'next', x5t: 'next', n: 'AAAA', e: 'AQAB', x5c: [] },
  ],
})

const app = {
  aud: API,
  iss: `https://login.microsoftonline.com/${TENANT}/v2.0`,
  ...times,
  aio: 'ASQA2/8TAAAA',
  azp: '0d1e2f3a-4b5c-4d6e-8f70-8192a3b4c5d6',
  azpacr: '2',
  idtyp: 'app',
  oid: WEB,
  rh: '1.AAAA',
  roles: ['Leases.Read', 'Leases.Request'],
  sub: WEB,
  tid: TENANT,
  uti: 'aBcDeF',
  ver: '2.0',
}

export const ENTRA: readonly Provider[] = [
  {
    issuer: 'entra',
    algorithm: 'RS256',
    header: { typ: 'JWT' },
    jwks,
    claims: app,
    is: 'web-operator',
    lookAlikes: [
      {
        name: 'of another tenant',
        claims: { iss: `https://login.microsoftonline.com/${OTHER_TENANT}/v2.0`, tid: OTHER_TENANT },
      },
      { name: 'of version 1', claims: { iss: `https://sts.windows.net/${TENANT}/`, ver: '1.0' } },
      { name: 'for Graph', claims: { aud: '00000003-0000-0000-c000-000000000000' } },
      { name: 'with the URI of the API', claims: { aud: `api://${API}` } },
      { name: 'of another app', claims: { oid: BATCH, sub: BATCH }, reason: 'unknown-identity' },
      { name: 'of a tenant that stands elsewhere', claims: { tid: OTHER_TENANT }, reason: 'unknown-identity' },
      { name: 'without a role of the API', claims: { roles: undefined }, reason: 'unknown-identity' },
      { name: 'with another role', claims: { roles: ['Leases.Read'] }, reason: 'unknown-identity' },
      { name: 'with the role as text', claims: { roles: 'Leases.Request' }, reason: 'unknown-identity' },
    ],
  },
  {
    issuer: 'entra-v1',
    algorithm: 'RS256',
    header: { typ: 'JWT', x5t: 'key-1' },
    jwks,
    claims: {
      aud: 'api://leasegate',
      iss: `https://sts.windows.net/${TENANT}/`,
      ...times,
      aio: 'E2ZgYFj',
      appid: '0d1e2f3a-4b5c-4d6e-8f70-8192a3b4c5d7',
      appidacr: '1',
      idp: `https://sts.windows.net/${TENANT}/`,
      oid: BATCH,
      sub: BATCH,
      tid: TENANT,
      ver: '1.0',
    },
    is: 'batch',
    lookAlikes: [
      { name: 'of version 2', claims: { iss: `https://login.microsoftonline.com/${TENANT}/v2.0`, ver: '2.0' } },
      { name: 'without the slash', claims: { iss: `https://sts.windows.net/${TENANT}` } },
      { name: 'of another account', claims: { oid: WEB }, reason: 'unknown-identity' },
    ],
  },
  {
    issuer: 'entra',
    algorithm: 'RS256',
    header: { typ: 'JWT' },
    jwks,
    claims: {
      aud: API,
      iss: `https://login.microsoftonline.com/${TENANT}/v2.0`,
      ...times,
      name: 'Grace Hopper',
      oid: GRACE,
      preferred_username: 'grace@corp.example',
      sub: 'AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ',
      tid: TENANT,
      ver: '2.0',
    },
    is: 'grace@corp.example',
    alsoGood: [{ name: 'after a change of name', claims: { preferred_username: 'g.hopper@corp.example' } }],
    lookAlikes: [
      {
        name: 'of whoever has her name now',
        claims: { oid: 'cccccccc-0000-4000-8000-000000000001' },
        reason: 'unknown-identity',
      },
    ],
  },
]
