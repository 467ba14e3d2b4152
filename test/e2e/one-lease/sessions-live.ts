import { spawn } from 'node:child_process'
import { expect, test } from 'vitest'
import { MAIN } from '../../../local/edition/leasegate.ts'
import { stretched, until } from '../../support/until.ts'
import { playing } from './the-edition.ts'

/** A command that says a line each second, in a pod, by plain kubectl; where it has got to. */
function beats(mark: string) {
  const { app, deployment } = playing.edition.names
  const script = `i=0; while sleep 1; do i=$((i+1)); echo "beat $i of ${mark}"; done`
  const ran = playing.stage.kubectl(['exec', `deployment/${deployment}`, '-n', app, '--', 'sh', '-c', script])
  return { ran }
}

/** The audit id of the session that runs this, as an approver finds it. */
async function running(mark: string): Promise<string> {
  let id = ''
  await until('the session to be listed', async () => {
    const { stdout } = await playing.leasegate('admin', 'sessions', 'list', '--running', '-o', 'json')
    const rows = JSON.parse(stdout || '[]') as { readonly audit_id: string; readonly command: string }[]
    id = rows.find(({ command }) => command.includes(mark))?.audit_id ?? ''
    return id !== ''
  })
  return id
}

function follow(id: string) {
  const env = { ...process.env, ...playing.edition.environments.admin }
  const child = spawn(process.execPath, [MAIN, 'sessions', 'follow', id], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', text => {
    said.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', text => {
    said.stderr += text
  })
  const code = new Promise<number | null>(resolve => child.once('close', resolve))
  return { said, code }
}

const beat = (text: string) => Number([...text.matchAll(/beat (\d+) of/g)].at(-1)?.[1] ?? 0)

test('an approver follows a session of plain kubectl while it runs, and ends it, and it alone', async () => {
  const [followed, other] = [beats('followed'), beats('another')]
  const [id, stays] = [await running('followed'), await running('another')]
  const watched = follow(id)
  await until('what was shown so far', () => beat(watched.said.stdout) > 0)
  const seen = beat(watched.said.stdout)
  await until('what comes', () => beat(watched.said.stdout) > seen + 2)

  const ended = await playing.leasegate('approver', 'sessions', 'end', id, '--why', 'the wrong pod', '-o', 'json')
  expect(ended).toMatchObject({ code: 0 })
  expect(JSON.parse(ended.stdout)).toMatchObject({ auditId: id, reason: 'the wrong pod' })
  const began = performance.now()
  expect((await followed.ran).code).not.toBe(0)
  expect(performance.now() - began).toBeLessThan(stretched(10_000))
  expect(await watched.code).toBe(0)
  expect(watched.said.stderr).toContain(`it was ended by ${playing.edition.names.approver}: the wrong pod`)

  let rows: readonly { readonly details: string; readonly end_reason: string }[] = []
  await until('its row', async () => {
    rows = await playing.sql(`SELECT details, end_reason FROM requests WHERE audit_id = '${id}' AND state = 'done'`)
    return rows.length > 0
  })
  expect(rows).toEqual([{ details: 'session_ended', end_reason: 'session cut' }])

  // The other one, under the same lease, goes on.
  const still = follow(stays)
  await until('the other one', () => beat(still.said.stdout) > 0)
  const then = beat(still.said.stdout)
  await until('the other one to go on', () => beat(still.said.stdout) > then + 2)
  expect(await playing.leasegate('agent', 'sessions', 'end', stays, '--why', 'mine')).toMatchObject({ code: 1 })
  expect(await playing.leasegate('admin', 'sessions', 'end', stays, '--why', 'enough')).toMatchObject({ code: 0 })
  expect((await other.ran).code).not.toBe(0)
  expect(await still.code).toBe(0)
}, 240_000)
