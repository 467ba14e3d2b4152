import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commandKeys } from '../../../../src/session/store/keys/key-command.ts'
import { keysOf, openKeyFile, parseKeyFile, withNewKey } from '../../../../src/session/store/keys/key-file.ts'
import { openSessionKeys } from '../../../../src/session/store/keys/open-keys.ts'
import { headContext, newDataKey } from '../../../../src/session/store/keys/session-keys.ts'
import { until } from '../../../support/until.ts'
import { aHead, aRing, keyFile, makeFolder, remove } from '../a-store.ts'

let folder: string
beforeAll(async () => {
  folder = await makeFolder()
})
afterAll(() => remove(folder))

const head = aHead({ auditId: 'a-1', startedAt: '2026-11-29T10:00:00.000Z' })
const context = headContext(head)

describe('parseKeyFile', () => {
  const key = Buffer.alloc(32, 1).toString('base64url')
  test.each([
    { name: 'nothing', text: '' },
    { name: 'no key', text: '{"keys": []}' },
    { name: 'a key that is too short', text: JSON.stringify({ keys: [key.slice(4)] }) },
    { name: 'a key that is too long', text: JSON.stringify({ keys: [`${key}AA`] }) },
    { name: 'a key in another alphabet', text: JSON.stringify({ keys: [`${key.slice(0, -1)}!`] }) },
    { name: 'more than keys', text: JSON.stringify({ keys: [key], first: 1 }) },
  ])('refuses $name, and says no key', ({ text }) => {
    const parsed = parseKeyFile(text)
    expect(parsed.kind).toBe('problem')
    expect(JSON.stringify(parsed)).not.toContain(key.slice(4, 20))
  })

  test('a new key goes to the front, and has an id of its own', () => {
    const older = aRing()
    const parsed = parseKeyFile(withNewKey(older).text)
    expect(parsed).toMatchObject({ kind: 'ok', value: [{ id: withNewKeyId(parsed) }, older[0]] })
    expect(withNewKeyId(parsed)).not.toBe(older[0].id)
  })
})

const withNewKeyId = (parsed: ReturnType<typeof parseKeyFile>) => (parsed.kind === 'ok' ? parsed.value[0].id : '')

describe('keysOf', () => {
  test('the newest wraps, all open; one that was taken out opens nothing', async () => {
    const [dataKey, old] = [newDataKey(), aRing()]
    const rotated = aRing(old)
    const before = await keysOf(() => old).wrap(dataKey, context)
    const after = await keysOf(() => rotated).wrap(dataKey, context)
    expect([before.keyId, after.keyId]).toEqual([old[0].id, rotated[0].id])
    expect(await keysOf(() => rotated).unwrap(before, context)).toEqual(dataKey)
    expect(await keysOf(() => rotated).unwrap(after, context)).toEqual(dataKey)
    await expect(keysOf(() => old).unwrap(after, context)).rejects.toMatchObject({ code: 'no-key' })
  })

  test('a wrapped key opens for its own head alone, whatever is changed', async () => {
    const keys = keysOf(() => ring)
    const ring = aRing()
    const wrapped = await keys.wrap(newDataKey(), context)
    const others = [
      { auditId: 'a-2' },
      { lease: 'lse_2' },
      { startedAt: '2026-11-29T10:00:00.001Z' },
      { verb: 'attach' },
      { protocol: 'v4.channel.k8s.io' },
      { tty: false },
    ] as const
    for (const change of others) {
      const refused = keys.unwrap(wrapped, headContext({ ...head, ...change }))
      await expect(refused).rejects.toMatchObject({ code: 'altered' })
    }
    for (let at = 0; at < wrapped.wrapped.length; at++) {
      const letter = wrapped.wrapped[at] === 'A' ? 'B' : 'A'
      const edited = wrapped.wrapped.slice(0, at) + letter + wrapped.wrapped.slice(at + 1)
      await expect(keys.unwrap({ ...wrapped, wrapped: edited }, context)).rejects.toMatchObject({ code: 'altered' })
    }
  })
})

