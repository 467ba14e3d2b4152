import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { stretched, until } from '../support/until.ts'
import { anEdition, type TestEdition } from './an-edition.ts'

const SECONDS = 24
/** That a session is cut late on a busy machine, and that its row counts before and after it, each. */
const LATE_MS = 500
const AUTHORIZERS = ['authorizer-0', 'authorizer-1']

let playing: TestEdition
beforeAll(async () => {
  playing = await anEdition()
  const { policyFile, names } = playing.edition
  const file = parse(await readFile(policyFile, 'utf8')) as { readonly templates: readonly { readonly name: string }[] }
  const budgets = { execSeconds: SECONDS }
  const templates = file.templates.map(one => (one.name === names.own ? { ...one, budgets, maxLeases: 2 } : one))
  const before = await changesSeen()
  await writeFile(policyFile, stringify({ ...file, templates }))
  await until('both authorizers to know', async () => (await changesSeen()).every((n, at) => n > (before[at] ?? 0)))
})
afterAll(() => playing.stop())

/** How many changes of the policy each authorizer has noticed. */
function changesSeen(): Promise<readonly number[]> {
  const logs = AUTHORIZERS.map(name => join(playing.edition.directory, `${name}.log`))
  return Promise.all(logs.map(async log => (await readFile(log, 'utf8')).split('policy changed').length))
}

/** With the budget, which the broker may know of a moment later. */
async function aLease(): Promise<string> {
  let lease = ''
  await until('a lease with the budget', async () => {
    lease = await playing.lease(playing.edition.names.own)
    if ((await shown(lease)).budgets.execSeconds === SECONDS) return true
    await playing.leasegate('agent', 'lease', 'revoke', lease, '--reason', 'too early')
    return false
  })
  return lease
}

async function shown(lease: string) {
  const { stdout } = await playing.leasegate('agent', 'lease', 'show', lease, '-o', 'json')
  return JSON.parse(stdout) as { budgets: { execSeconds?: number }; taken: { execSeconds?: number } }
}

const usedOf = async (lease: string) => (await shown(lease)).taken.execSeconds ?? 0

/** By plain kubectl. */
function runs(mark: string, script: string) {
  const { app, deployment } = playing.edition.names
  const ran = playing.stage.kubectl([
    'exec',
    `deployment/${deployment}`,
    '-n',
    app,
    '--',
    'sh',
    '-c',
    `: ${mark}; ${script}`,
  ])
  return { ran }
}

const forever = (mark: string) => runs(mark, 'while sleep 1; do echo beat; done')

interface Row {
  readonly decision: string
  readonly reason: string
  readonly details: string
  readonly end_reason: string
  readonly duration_ms: string | null
}

async function rowOf(mark: string): Promise<Row | undefined> {
  const rows = await playing.sql<Row>(
    `SELECT decision, reason, details, end_reason, duration_ms FROM requests
     WHERE arrayExists(one -> position(one, ': ${mark};') > 0, command) ORDER BY decided_at DESC LIMIT 1`,
  )
  return rows[0]
}

async function ended(mark: string): Promise<Row> {
  let row: Row | undefined
  await until(`the row of ${mark}`, async () => {
    row = await rowOf(mark)
    return (row?.end_reason ?? '') !== ''
  })
  if (row === undefined) throw new Error('no row')
  return row
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)

test('sessions are cut when the seconds of their lease are gone, two at once have no more in all, and the next is refused', async () => {
  const lease = await aLease()
  const two = [forever('one'), forever('two')]
  for (const { ran } of two) expect((await ran).code).not.toBe(0)
  const rows = [await ended('one'), await ended('two')]
  for (const row of rows) expect(row).toMatchObject({ details: 'session_spent', end_reason: 'session cut' })
  const lasted = sum(rows.map(({ duration_ms }) => Number(duration_ms)))
  expect(lasted).toBeLessThanOrEqual(SECONDS * 1000 + 2 * stretched(LATE_MS))
  expect(lasted).toBeGreaterThan((SECONDS - 2) * 1000)
  expect(await usedOf(lease)).toBe(SECONDS)

  const refused = await runs('after', 'true').ran
  expect(refused.code).not.toBe(0)
  expect(refused.stderr).toContain('a budget of the lease is spent: execSeconds')
  expect(await ended('after')).toMatchObject({ decision: 'deny', reason: 'budget-spent' })
  const { app } = playing.edition.names
  expect(await playing.stage.kubectl(['get', 'pods', '-n', app])).toMatchObject({ code: 0 })
}, 300_000)

test('a session of a moment costs a moment; of one whose authorizer is killed all that was taken stays taken', async () => {
  const lease = await aLease()
  expect((await runs('short', 'true').ran).code).toBe(0)
  await until('what it did not use to come back', async () => {
    const used = await usedOf(lease)
    return used > 0 && used < 10
  })
  const short = await usedOf(lease)

  const held = forever('held')
  await until('it to run', async () => (await rowOf('held'))?.decision === 'allow')
  for (const name of AUTHORIZERS) await playing.supervisor.end(name, 'SIGKILL')
  expect((await held.ran).code).not.toBe(0)
  await Promise.all(AUTHORIZERS.map(name => playing.supervisor.startAgain(name)))
  const spent = await usedOf(lease)
  expect(spent).toBeGreaterThanOrEqual(short + 10)

  const service = async () => {
    const { stdout } = await forever('rest').ran
    return stdout.includes('beat')
  }
  await until('service', service)
  const rows = [await ended('short'), await ended('held'), await ended('rest')]
  expect(rows[2]).toMatchObject({ details: 'session_spent' })
  expect(sum(rows.map(({ duration_ms }) => Number(duration_ms)))).toBeLessThanOrEqual(
    SECONDS * 1000 + 3 * stretched(LATE_MS),
  )
  expect(await usedOf(lease)).toBe(SECONDS)
}, 300_000)
