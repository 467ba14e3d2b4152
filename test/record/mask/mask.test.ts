import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maskCommand } from '../../../src/record/mask/mask.ts'
import { maskText } from '../../../src/record/mask/mask-text.ts'

const SECRET = 'hunter2hunter2'
const KEY = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzKEY9'
const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZ2VudCJ9.c2lnbmF0dXJl'

describe('maskCommand', () => {
  test.each<{ name: string; given: string[]; want: string[] }>([
    { name: 'a plain command stays', given: ['ls', '-la', '/var/log'], want: ['ls', '-la', '/var/log'] },
    {
      name: 'a script without secrets stays',
      given: ['sh', '-c', 'cat /etc/hosts | grep -c local'],
      want: ['sh', '-c', 'cat /etc/hosts | grep -c local'],
    },
    {
      name: 'an option with the value after =',
      given: ['app', `--password=${SECRET}`],
      want: ['app', '--password=[masked]'],
    },
    {
      name: 'an option with the value in the next argument',
      given: ['app', '--token', SECRET, 'run'],
      want: ['app', '--token', '[masked]', 'run'],
    },
    {
      name: 'an option followed by another option',
      given: ['app', '--token', '--verbose'],
      want: ['app', '--token', '--verbose'],
    },
    {
      name: 'mysql -pSECRET',
      given: ['mysql', '-u', 'root', `-p${SECRET}`, 'shop'],
      want: ['mysql', '-u', 'root', '-p[masked]', 'shop'],
    },
    {
      name: 'mysql -p SECRET by its path',
      given: ['/usr/bin/mysqldump', '-p', SECRET],
      want: ['/usr/bin/mysqldump', '-p', '[masked]'],
    },
    { name: '-p of ssh is a port', given: ['ssh', '-p', '2222', 'host'], want: ['ssh', '-p', '2222', 'host'] },
    { name: '-p of mkdir is no secret', given: ['mkdir', '-p', '/data/cache'], want: ['mkdir', '-p', '/data/cache'] },
    { name: 'redis-cli -a', given: ['redis-cli', '-a', SECRET, 'info'], want: ['redis-cli', '-a', '[masked]', 'info'] },
    {
      name: 'curl -u',
      given: ['curl', '-u', `bob:${SECRET}`, 'http://a/b'],
      want: ['curl', '-u', '[masked]', 'http://a/b'],
    },
    {
      name: 'an Authorization header',
      given: ['curl', '-H', `Authorization: Bearer ${SECRET}`],
      want: ['curl', '-H', 'Authorization: [masked]'],
    },
    {
      name: 'any header named like a token',
      given: ['curl', '-H', `X-Vault-Token: ${SECRET}`],
      want: ['curl', '-H', 'X-Vault-Token: [masked]'],
    },
    {
      name: 'user info in a URL',
      given: ['psql', `postgres://app:${SECRET}@db:5432/shop`],
      want: ['psql', 'postgres://[masked]@db:5432/shop'],
    },
    {
      name: 'a query parameter',
      given: ['wget', `http://a/b?x=1&access_token=${SECRET}&y=2`],
      want: ['wget', 'http://a/b?x=1&access_token=[masked]&y=2'],
    },
    {
      name: 'an environment assignment',
      given: ['env', `PGPASSWORD=${SECRET}`, 'psql'],
      want: ['env', 'PGPASSWORD=[masked]', 'psql'],
    },
    {
      name: 'a reference to a variable stays',
      given: ['sh', '-c', 'PGPASSWORD=$DB_PASSWORD psql'],
      want: ['sh', '-c', 'PGPASSWORD=$DB_PASSWORD psql'],
    },
    {
      name: 'inside a script',
      given: ['sh', '-c', `mysql -uroot -p${SECRET} -e 'select 1'`],
      want: ['sh', '-c', "mysql -uroot -p[masked] -e 'select 1'"],
    },
    {
      name: 'quoted inside a script',
      given: ['bash', '-lc', `app --password "${SECRET}" && ls`],
      want: ['bash', '-lc', 'app --password "[masked]" && ls'],
    },
    {
      name: 'a JSON field',
      given: ['app', `{"user":"bob","password":"${SECRET}"}`],
      want: ['app', '{"user":"bob","password":"[masked]"}'],
    },
    {
      name: 'an AWS key id',
      given: ['aws', 'configure', 'set', 'x', 'AKIAIOSFODNN7EXAMPLE'],
      want: ['aws', 'configure', 'set', 'x', '[masked]'],
    },
    {
      name: 'a short option with a secret that reads like a name',
      given: ['mysql', '-pAJWta', 'x'],
      want: ['mysql', '-p[masked]', '[masked]'],
    },
    { name: 'a random key', given: ['aws', 'x', KEY], want: ['aws', 'x', '[masked]'] },
    { name: 'a JWT', given: ['app', JWT], want: ['app', '[masked]'] },
    { name: 'a hex key', given: ['app', 'd41d8cd98f00b204e9800998ecf8427e'], want: ['app', '[masked]'] },
    {
      name: 'an image digest stays',
      given: ['crane', `app@sha256:${'0123456789abcdef'.repeat(4)}`],
      want: ['crane', `app@sha256:${'0123456789abcdef'.repeat(4)}`],
    },
    {
      name: 'a UUID stays',
      given: ['app', '018f2a3b-1234-7abc-8def-0123456789ab'],
      want: ['app', '018f2a3b-1234-7abc-8def-0123456789ab'],
    },
    {
      name: 'a pod name stays',
      given: ['ping', 'payments-worker-7d4b9c6f5d-x2x9z'],
      want: ['ping', 'payments-worker-7d4b9c6f5d-x2x9z'],
    },
    {
      name: 'a long path stays',
      given: ['cat', '/usr/local/lib/python3.12/site-packages/requests/adapters.py'],
      want: ['cat', '/usr/local/lib/python3.12/site-packages/requests/adapters.py'],
    },
    {
      name: 'a Java class stays',
      given: ['java', 'org.springframework.boot.loader.launch.JarLauncher'],
      want: ['java', 'org.springframework.boot.loader.launch.JarLauncher'],
    },
    {
      name: 'the path of a token file stays',
      given: ['app', '--token-file=/var/run/token'],
      want: ['app', '--token-file=/var/run/token'],
    },
  ])('$name', ({ given, want }) => {
    expect(maskCommand(given)).toEqual(want)
  })

  const word = fc.stringMatching(/^[A-Za-z0-9]{12,30}$/)
  const carriers: readonly ((secret: string) => string[])[] = [
    s => [`--password=${s}`],
    s => ['--client-secret', s],
    s => ['mysql', `-p${s}`],
    s => ['sh', '-c', `echo hi; export API_KEY=${s}; run`],
    s => ['curl', `https://${s}@host/x`],
    s => ['curl', '-H', `Authorization: token ${s}`],
    s => ['curl', '-d', `{"token": "${s}"}`],
  ]

  test('a planted secret is gone from every carrier, whatever it is', () => {
    fc.assert(
      fc.property(word, fc.constantFrom(...carriers), (secret, carry) => {
        expect(maskCommand(carry(secret)).join('\n')).not.toContain(secret)
      }),
    )
  })

  test('any argument vector keeps its length and is not changed by masking it again', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 80 }), { maxLength: 8 }), argv => {
        const once = maskCommand(argv)
        expect(once).toHaveLength(argv.length)
        expect(maskCommand(once)).toEqual(once)
      }),
    )
  })

  test('a long hostile argument is masked in linear time', () => {
    const before = process.cpuUsage()
    for (const piece of ['a', '=', 'a:', 'x-', '"', 'token ', '\\', 'eyJ', 'A1b', '://'])
      maskCommand([piece.repeat(30_000)])
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1000).toBeLessThan(3000)
  })
})

