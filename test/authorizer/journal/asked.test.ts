import { describe, expect, test } from 'vitest'
import { authorize } from '../../../src/authorizer/authorize.ts'
import { MAX_ENTRY_BYTES } from '../../../src/record/journal/entry-text.ts'
import type { DecisionEntry } from '../../../src/record/journal/journal-entry.ts'
import type { HttpRequest } from '../../../src/request/http-request.ts'
import { SPDY } from '../../request/a-http-request.ts'
import { aRoad, http } from '../road.ts'

/** The entry of a request under a lease, or, without one, among the refusals. */
async function entryOf(line: string, given: Partial<HttpRequest> = {}, stranger = false) {
  const { around, stores, token } = await aRoad()
  const headers = [...(stranger ? [] : [['authorization', `Bearer ${token}`] as const]), ...(given.headers ?? [])]
  await authorize(http(line, null, { ...given, headers }), around)
  const text = stores.journal.at(-1) ?? ''
  return { text, entry: JSON.parse(text) as DecisionEntry }
}

const EXEC = 'POST /api/v1/namespaces/other/pods/p/exec'
const upgrade = { headers: SPDY, route: 'upgrade' } as const
const LONG: readonly { name: string; line: string; given?: Partial<HttpRequest> }[] = [
  { name: 'a command of control characters', line: `${EXEC}?command=${'%01'.repeat(10_900)}`, given: upgrade },
  { name: 'a command of quotes', line: `${EXEC}?command=a${"'".repeat(32_000)}x+y`, given: upgrade },
  { name: 'a thousand arguments', line: `${EXEC}?${'command=abcdefghijklmnop&'.repeat(990)}`, given: upgrade },
  { name: 'a field selector', line: `GET /api/v1/namespaces/other/pods?fieldSelector=${'a%20'.repeat(8100)}` },
  { name: 'a label selector', line: `GET /api/v1/namespaces/other/pods?labelSelector=${'ab%22'.repeat(6500)}` },
  { name: 'a path', line: `GET /api/v1/namespaces/${'n'.repeat(7000)}/pods` },
  { name: 'a name of escapes', line: `GET /api/v1/namespaces/x/pods/${'%C3%A9'.repeat(1300)}` },
  { name: 'a field manager', line: `POST /api/v1/namespaces/other/pods?fieldManager=${'m'.repeat(30_000)}` },
  { name: 'a path that is refused', line: `GET /${'%2e%2e/'.repeat(8000)}` },
]

describe('an entry', () => {
  test.each(LONG)('is small, and says that it was cut, for $name', async ({ line, given }) => {
    const { text } = await entryOf(line, given)
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_ENTRY_BYTES)
    expect(text).toMatch(/\[cut, \d+ more/)
  })

  test.each(LONG)('of a stranger is smaller still, for $name', async ({ line, given }) => {
    const { text, entry } = await entryOf(line, given, true)
    expect(entry).toMatchObject({ reason: 'no-credential', agent: '', command: [] })
    expect(Buffer.byteLength(text)).toBeLessThan(MAX_ENTRY_BYTES / 2)
  })

  test('of a stranger keeps neither a command nor selectors', async () => {
    const exec = await entryOf(`${EXEC}?command=rm&container=web&stdin=true`, upgrade, true)
    expect(exec.entry).toMatchObject({ command: [], container: '', stdin: false, info: { subresource: 'exec' } })
    const list = await entryOf('GET /api/v1/namespaces/x/pods?labelSelector=a%3Db&fieldSelector=c%3Dd', {}, true)
    expect(list.entry.info).toMatchObject({ labelSelector: '', fieldSelector: '' })
  })

  test('says what was asked for beside the object', async () => {
    const { entry } = await entryOf('POST /api/v1/namespaces/x/pods/p/exec?command=sh&stdin=true&tty=true', upgrade)
    expect(entry).toMatchObject({ command: ['sh'], stdin: true, tty: true, dryRun: false, masked: 0 })
    const body = Buffer.from('{"dryRun":["All"],"propagationPolicy":"Foreground","gracePeriodSeconds":0}')
    const removed = await entryOf('DELETE /api/v1/namespaces/x/pods/p', { body })
    expect(removed.entry).toMatchObject({ dryRun: true, propagationPolicy: 'Foreground', gracePeriodSeconds: 0 })
    const applied = await entryOf('PATCH /api/v1/namespaces/x/pods/p?fieldManager=helm&force=true&dryRun=%41ll')
    expect(applied.entry).toMatchObject({ dryRun: true, force: true, fieldManager: 'helm' })
  })

  test('counts what is masked', async () => {
    const command = '?command=app&command=--password%3Dhunter2hunter2&command=--token&command=abc'
    const { entry } = await entryOf(`POST /api/v1/namespaces/x/pods/p/exec${command}`, upgrade)
    expect(entry.command).toEqual(['app', '--password=[masked]', '--token', '[masked]'])
    expect(entry.masked).toBe('hunter2hunter2abc'.length)
  })
})
