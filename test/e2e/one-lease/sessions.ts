import { describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { playing } from './the-edition.ts'

let marks = 0

/** A command in a container, by kubectl; its audit id once it has ended on record. */
async function session(protocol: 'WebSocket' | 'SPDY', script: string): Promise<{ id: string; stdout: string }> {
  const { app, deployment } = playing.edition.names
  const mark = `mark-${marks++}`
  const args = ['exec', `deployment/${deployment}`, '-n', app, '--', 'sh', '-c', script, mark]
  const ran = await playing.stage.kubectl(args, {
    KUBECTL_REMOTE_COMMAND_WEBSOCKETS: String(protocol === 'WebSocket'),
  })
  expect(ran).toMatchObject({ code: 0 })
  const sql = `SELECT audit_id FROM requests WHERE subresource = 'exec' AND has(command, '${mark}') AND state = 'done'`
  let id = ''
  await until('its row', async () => {
    const [row] = await playing.sql<{ readonly audit_id: string }>(sql)
    id = row?.audit_id ?? ''
    return id !== ''
  })
  return { id, stdout: ran.stdout }
}

const admin = (...args: readonly string[]) => playing.leasegate('admin', 'sessions', ...args)

describe('a session of plain kubectl', () => {
  test.each(['WebSocket', 'SPDY'] as const)(
    'over %s is replayed as it was shown, to who has the key',
    async protocol => {
      const { id, stdout } = await session(protocol, 'for i in 1 2 3 4 5; do echo "line $i of it"; done')
      let replayed = ''
      await until('the recording', async () => {
        const ran = await admin('replay', id, '--speed', '1000')
        replayed = ran.stdout
        return ran.code === 0
      })
      expect(replayed.replaceAll('\r\n', '\n')).toContain(stdout)
      const shown = JSON.parse((await admin('show', id, '-o', 'json')).stdout)
      expect(shown).toMatchObject({ verb: 'exec', tty: false, bytesShown: stdout.length })
      expect((await admin('search', 'line 4 of', '-o', 'json')).stdout).toContain(id)
      const agent = await playing.leasegate('agent', 'sessions', 'replay', id)
      expect(agent).toMatchObject({ code: 2, stdout: '' })
      expect(agent.stderr).toContain('LEASEGATE_SESSION_KEY_FILE')
    },
  )

  test('does not begin while nobody records, and says so', async () => {
    const { app, deployment } = playing.edition.names
    await playing.supervisor.end('tap', 'SIGKILL')
    const ran = await playing.stage.kubectl(['exec', `deployment/${deployment}`, '-n', app, '--', 'echo', 'unseen'])
    expect(ran).toMatchObject({ stdout: '' })
    expect(ran.code).not.toBe(0)
  })
})