describe('a UUID', () => {
  test('of any kind stays as it is, alone and beside others', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uuid(),
          fc.uuid().map(uuid => uuid.toUpperCase()),
        ),
        uuid => {
          expect(maskText(uuid)).toBe(uuid)
          expect(maskText(`session ${uuid}`)).toBe(`session ${uuid}`)
        },
      ),
    )
  })

  test('is masked where the policy says that credentials begin so', () => {
    const uuid = '6f9619ff-8b86-d011-b42d-00c04fc964ff'
    expect(maskText(uuid, { names: [], prefixes: ['6f96'] })).toBe('[masked]')
    expect(maskText(uuid, { names: [], prefixes: ['d011'] })).toBe('6f9619ff-8b86-[masked]')
    expect(maskText(uuid, { names: ['*'], prefixes: ['7f96'] })).toBe(uuid)
  })
})

describe('rules of the policy', () => {
  const rules = { names: ['otp', '*-pin', 'acme*', '*vault*'], prefixes: ['acme_', 'corp-key-'] }

  test.each<{ name: string; given: string[]; want: string[] }>([
    { name: 'an option that they name', given: ['app', '--otp', '123456'], want: ['app', '--otp', '[masked]'] },
    { name: 'any case', given: ['app', '--OTP=123456'], want: ['app', '--OTP=[masked]'] },
    { name: 'the end of a name', given: ['app', '--door-pin=42'], want: ['app', '--door-pin=[masked]'] },
    { name: 'its beginning', given: ['env', 'ACME_X=y', 'run'], want: ['env', 'ACME_X=[masked]', 'run'] },
    { name: 'its middle', given: ['sh', '-c', 'MY_VAULT_ID=y run'], want: ['sh', '-c', 'MY_VAULT_ID=[masked] run'] },
    { name: 'a credential by its beginning', given: ['get', 'acme_k33p'], want: ['get', '[masked]'] },
    { name: 'behind a sign', given: ['get', 'x=corp-key-9'], want: ['get', 'x=[masked]'] },
    { name: 'in a path, which stays', given: ['cat', '/etc/acme_k33p/file'], want: ['cat', '/etc/[masked]/file'] },
    { name: 'not within a word', given: ['get', 'notacme_k33p'], want: ['get', 'notacme_k33p'] },
    { name: 'not the beginning alone', given: ['get', 'acme_'], want: ['get', 'acme_'] },
    { name: 'no other name', given: ['app', '--otpx=1', '--pin=2'], want: ['app', '--otpx=1', '--pin=2'] },
  ])('$name', ({ given, want }) => {
    expect(maskCommand(given, rules)).toEqual(want)
    expect(maskCommand(want, rules)).toEqual(want)
  })

  test('take time in proportion to the text, whatever they are', () => {
    const nasty = { names: ['*aaaaaaaaaaaaaaaaaaaaaaaa*'], prefixes: ['aaaaaaaaaaaaaaaaaaab', 'a.a.a.a.a'] }
    const took = (length: number): number => {
      const from = performance.now()
      maskCommand(['x', `${'a.'.repeat(length)}=1`, 'a'.repeat(length)], nasty)
      return performance.now() - from
    }
    took(1000)
    expect(took(100_000)).toBeLessThan(1000)
  })

  test('never leave what begins with a prefix, wherever it stands', () => {
    const secret = fc.string({ minLength: 4, maxLength: 20, unit: fc.constantFrom(...'abcXYZ0189_.-') })
    fc.assert(
      fc.property(secret, fc.constantFrom('', '--x=', '"', ' ', '/', ':', '{"a":"'), (value, before) => {
        const masked = maskCommand(['run', `${before}corp-key-${value} end`], rules).join(' ')
        expect(masked).not.toContain(`corp-key-${value}`)
      }),
    )
  })
})
