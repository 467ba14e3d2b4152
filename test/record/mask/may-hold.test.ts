import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MASK } from '../../../src/record/mask/hidden.ts'
import { maskText, mayBeMasked } from '../../../src/record/mask/mask-text.ts'

/** Names that a policy adds: with one, every look is taken. */
const ALL_LOOKS = { names: ['name-of-nothing'], prefixes: [] }

/** One at least for each look: what it needs stands in nothing else here. */
const CREDENTIALS = [
  'x="-----BEGIN RSA PRIVATE KEY-----MIIEpAIBAAKCAQEAx0"',
  'eyJhbGciOiJIUzI1NiJ9.e30.abc',
  ...['AKIA', 'ASIA', 'ABIA', 'ACCA'].map(prefix => `${prefix}IOSFODNN7EXA`),
  ...['gho_', 'ghp_', 'github_pat_', 'glpat-', 'gldt-', 'glrt-', 'xoxb-', 'xapp-', 'npm_', 'pypi-', 'dop_v1_'],
  ...[
    'hvs.',
    'sk-',
    'sk_',
    'rk_',
    'pk_live_',
    'SG.',
    'AIza',
    'ya29.',
    'shpat_',
    'dckr_pat_',
    'AGE-SECRET-KEY-',
    'lgp_',
  ],
].map(text => (/[_.-]$|AIza$/.test(text) ? `${text}hunter2hunter2` : text))
const PLACES = [
  'postgres://bob:hunter2@db/shop',
  'bob:hunter2@tcp(db)/shop',
  'jdbc:oracle:thin:bob/hunter2@db',
  '{"kind":"Secret","data":{"a":"aHVudGVyMg"}}',
  '{"stringData": {"a": "hunter2"}}',
  '[{"op":"add","path":"/stringData/a","value":"hunter2"}]',
  '[{"op":"replace","value":"hunter2","path":"/stringData/a"}]',
  '- name: /stringData/a\n  value: hunter2',
  'db.auth("bob", "hunter2")',
  'changeUserPassword("bob", "hunter2")',
  'create_user("bob", "b@example.org", "hunter2")',
  ...["remote('h', 'd', 't', 'u', 'hunter2')", "mysql('h', 'd', 't', 'u', 'hunter2')"],
  ...["postgresql('h', 'd', 't', 'u', 'hunter2')", "mongodb('h', 'd', 't', 'u', 'hunter2')"],
  "s3('u', 'AKIDAKIDAKID', 'hunter2')",
  'pgpass: db:5432:shop:bob:hunter2',
  ...['basic', 'Bearer', 'digest', 'NEGOTIATE', 'apikey', 'splunk'].map(scheme => `-H x ${scheme} hunter2hunter2`),
  ...['basic%20aHVudGVyMg', 'basic\\ aHVudGVyMg'],
  'PASSWORD FOR bob = "hunter2"',
  'identified by "hunter2"',
  'crypt("hunter2")',
  'ConvertTo-SecureString "hunter2"',
  'pragma key = "hunter2"',
  'login bob password hunter2',
  'Ym9iOmh1bnRlcjI=',
  'wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzKEY9',
  '0123456789abcdef0123456789abcdef',
]
const NAMES = ['password', 'PASS', 'passwd', 'my_secret', 'token', 'credential', 'api-key', 'apiKey', 'access_key']
const MORE_NAMES = ['private-key', 'signingKey', 'encryption_key', 'account-key', 'sharedKey', 'master-auth', 'auth']
const OTHERS = ['authorization', 'bearer', 'cookie', 'pw', 'DB_PWD', 'psk', 'pre-shared', 'auth_key', 'license-key']
const RARE = ['subscription_key', 'functions-key', 'certificate_key', 'mnemonic', 'seed-phrase', 'pat', '--sas', '.sig']
const LAST = [
  'signature',
  'webhook',
  'dsn',
  'sonar.login',
  'connection_string',
  'jwt',
  `${'x'.repeat(70)}pass${'y'.repeat(60)}`,
]
const NAMED = [...NAMES, ...MORE_NAMES, ...OTHERS, ...RARE, ...LAST].flatMap(name => [
  `${name}=hunter2`,
  `"${name}": "hunter2"`,
])
const HOLD = [...CREDENTIALS, ...PLACES, ...NAMED]

const WORDS = ['GET', '/api/v1/pods', '2026-11-30T08:00:00.007Z', 'path', 'signal', 'author', 'data', 'value', '12 ms']
const SIGNS = [' ', '=', ': ', '"', "'", ',', '\n', '<<', '@', '(', ')', '{', '}', '-', '\\', '%20', ';', 'EOF']
const text = fc
  .array(fc.oneof(fc.constantFrom(...WORDS), fc.constantFrom(...SIGNS), fc.constantFrom(...HOLD), fc.string()), {
    maxLength: 12,
  })
  .map(parts => parts.join(''))

describe('a text that is not looked through', () => {
  test.each(HOLD)('is none in which a credential stands: %s', credential => {
    expect(maskText(credential)).toContain(MASK)
    expect(maskText(credential)).toBe(maskText(credential, ALL_LOOKS))
    expect(mayBeMasked(`first\n${credential}\nlast`)).toBe(true)
  })

  test('would have stayed as it is', () => {
    fc.assert(fc.property(text, given => maskText(given) === maskText(given, ALL_LOOKS)))
  })

  test('has no line that would have changed', () => {
    const changed = (given: string) => given.split('\n').some(line => maskText(line, ALL_LOOKS) !== line)
    fc.assert(fc.property(text, given => mayBeMasked(given) || !changed(given)))
  })

  test.each(['2026-11-30T08:00:00.007Z INFO request 9e3779b1 of shop/web took 12 ms', 'const at = list.indexOf(byte)'])(
    'is most of them: %s',
    given => expect(mayBeMasked(given)).toBe(false),
  )
})
