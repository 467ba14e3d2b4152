import { afterAll, beforeAll, expect, test } from 'vitest'
import { ConsoleWorld } from './console-world.ts'

let world: ConsoleWorld
beforeAll(async () => {
  world = await ConsoleWorld.start()
})
afterAll(() => world.stop())

const fsync = (value: string) => world.broker.link.ask('config', redis => redis.config('SET', 'appendfsync', value))

test('an admin sees what the broker finds of the store, keys and issuers, and what it does not look at', async () => {
  await fsync('no')
  const root = await world.signedIn('root')
  const { text } = await root.get('/console/doctor')
  expect(text).toContain('the store&#39;s appendfsync is no')
  expect(text).toContain('CONFIG SET appendfsync everysec')
  for (const shown of ['keys of lease tokens are there', 'signed with', 'can be had', 'people: 1 keys of use'])
    expect(text).toContain(shown)
  expect(text).toMatch(/does not see: [^<]*boundary-account/)
})

test('it is looked at once in a while, not by each page in sight', async () => {
  const root = await world.signedIn('root')
  await fsync('everysec')
  expect((await root.get('/console/doctor')).text).toContain('appendfsync is no')
  world.broker.aheadMs = 31_000
  expect((await root.get('/console/doctor')).text).not.toContain('appendfsync is no')
  world.broker.aheadMs = 0
})

test('nobody else does: what is weak is not for every approver', async () => {
  const hana = await world.signedIn('hana')
  const page = await hana.get('/console/doctor')
  expect(page).toMatchObject({ status: 403, text: expect.not.stringContaining('appendfsync') })
  expect((await hana.get('/console')).text).not.toContain('/console/doctor')
})
