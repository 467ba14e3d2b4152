import { NOW, type Provider } from './a-provider.ts'

const ISSUER = 'https://accounts.google.com'
const jwks: Provider['jwks'] = ({ kid, n, e }) => ({
  keys: [
    { kty: 'RSA', use: 'sig', alg: 'RS256', kid: 'other', n, e },
    { n, use: 'sig', alg: 'RS256', kty: 'RSA', e, kid },
  ],
})
const times = { iat: NOW, exp: NOW + 3600 }

const account = {
  aud: 'leasegate',
  azp: '112010400000000710080',
  email: 'web-operator@acme-prod.iam.gserviceaccount.com',
  email_verified: true,
  iss: ISSUER,
  sub: '112010400000000710080',
  ...times,
}

export const GOOGLE: readonly Provider[] = [
  {
    issuer: 'google',
    algorithm: 'RS256',
    header: { typ: 'JWT' },
    jwks,
    claims: account,
    is: 'web-operator',
    lookAlikes: [
      { name: 'with the name of the issuer alone', claims: { iss: 'accounts.google.com' } },
      {
        name: 'of an account that was made again',
        claims: { sub: '999999999999999999999', azp: '999999999999999999999' },
        reason: 'unknown-identity',
      },
      { name: 'whose address is not verified', claims: { email_verified: false }, reason: 'unknown-identity' },
      {
        name: 'which says nothing of its address',
        claims: { email: undefined, email_verified: undefined },
        reason: 'unknown-identity',
      },
    ],
  },
  {
    issuer: 'google',
    algorithm: 'RS256',
    header: { typ: 'JWT' },
    jwks,
    claims: {
      ...account,
      azp: '112010400000000710081',
      sub: '112010400000000710081',
      email: '739419398126-compute@developer.gserviceaccount.com',
      google: {
        compute_engine: {
          instance_creation_timestamp: NOW - 86_400,
          instance_id: '152986662232938449',
          instance_name: 'worker-1',
          project_id: 'acme-prod',
          project_number: 739_419_398_126,
          zone: 'europe-west1-b',
        },
      },
    },
    is: 'worker',
    lookAlikes: [
      {
        name: 'of another project',
        claims: { google: { compute_engine: { project_number: 739_419_398_127 } } },
        reason: 'unknown-identity',
      },
      {
        name: 'with a number that has no exact reading',
        claims: { google: { compute_engine: { project_number: 7.39419398126e40 } } },
        reason: 'unknown-identity',
      },
    ],
  },
  {
    issuer: 'google-console',
    algorithm: 'RS256',
    header: { typ: 'JWT' },
    jwks,
    claims: {
      iss: ISSUER,
      azp: '407408718192-abc123.apps.googleusercontent.com',
      aud: '407408718192-abc123.apps.googleusercontent.com',
      sub: '110169484474386276334',
      hd: 'corp.example',
      email: 'grace@corp.example',
      email_verified: true,
      at_hash: 'HK6E_P6Dh8Y93mRNtsDB1Q',
      name: 'Grace Hopper',
      ...times,
    },
    is: 'grace@corp.example',
    alsoGood: [{ name: 'after a change of address', claims: { email: 'g.hopper@corp.example' } }],
    lookAlikes: [
      { name: 'of another client', claims: { aud: '1-other.apps.googleusercontent.com' } },
      { name: 'of no organisation', claims: { hd: undefined }, reason: 'unknown-identity' },
      { name: 'of another organisation', claims: { hd: 'corp.example.evil.example' }, reason: 'unknown-identity' },
      { name: 'whose address is not verified', claims: { email_verified: false }, reason: 'unknown-identity' },
      { name: 'of somebody with her address', claims: { sub: '1' }, reason: 'unknown-identity' },
    ],
  },
]
