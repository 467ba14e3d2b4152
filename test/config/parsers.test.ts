import { describe, expect, test } from 'vitest'
import {
  addresses,
  bucket,
  days,
  duration,
  integer,
  keyPrefix,
  listenAddress,
  path,
  secretUrl,
  serverUrl,
  url,
  word,
} from '../../src/config/parsers.ts'

const good = (value: unknown) => ({ kind: 'ok', value })

describe('duration', () => {
  const parse = duration({ minMs: 100, maxMs: 3_600_000 })
  test.each([
    ['250ms', 250],
    ['10s', 10_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
  ])('%s is %d ms', (text, ms) => expect(parse(text)).toEqual(good(ms)))

  test.each(['', '5', '5 m', '-5m', '1.5h', '5M', '99ms', '61m', '1e3s', '5m5s', '٥m'])('%j is none', text =>
    expect(parse(text).kind).toBe('problem'),
  )
})

describe('days', () => {
  const parse = days({ min: 2, max: 400 })
  test.each([
    ['2d', 2],
    ['400d', 400],
  ])('%s is %d', (text, want) => expect(parse(text)).toEqual(good(want)))

  test.each(['', '90', '1d', '401d', '-3d', '3 d', '3h', '٣d', '3d3d'])('%j is none', text =>
    expect(parse(text).kind).toBe('problem'),
  )
})

describe('word', () => {
  test.each(['main', 'my-cluster_2.eu'])('%s is one', text => expect(word(text)).toEqual(good(text)))
  test.each(['', "a'b", 'a b', 'a`b', 'a'.repeat(101)])('%j is none', text => expect(word(text).kind).toBe('problem'))
})

describe('addresses', () => {
  const parse = addresses(26_379)
  test.each([
    { text: 'a.example:7000', want: [['a.example', 7000]] },
    {
      text: '10.0.0.1, b_c-d',
      want: [
        ['10.0.0.1', 26_379],
        ['b_c-d', 26_379],
      ],
    },
    {
      text: '[fd00::1]:1,[::1]',
      want: [
        ['fd00::1', 1],
        ['::1', 26_379],
      ],
    },
  ])('$text are some', ({ text, want }) => {
    expect(parse(text)).toEqual(good(want.map(([host, port]) => ({ host, port }))))
  })

  test.each([
    '',
    ',',
    'a,',
    'a:0',
    'a:65536',
    'a:x',
    'fd00::1',
    'redis://a',
    'u:p@a',
    'a b',
    'a/b',
    Array(10).fill('a').join(),
  ])('%j are none', text => expect(parse(text).kind).toBe('problem'))
})

describe('bucket', () => {
  test.each(['abc', 'audit-checkpoints.corp', '0ab'])('%s is one', value => {
    expect(bucket(value)).toEqual(good(value))
  })

  test.each(['', 'ab', 'Audit', 'a/b', '-ab', 'ab-', 'a b', 'a'.repeat(64)])('%s is none', value => {
    expect(bucket(value).kind).toBe('problem')
  })
})

describe('keyPrefix', () => {
  test.each(['a/', 'leasegate/production/', 'v1.2/x_y-z/'])('%s is one', value => {
    expect(keyPrefix(value)).toEqual(good(value))
  })

  test.each(['', 'a', '/a/', 'a//b/', '../', 'a/../b/', './', 'a b/', 'a?/', 'ä/'])('%s is none', value => {
    expect(keyPrefix(value).kind).toBe('problem')
  })
})

describe('integer', () => {
  test.each(['', '0x10', '1.0', '-1', ' 1', '1e2', '11'])('%j is none from 1 to 10', text =>
    expect(integer({ min: 1, max: 10 })(text).kind).toBe('problem'),
  )
})

describe('listenAddress', () => {
  test.each([
    ['unix:/run/x.sock', { kind: 'unix', path: '/run/x.sock' }],
    ['127.0.0.1:8080', { kind: 'tcp', host: '127.0.0.1', port: 8080 }],
    ['[::1]:8080', { kind: 'tcp', host: '::1', port: 8080 }],
    ['localhost:8080', { kind: 'tcp', host: 'localhost', port: 8080 }],
  ])('%s', (text, want) => expect(listenAddress(text)).toEqual(good(want)))

  test.each([
    ['every address', '0.0.0.0:8080'],
    ['every address, IPv6', '[::]:8080'],
    ['another machine', '10.0.0.1:8080'],
    ['a name that only begins like loopback', '127.0.0.1.evil.example:80'],
    ['no port', '127.0.0.1'],
    ['a port beyond all', '127.0.0.1:65536'],
    ['a relative socket', 'unix:x.sock'],
    ['a socket path longer than the kernel takes', `unix:/${'x'.repeat(107)}`],
    ['nothing', ''],
  ])('%s is refused', (_, text) => expect(listenAddress(text).kind).toBe('problem'))
})

describe('serverUrl', () => {
  test.each(['https://broker.example', 'http://127.0.0.1:8080', 'http://[::1]:1/'])('%s', text =>
    expect(serverUrl(text)).toEqual(good(text)),
  )

  test.each([
    ...['http://broker.example', 'http://127.0.0.1.evil.example', 'ftp://x', 'broker:8080', ''],
    ...['http://localhost:x@evil.example/', 'http://127.0.0.1@evil.example/', 'https://broker.example@evil.example/'],
    ...['https://me:hush@broker.example/', 'http://me@127.0.0.1/', 'https:// broker.example', 'https://a\n.example'],
  ])('a token does not go to %s', text => expect(serverUrl(text).kind).toBe('problem'))
})

test('a URL that is shown has no login in it', () => {
  expect(url('https:')('https://boundary.example:8443')).toEqual(good('https://boundary.example:8443'))
  for (const text of ['https://boundary.example@evil.example', 'https://me:hush@boundary.example']) {
    expect(url('https:')(text)).toEqual({ kind: 'problem', message: 'must have no user or password in it' })
  }
})

describe('path', () => {
  test('means the same wherever the process started', () => {
    expect(path('/etc/x')).toEqual(good('/etc/x'))
    expect(path('etc/x').kind).toBe('problem')
  })
})

describe('secretUrl', () => {
  test('a problem with it does not quote it', () => {
    expect(JSON.stringify(secretUrl('redis:')('http://user:hunter2@x'))).not.toContain('hunter2')
  })
})
