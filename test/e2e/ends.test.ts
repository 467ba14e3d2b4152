import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { anEdition, type TestEdition } from './an-edition.ts'

let playing: TestEdition

beforeAll(async () => {
  playing = await anEdition()
  await playing.lease(playing.edition.names.own)
})
afterAll(() => playing.stop())

const WITHIN = 120_000

interface Row {
  readonly state: string
  readonly end_reason: string
  readonly exit_code: number | null
  readonly flags: readonly string[]
  readonly details: string
}

/** The rows of what ran with these words in it. */
function rows(mark: string): Promise<readonly Row[]> {
  return playing.sql<Row>(
    `SELECT state, end_reason, exit_code, flags, details FROM requests WHERE subresource = 'exec' AND decision = 'allow' AND has(command, '${mark}')`,
  )
}

async function ended(mark: string): Promise<Row> {
  let row: Row | undefined
  await until(
    'the end on record',
    async () => {
      row = (await rows(mark)).find(({ state }) => state === 'done')
      return row !== undefined
    },
    30_000,
  )
  return row as Row
}

const over = (protocol: 'WebSocket' | 'SPDY') => ({
  KUBECTL_REMOTE_COMMAND_WEBSOCKETS: String(protocol === 'WebSocket'),
})

/** Of what nothing happens in, the oldest first. */
function watches() {
  return playing.sql<Pick<Row, 'state' | 'end_reason'> & { readonly is_seen: string }>(
    "SELECT state, end_reason, toString(isNotNull(seen_at)) AS is_seen FROM requests WHERE verb = 'watch' AND resource = 'leases' AND decision = 'allow' AND status != 503 ORDER BY decided_at",
  )
}

let marks = 0

/** An exec whose last argument names it. */
function exec(protocol: 'WebSocket' | 'SPDY', script: string) {
  const { app, deployment } = playing.edition.names
  const mark = `mark-${marks++}`
  const args = ['exec', `deployment/${deployment}`, '-n', app, '--', 'sh', '-c', script, mark]
  return { mark, ran: playing.stage.kubectl(args, over(protocol)) }
}

/** One that runs, and would for a minute. */
async function running(protocol: 'WebSocket' | 'SPDY') {
  const started = exec(protocol, 'echo open; sleep 60')
  await until('it to run', async () => (await rows(started.mark)).some(({ state }) => state === 'open'), 30_000)
  return started
}

describe('the end of an exec of kubectl, by the record', () => {
  test.each([
    { protocol: 'WebSocket', want: { end_reason: 'completed', exit_code: 0 } },
    { protocol: 'SPDY', want: { end_reason: 'completed', exit_code: null } },
  ] as const)(
    'over $protocol, that went well',
    async ({ protocol, want }) => {
      const { mark, ran } = exec(protocol, 'sleep 1')
      expect(await ran).toMatchObject({ code: 0 })
      expect(await ended(mark)).toMatchObject(want)
    },
    WITHIN,
  )

  test(
    'that the pretended kubelet could not carry out, as it says of every command that fails',
    async () => {
      const { mark, ran } = exec('WebSocket', 'sleep 1; exit 7')
      const { stderr } = await ran
      expect(stderr).toContain('exit status 7')
      expect(await ended(mark)).toMatchObject({ end_reason: 'upstream failed', details: 'command_failed' })
    },
    WITHIN,
  )

  test(
    'in which the kubelet dies is what kubectl was told',
    async () => {
      const [webSocket, spdy] = await Promise.all([running('WebSocket'), running('SPDY')])
      await playing.supervisor.end('kwok', 'SIGKILL')
      try {
        expect(await ended(spdy.mark)).toMatchObject({ end_reason: 'upstream failed', exit_code: null })
        // Of the connection that breaks behind it, the API server itself makes a command that went well (client-go's error stream, v4).
        const { code } = await webSocket.ran
        expect(await ended(webSocket.mark)).toMatchObject({ exit_code: code === 0 ? 0 : null })
      } finally {
        await playing.supervisor.startAgain('kwok')
      }
    },
    WITHIN,
  )

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'whose Envoy ends by %s is known, as is that of a watch in which nothing happens',
    async signal => {
      const { app } = playing.edition.names
      const session = await running('WebSocket')
      const before = (await watches()).length
      const watching = playing.stage.kubectlRunning(['get', 'leases.coordination.k8s.io', '-n', app, '-w'])
      // By Envoy's own report, which comes every 5 s: what it never told of, the tap cannot give an end.
      await until('the watch to be told of', async () => (await watches())[before]?.is_seen === '1')
      try {
        await playing.supervisor.end('envoy', signal)
        await watching.stop()
      } finally {
        await playing.supervisor.startAgain('envoy')
      }
      expect(await ended(session.mark)).toMatchObject({ end_reason: 'boundary ended', exit_code: null })
      const watch = async () => (await watches())[before]
      await until('the end of the watch', async () => (await watch())?.state === 'done')
      expect(await watch()).toMatchObject({ end_reason: 'boundary ended' })
    },
    WITHIN,
  )

  test(
    'of a watch whose Envoy is killed by somebody else is known; Envoy is started again, which is said, and the next command works',
    async () => {
      const { app } = playing.edition.names
      const before = (await watches()).length
      const watching = playing.stage.kubectlRunning(['get', 'leases.coordination.k8s.io', '-n', app, '-w'])
      await until('the watch to be told of', async () => (await watches())[before]?.is_seen === '1')
      playing.supervisor.signal('envoy', 'SIGKILL')
      await until('Envoy to be there again', () => playing.said.includes('envoy is up again'))
      await watching.stop()
      expect(playing.said.find(line => line.startsWith('envoy ended'))).toMatch(
        /^envoy ended unasked \(signal SIGKILL\), see .*envoy\.log; starting it again$/,
      )
      expect(await playing.stage.kubectl(['get', 'pods', '-n', app])).toMatchObject({ code: 0 })
      await until('the end of the watch', async () => (await watches())[before]?.state === 'done')
      expect((await watches())[before]).toMatchObject({ end_reason: 'boundary ended' })
    },
    WITHIN,
  )

  test(
    'in which the API server is killed is no good one',
    async () => {
      const cut = await Promise.all([running('WebSocket'), running('SPDY')])
      await playing.supervisor.end('kube-apiserver', 'SIGKILL')
      for (const { mark } of cut)
        expect(await ended(mark)).toMatchObject({ end_reason: 'upstream failed', exit_code: null })
    },
    WITHIN,
  )
})
