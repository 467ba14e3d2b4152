import { DURATION, group, text } from '../value.ts'

export const console = group('Pages for approvers and admins, served by the broker at /console.', {
  url: text(
    'Where browsers reach it: https://, a host of tls.hosts and the port of the broker. Under another name it is not served. Empty: no console.',
    '',
    { pattern: '^(https://[^/?#]+)?$' },
  ),
  issuer: text('OpenID Connect issuer that people sign in with. The policy has an issuer of this name.'),
  clientId: text(
    'Client that the console is there, and the audience of that issuer in the policy. Its redirect URI is the URL with /console/signed-in.',
    'leasegate',
  ),
  existingClientSecret: group('Secret with the client secret.', {
    name: text('Its name. Empty: a public client, with PKCE alone.'),
    key: text('Key in it.', 'client-secret'),
  }),
  issuerCaFile: text("Of policy.files, the CA of the issuer. Empty: the system's."),
  scopes: text('Scopes that are asked for.', 'openid profile email'),
  existingRecordSecret: group(
    'Secret with user and password of an account in ClickHouse that reads the record for pages.',
    {
      name: text('Its name. Empty: pages show nothing of the record. `leasegate migrate --access` prints its role.'),
      userKey: text('Key of the user.', 'user'),
      passwordKey: text('Key of the password.', 'password'),
    },
  ),
  session: text('How long somebody stays signed in.', '8h', DURATION),
  idle: text('The same without any page asked for.', '1h', DURATION),
})

export const webhook = group('Where new questions are posted to, signed (Standard Webhooks).', {
  url: text('Its URL. Empty: nowhere.', '', { pattern: '^(https://.+)?$' }),
  existingSecret: group('Secret with what it is signed with.', {
    name: text('Its name.'),
    key: text('Key in it: whsec_ and the base64 of 24 to 64 bytes.', 'webhook-secret'),
  }),
  caFile: text("Of policy.files, the CA of the receiver. Empty: the system's."),
})

export const notify = group('What it takes to tell people of questions as `notify` of the policy says.', {
  existingSecret: group('Secret with tokens, passwords and signing secrets.', {
    name: text(
      'Its name. Each of its keys is a file in /etc/leasegate/notify, which the policy names: tokenFile: /etc/leasegate/notify/slack-token.',
    ),
  }),
})
