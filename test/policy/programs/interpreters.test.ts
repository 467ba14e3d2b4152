import { describe, expect, test } from 'vitest'
import { interpreterOf, isScriptOption, isShell, isTold, namesOf } from '../../../src/policy/programs/interpreters.ts'

describe('interpreterOf', () => {
  test.each([
    ['sh', 'shell'],
    ['bash-5.2', 'shell'],
    ['BASH.EXE', 'shell'],
    ['ksh93', 'shell'],
    ['nu', 'shell'],
    ['cmd.exe', 'foreign'],
    ['ssh', 'foreign'],
    ['python3.12', 'language'],
    ['python3.13t', 'language'],
    ['luajit-2.1.0-beta3', 'language'],
    ['guile-3.0', 'language'],
    ['php-cgi8.2', 'language'],
    ['php8.2', 'language'],
    ['perl5.36-x86_64-linux-gnu', 'language'],
    ['python311', 'language'],
    ['ruby272', 'language'],
    ['ruby3.', 'language'],
    ['sh-', 'shell'],
    ['sh5.', 'shell'],
    ['ksh-2020', 'shell'],
    ['node22', 'language'],
    ['Rscript', 'language'],
    ['R', 'language'],
    ['lua5.4', 'language'],
    ['sqlite3', 'console'],
    ['redis-cli', 'console'],
    ['xargs', 'runner'],
    ['gawk', 'filter'],
  ])('knows %s as a %s', (name, kind) => {
    expect(interpreterOf(name)?.kind).toBe(kind)
  })

  test.each([
    ...['ls', 'cat', 'push', 'sha256sum', 'node_exporter', 'python-config', 'ed25519', 'nullmailer', 'sh.d', 'env', ''],
    ...[
      'constructor',
      '__proto__',
      'mysql-0',
      'redis',
      'at2',
      'R0AAaa000aAaA',
      'node-1',
      'sh2secret',
      'python3-config',
    ],
  ])('knows %s as none', name => {
    expect(interpreterOf(name)).toBeNull()
  })
})

describe('isTold', () => {
  test.each([
    ['bash', '-o pipefail -c x', true],
    ['bash', '-euxo pipefail -c x', true],
    ['bash', '/tmp/x -c', false],
    ['bash', 'x -c', false],
    ['python3', '-W ignore -c x', true],
    ['python3', '-I /tmp/x -c', false],
    ['node', '/tmp/x.js -p', false],
    ['node', 'eval x', false],
    ['deno', 'eval x', true],
    ['deno', 'run /x -e', false],
    ['perl', '-Mstrict -ne print', true],
    ['perl', '/tmp/x -e', false],
    ['psql', 'db -c x', true],
    ['mysql', '-h db shop -e x', true],
    ['mysql', '-h db shop', false],
  ])('%s %s: %s', (program, args, want) => {
    const interpreter = interpreterOf(program)
    if (interpreter === null) throw new Error('it is known')
    expect(isTold(interpreter, args.split(' '))).toBe(want)
  })
})

describe('isScriptOption', () => {
  test.each([
    ['bash', '-lc', true],
    ['bash', '-e', false],
    ['python3', '-Ic', true],
    ['python3', '-E', false],
    ['perl', '-ne', true],
    ['node', '--eval', true],
    ['php', '-r', true],
    ['deno', 'eval', true],
    ['pwsh', '-Command', true],
    ['cmd', '/C', true],
    ['psql', '-c', true],
    ['redis-cli', '-c', false],
    ['gdb', '-c', false],
    ['tclsh', '-c', false],
  ])('of %s: %s %s', (program, option, want) => {
    const interpreter = interpreterOf(program)
    expect(interpreter !== null && isScriptOption(interpreter, option)).toBe(want)
  })
})

test('shells of every machine are shells, languages are not', () => {
  expect(['zsh', 'fish', 'powershell', 'cmd', 'ssh'].every(isShell)).toBe(true)
  expect(['python3', 'psql', 'awk', 'cat'].some(isShell)).toBe(false)
})

test('a pattern of names knows what the list knows', () => {
  const pattern = new RegExp(`^${namesOf('shell', 'language', 'console')}$`)
  expect(['bash', 'python3.12', 'Rscript', 'psql', 'pwsh.exe', 'node22'].every(name => pattern.test(name))).toBe(true)
  expect(['cat', 'xargs', 'pushsh'].some(name => pattern.test(name))).toBe(false)
})
