import { truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Ran, run } from '../../local/process/run.ts'
import { startRunning } from '../../local/story/running.ts'
import { until } from '../support/until.ts'
import { pythonProgram } from './python/clients.ts'
import { playing } from './the-leased-edition.ts'

/** Starting, being seen to run by the tap, and the end, on a busy machine. */
const WITHIN = 240_000
const SPDY = { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false', KUBECTL_PORT_FORWARD_WEBSOCKETS: 'false' }

let app: string
let pod: string
/** What nobody empties takes a moment's bytes, so that cp is never done. */
let full: string
let large: string

beforeAll(async () => {
  const { names, cluster, directory } = playing.edition
  app = names.app
  const found = await cluster.admin(['get', 'pods', '-n', app, '-l', `app=${names.deployment}`, '-o', 'name'])
  pod = found.stdout.split('\n')[0]?.replace('pod/', '') ?? ''
  expect(pod, found.stderr).not.toBe('')
  full = join(directory, 'full')
  large = join(directory, 'large')
  await writeFile(large, '')
  await truncate(large, 512 * 1024 * 1024)
  expect(await run('mkfifo', [full])).toMatchObject({ code: 0 })
}, WITHIN)

interface Cut {
  readonly what: string
  readonly args: () => readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** kubectl's own exit code, where it is the same whatever happens. */
  readonly always?: number
}

const LONG = ['sh', '-c', 'echo begun; sleep 300']

const COMMANDS: readonly Cut[] = [
  { what: 'exec over WebSocket', args: () => ['exec', pod, '--', ...LONG] },
  { what: 'exec over SPDY', args: () => ['exec', pod, '--', ...LONG], env: SPDY },
  { what: 'attach over SPDY', args: () => ['attach', pod], env: SPDY },
  { what: 'attach', args: () => ['attach', pod] },
  { what: 'cp', args: () => ['cp', `${pod}:${large}`, full] },
  { what: 'logs -f', args: () => ['logs', '-f', pod] },
  { what: 'port-forward over SPDY', args: () => ['port-forward', pod, ':80'], env: SPDY },
  { what: 'port-forward over WebSocket', args: () => ['port-forward', pod, ':80'] },
  // It throws its error away (pkg/cmd/get/get.go, watch).
  { what: 'get -w', args: () => ['get', 'configmaps', '-w'], always: 0 },
]

/** How many streams of the lease are open, by the record. */
async function openStreams(lease: string): Promise<number> {
  const rows = await playing.sql<{ n: number }>(
    `SELECT toUInt32(count()) AS n FROM requests WHERE lease = '${lease}' AND decision = 'allow' AND state = 'open' AND (verb = 'watch' OR subresource IN ('exec', 'attach', 'portforward', 'log'))`,
  )
  return rows[0]?.n ?? 0
}

describe.each([
  { end: 'a revoke', ttl: '10m', revoked: true },
  { end: 'the end of the lease', ttl: '40s', revoked: false },
])('what $end cuts', ({ ttl, revoked }) => {
  test(
    'ends with no exit code 0, but where kubectl has no other',
    async () => {
      const lease = await playing.lease('operate', '--ttl', ttl)
      const ended = new Map<string, Ran>()
      const running = COMMANDS.map(async ({ what, args, env }) => {
        ended.set(what, await playing.stage.kubectl(['-n', app, ...args()], env))
      })
      await until(
        'all of them to run',
        async () => {
          expect(Object.fromEntries(ended)).toEqual({})
          return (await openStreams(lease)) >= COMMANDS.length
        },
        60_000,
      )
      if (revoked) expect(await playing.leasegate('admin', 'lease', 'revoke', lease)).toMatchObject({ code: 0 })
      const others = COMMANDS.filter(({ what }) => what !== 'cp')
      await until('the others to end', () => others.every(({ what }) => ended.has(what)), 90_000)
      // Who writes to what is full notices nothing else.
      const emptied = startRunning('sh', ['-c', `exec cat '${full}' >/dev/null`])
      await Promise.all(running)
      const codes = Object.fromEntries([...ended].map(([what, { code }]) => [what, code === 0 ? 0 : 'not 0']))
      const want = Object.fromEntries(COMMANDS.map(({ what, always }) => [what, always ?? 'not 0']))
      expect(codes, JSON.stringify([...ended], null, 1)).toEqual(want)
      await emptied.stop()
    },
    WITHIN,
  )

  test(
    'is no success to the Python client either',
    async () => {
      const lease = await playing.lease('operate', '--ttl', ttl)
      const { command, args = [], env = {} } = await pythonProgram('cut', () => undefined)
      const ran = run(command, [...args, playing.stage.kubeconfigFile, app, pod], { env })
      await until('all of them to run', async () => (await openStreams(lease)) >= 3, 60_000)
      if (revoked) expect(await playing.leasegate('admin', 'lease', 'revoke', lease)).toMatchObject({ code: 0 })
      const { stdout, stderr } = await ran
      const said = stdout.split('\n').filter(line => line !== '')
      const ends = said.map(line => JSON.parse(line) as { readonly what: string; readonly error: string | null })
      const raised = Object.fromEntries(ends.map(({ what, error }) => [what, error !== null]))
      // The API server ends a watch with its lease, in good order, before it is cut: the next one is told.
      expect(raised, `${stdout}${stderr}`).toEqual({ exec: true, log: true, watch: revoked })
    },
    WITHIN,
  )
})