test('a key file that is swapped is used from then on; one that cannot be read is not', async () => {
  const old = aRing()
  const path = await keyFile(folder, old)
  const problems: string[] = []
  const keys = await openKeyFile(path, problem => problems.push(problem))
  const wrapped = await keys.wrap(newDataKey(), context)
  const rotated = aRing(old)
  await keyFile(folder, rotated)
  await until('the new key to wrap', async () => (await keys.wrap(newDataKey(), context)).keyId === rotated[0].id)
  await writeFile(path, '{}')
  await until('the problem to be told', () => problems.length > 0)
  expect(await keys.unwrap(wrapped, context)).toHaveLength(32)
  keys.close()
})

describe('commandKeys', () => {
  /** A service that keeps the keys: here, in the answer, which only it can make. */
  async function program(name: string, body: string): Promise<string> {
    const path = join(folder, name)
    const read = "const given = JSON.parse(require('node:fs').readFileSync(0, 'utf8'))\n"
    await writeFile(path, `#!${process.execPath}\n${read}const what = process.argv[2]\n${body}`)
    await chmod(path, 0o700)
    return path
  }
  const SERVICE = `
    const say = answer => console.log(JSON.stringify(answer))
    const { createHash } = require('node:crypto')
    const mark = createHash('sha256').update(given.context).digest('hex')
    if (what === 'wrap') say({ keyId: 'kms/1', wrapped: mark + '.' + Buffer.from(given.key).toString('hex') })
    else {
      const [of, key] = given.wrapped.split('.')
      if (of !== mark || given.keyId !== 'kms/1') process.exit(3)
      say({ key: Buffer.from(key, 'hex').toString() })
    }`

  test('wraps and opens by what a program says', async () => {
    const keys = commandKeys(await program('kms', SERVICE))
    const dataKey = newDataKey()
    const wrapped = await keys.wrap(dataKey, context)
    expect(wrapped.keyId).toBe('kms/1')
    expect(await keys.unwrap(wrapped, context)).toEqual(dataKey)
    const other = keys.unwrap(wrapped, headContext({ ...head, lease: 'lse_2' }))
    await expect(other).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('exit 3') })
  })

  test.each([
    {
      name: 'fails, and what it says goes nowhere',
      body: "console.error('secret'); process.exit(1)",
      code: 'unavailable',
    },
    { name: 'answers something else', body: "console.log('secret')", code: 'unavailable' },
    {
      name: 'answers without end',
      body: "for (;;) require('node:fs').writeSync(1, 'secret'.repeat(10000))",
      code: 'unavailable',
    },
    { name: 'hangs', body: 'setInterval(() => {}, 1000)', code: 'unavailable' },
  ])('a program that $name', async ({ name, body, code }) => {
    const keys = commandKeys(await program(name.replaceAll(/\W/g, '-'), body), 2000)
    const failed = await keys.wrap(newDataKey(), context).catch(error => error)
    expect(failed).toMatchObject({ code })
    expect(failed.message).not.toContain('secret')
  })

  test('a program that is not there, and settings that say too little or too much', async () => {
    await expect(commandKeys(join(folder, 'nothing')).wrap(newDataKey(), context)).rejects.toMatchObject({
      message: expect.stringContaining('ENOENT'),
    })
    const open = (sessionKeyFile: string | null, sessionKeyCommand: string | null) =>
      openSessionKeys({ sessionKeyFile, sessionKeyCommand }, () => {})
    await expect(open(null, null)).rejects.toMatchObject({ code: 'no-key' })
    await expect(open('/x', '/y')).rejects.toMatchObject({ code: 'no-key' })
    await expect(open('/nonexistent', null)).rejects.toMatchObject({ code: 'no-key' })
  })
})
