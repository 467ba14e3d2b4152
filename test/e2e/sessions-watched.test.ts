import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { MAIN } from '../../local/edition/leasegate.ts'
import { stretched, until } from '../support/until.ts'
import { anEdition, type TestEdition } from './an-edition.ts'

/** What the command says before anything begins. */
const ENDS_WITHIN_MS = 17_000

let playing: TestEdition
let lease: string
beforeAll(async () => {
  playing = await anEdition()
  lease = await playing.lease(playing.edition.names.own)
})
afterAll(() => playing.stop())

/** A command that says a line each second, by plain kubectl, under the lease of the moment. */
function beats(mark: string) {
  const { app, deployment } = playing.edition.names
  const script = `i=0; while sleep 1; do i=$((i+1)); echo "beat $i of ${mark}"; done`
  let isOver = false
  const ran = playing.stage
    .kubectl(['exec', `deployment/${deployment}`, '-n', app, '--', 'sh', '-c', script])
    .finally(() => {
      isOver = true
    })
  return { ran, isOver: () => isOver }
}

/** One that is over at once, should it begin. */
function tries(mark: string) {
  const { app, deployment } = playing.edition.names
  return playing.stage.kubectl(['exec', `deployment/${deployment}`, '-n', app, '--', 'echo', mark])
}

/** A terminal of theirs; the key of sessions is the admin's in this edition. */
function watching(who: 'agent' | 'approver' = 'approver') {
  const { admin, [who]: theirs } = playing.edition.environments
  const env = { ...process.env, ...admin, ...theirs }
  const child = spawn(process.execPath, [MAIN, 'sessions', 'watch', lease], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', text => {
      said[name] += text
    })
  }
  const code = new Promise<number | null>(resolve => child.once('close', resolve))
  return { said, code, child }
}

/** The one template comes to want that its sessions are watched, which binds the lease that there is. */
async function wantWatchers(): Promise<void> {
  const { policyFile, names } = playing.edition
  const file = parse(await readFile(policyFile, 'utf8')) as { readonly templates: readonly { readonly name: string }[] }
  const templates = file.templates.map(one => (one.name === names.own ? { ...one, watched: ['exec', 'attach'] } : one))
  await writeFile(policyFile, stringify({ ...file, templates }))
}

async function rowOf(mark: string) {
  const [row] = await playing.sql<{
    readonly decision: string
    readonly reason: string
    readonly detail: string
    readonly details: string
    readonly end_reason: string
  }>(
    `SELECT decision, reason, detail, details, end_reason FROM requests
     WHERE arrayExists(one -> position(one, '${mark}') > 0, command) ORDER BY decided_at DESC LIMIT 1`,
  )
  return row
}

test('a session that has to be watched begins while an approver watches it, and ends within the stated time after they are gone', async () => {
  const free = beats('free')
  await until('a session that nobody has to watch', async () => (await rowOf('free'))?.decision === 'allow')
  await wantWatchers()

  let refused = await tries('refused')
  await until('the policy of now', async () => {
    if (refused.stderr.includes('nobody watches')) return true
    refused = await tries('refused')
    return false
  })
  expect(refused.code).not.toBe(0)
  expect(refused.stderr).toContain(`leasegate sessions watch ${lease}`)
  await until('it to be on record', async () => (await rowOf('refused'))?.reason === 'nobody-watches')

  const itself = watching('agent')
  expect(await itself.code).toBe(1)
  expect(itself.said.stderr).toContain('agents watch nobody, themselves neither')
  expect((await tries('by itself')).stderr).toContain('nobody watches')

  const watcher = watching()
  await until('the watch', () => watcher.said.stderr.includes('its sessions may begin'))
  expect(watcher.said.stderr).toContain('within 17 seconds')
  const watched = beats('watched')
  await until('it to be shown', () => watcher.said.stdout.includes('of watched'))
  await until(
    'it to go on for longer than a mark counts',
    () => /beat (1[6-9]|[2-9]\d) of watched/.test(watcher.said.stdout),
    60_000,
  )
  expect(watched.isOver()).toBe(false)

  watcher.child.kill('SIGKILL')
  const gone = performance.now()
  expect((await watched.ran).code).not.toBe(0)
  expect(performance.now() - gone).toBeLessThan(stretched(ENDS_WITHIN_MS))
  await until('its row', async () => (await rowOf('watched'))?.details === 'session_unwatched')
  const { approver } = playing.edition.names
  expect(await rowOf('watched')).toMatchObject({ detail: `watched by ${approver}`, end_reason: 'session cut' })
  const watches = async () =>
    playing.sql<{ event: string; by: string }>(
      `SELECT event, by FROM stop_events FINAL WHERE subject = 'lease' AND name = '${lease}' ORDER BY at`,
    )
  await until('when they watched', async () => (await watches()).length >= 2)
  expect(await watches()).toEqual([
    { event: 'watch', by: approver },
    { event: 'unwatch', by: approver },
  ])

  // One that began before anybody wanted it watched goes on (a machine that is too slow for the recorder may cut it), and so does everything else under the lease.
  expect(['', 'recorder cut']).toContain((await rowOf('free'))?.end_reason)
  const { app } = playing.edition.names
  expect(await playing.stage.kubectl(['get', 'pods', '-n', app])).toMatchObject({ code: 0 })
  expect((await tries('after')).stderr).toContain('nobody watches')

  // Who leaves by Ctrl-C ends what they watched at once.
  const second = watching()
  await until('the second watch', () => second.said.stderr.includes('its sessions may begin'))
  const left = beats('left')
  await until('it to be shown', () => second.said.stdout.includes('of left'))
  second.child.kill('SIGINT')
  expect(await second.code).toBe(0)
  expect(second.said.stderr).toContain('you watch no longer')
  expect((await left.ran).code).not.toBe(0)
  await until('its row', async () => (await rowOf('left'))?.details === 'session_unwatched')
  await playing.leasegate('agent', 'lease', 'revoke', lease, '--reason', 'done')
  expect((await free.ran).code).not.toBe(0)
}, 400_000)
