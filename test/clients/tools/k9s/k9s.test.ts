import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestEdition } from '../../../e2e/an-edition.ts'
import { until } from '../../../support/until.ts'
import { aClientsEdition, unrecorded } from '../../a-clients-edition.ts'
import { administratorsKubeconfig } from '../../matrix/administrator.ts'
import { K9S } from '../tools.ts'
import { Terminal } from './terminal.ts'

const WITHIN = 240_000
const KEYS = { enter: '\r', escape: '\u001b', tab: '\t', kill: '\u000b' }

let playing: TestEdition
let program: string
const open: Terminal[] = []

beforeAll(async () => {
  program = await K9S.ensure(line => void process.stderr.write(`${line}\n`))
  playing = await aClientsEdition(app => [
    {
      name: 'look',
      namespaces: [app],
      rules: [
        { verbs: ['get', 'list', 'watch'], apiGroups: [''], resources: ['pods', 'pods/log'] },
        { verbs: ['get', 'list', 'watch'], apiGroups: ['apps'], resources: ['deployments'] },
      ],
      maxTtl: '30m',
      maxLeases: 3,
    },
  ])
}, 1_200_000)
afterAll(async () => {
  await Promise.all(open.map(each => each.stop()))
  await playing?.stop()
})

/** With nothing of a person's own: what k9s keeps goes into a folder of the edition. */
async function start(kubeconfig: string, namespace: string, name: string): Promise<Terminal> {
  const home = join(playing.edition.directory, name)
  await mkdir(home)
  const env = { HOME: home, K9S_CONFIG_DIR: join(home, 'config'), K9S_LOGS_DIR: home }
  const args = ['--kubeconfig', kubeconfig, '--namespace', namespace, '--command', 'pods', '--logoless']
  const terminal = new Terminal({ command: program, args, env })
  open.push(terminal)
  return terminal
}

/** The pods of the namespace, the logs of the first, and back. */
async function look(terminal: Terminal, namespace: string): Promise<void> {
  const { deployment } = playing.edition.names
  await terminal.shows(new RegExp(`pods\\(${namespace}\\)\\[2\\]`))
  await terminal.shows(new RegExp(`${deployment}-\\S+ .*1/1 +Running`))
  terminal.type('l')
  await terminal.shows(/the server is up/)
  terminal.type(KEYS.escape)
  await terminal.shows(new RegExp(`pods\\(${namespace}\\)\\[2\\]`))
}

async function podsIn(namespace: string): Promise<string> {
  return (await playing.edition.cluster.admin(['get', 'pods', '-n', namespace, '-o', 'name'])).stdout
}

describe(`k9s ${K9S.version}, in a terminal`, () => {
  test(
    'shows pods and logs under a lease as it does directly, though the whole cluster is not shown to it',
    async () => {
      const { app, foreign } = playing.edition.names
      await look(await start(await administratorsKubeconfig(playing.edition), foreign, 'direct'), foreign)
      const lease = await playing.lease('look')
      await look(await start(playing.stage.kubeconfigFile, app, 'through'), app)
      await until('every request', async () => (await unrecorded(playing, [lease])).length === 0)
      // It wants to know the kinds and the namespaces of the cluster, and asks first whether it may.
      const reviews = `SELECT count() AS n FROM requests WHERE lease = '${lease}' AND resource = 'selfsubjectaccessreviews'`
      expect(Number((await playing.sql<{ n: string }>(reviews))[0]?.n)).toBeGreaterThan(0)
      const seen = (await playing.stage.audit()).filter(event => event.lease === lease && event.verb === 'list')
      expect(seen.filter(({ object }) => !object.startsWith(`${app}/`))).toEqual([])
    },
    WITHIN,
  )

  test(
    'says in its own words what the lease does not grant, and goes on',
    async () => {
      const { app } = playing.edition.names
      await playing.lease('look')
      const before = await podsIn(app)
      const terminal = await start(playing.stage.kubeconfigFile, app, 'refused')
      await terminal.shows(new RegExp(`pods\\(${app}\\)\\[2\\]`))
      terminal.type(KEYS.kill)
      await terminal.shows(/Delete failed with \(delete\) access denied/)
      expect(await podsIn(app)).toBe(before)
      terminal.type(`:secrets${KEYS.enter}`)
      await terminal.shows(/\(list\) access denied for user on resource/)
      terminal.type(KEYS.enter)
      await terminal.shows(new RegExp(`pods\\(${app}\\)\\[2\\]`))
      terminal.type(`:deployments${KEYS.enter}`)
      await terminal.shows(new RegExp(`deployments\\(${app}\\)\\[1\\]`))
    },
    WITHIN,
  )
})
