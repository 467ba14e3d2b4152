import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maskCommand } from '../../../src/record/mask/mask.ts'
import { CREDENTIALS, WRAPPERS } from './packed-credentials.ts'

const secret = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{11,29}$/)

test.each([
  'PGPASSWORD="x"\'hunter2\'y psql',
  "PGPASSWORD=x'hunter2' psql",
  "PGPASSWORD=$'hunter2' psql",
  'PGPASSWORD=$"hunter2" psql',
  'app --password \\\n hunter2',
])('masks a word whole, in whatever pieces a shell has it: %s', script => {
  expect(maskCommand(['sh', '-c', script])[2]).not.toContain('hunter2')
})

test.each([
  ['kubectl', 'create', 'token', 'builder'],
  ['kubectl', 'get', 'secret', 'db', '-o', 'yaml'],
  ['git', 'config', 'credential.helper', 'store'],
  ['grep', '-r', 'password', 'src'],
  ['sh', '-c', ': kind: Secret stringData:\n  rm -rf /data'],
  ['sh', '-c', ': kind: Secret\nstringData:\n  rm: $(rm -rf /data)\n'],
  ['sh', '-c', 'PASSWORD=$(cat /x) app'],
  ['sh', '-c', "printf 'x\\nreboot\\n' | sudo -S sh"],
  ...['xargs', 'lua', 'deno', 'bun', 'Rscript', 'tclsh', 'php8.2', 'su', '-s', '-i'].map(program => [
    'sh',
    '-c',
    `echo reboot | sudo -S ${program}`,
  ]),
  ['app', '{"name":"auth","path":"/x"}'],
])('leaves alone what says no credential: %s %s %s', (...argv) => {
  expect(maskCommand(argv)).toEqual(argv)
})

test('masks a member that is set by its name', () => {
  const argv = ['python3', '-c', `import os; os.environ['DB_PASSWORD']='hunter2'; os.system("ls")`]
  const [, , code = ''] = maskCommand(argv, { names: [], prefixes: [] })
  expect(code).not.toContain('hunter2')
  expect(code).toContain('os.system("ls")')
})

describe('maskCommand', () => {
  test.each(Object.keys(CREDENTIALS))('masks %s, alone and packed twice over', name => {
    const wrap = fc.constantFrom(...Object.values(WRAPPERS))
    fc.assert(
      fc.property(secret, fc.array(wrap, { maxLength: 2 }), (value, wrappers) => {
        const argv = wrappers.reduce((inner, pack) => pack(inner), CREDENTIALS[name]?.(value) ?? [])
        const masked = maskCommand(argv)
        expect(masked).toHaveLength(argv.length)
        const hidden = [value, Buffer.from(`bob:${value}`).toString('base64')]
        for (const each of hidden) expect(masked.join('\n')).not.toContain(each)
      }),
      { numRuns: 60 },
    )
  })
})
