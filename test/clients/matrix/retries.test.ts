import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { NOT_TRIED } from '../../../local/testing/count-results.ts'
import { ClientProgram } from '../client-program.ts'
import { CLIENTS, chosen } from './clients.ts'
import { lacking } from './lacking.ts'
import { BusyServer, kubeconfigFor, TRIES } from './retries.ts'

const WITHIN = 1_200_000
const directory = await mkdtemp(join(tmpdir(), 'lg-busy-'))
afterAll(() => rm(directory, { recursive: true, force: true }))

/** All of one age with kubectl try again as it does. */
const idOf = (id: string) => (id.startsWith('kubectl-') ? 'kubectl' : id)

describe('the table of clients that try again', () => {
  const page = readFileSync(new URL('../../../docs/refusals.md', import.meta.url), 'utf8')
  const rows =
    page
      .split('## Which clients retry')[1]
      ?.split('\n## ')[0]
      ?.split('\n')
      .filter(line => line.startsWith('| ')) ?? []
  const times = new Map([
    [1, 'nothing'],
    [4, 'three times'],
    [11, 'ten times'],
  ])

  test.each(CLIENTS.filter(({ id }) => !id.startsWith('kubectl-') || id === CLIENTS[0]?.id))(
    'has $title at its version, and what it was seen to do',
    ({ id, title, version }) => {
      const release = version
        .split('.')
        .slice(0, 2)
        .join('.')
        .replace(/(?<=^[1-9]\d+)\..*/, '')
      const name = title.split(' ').at(-1) ?? ''
      const row = rows.find(line =>
        id.startsWith('kubectl') ? line.includes('kubectl') : line.includes(`${name} ${release}`),
      )
      expect(row, `${name} ${release}`).toBeDefined()
      const tries = TRIES[idOf(id)]
      const most = Math.max(tries?.[429] ?? 0, tries?.[503] ?? 0)
      expect(row?.toLowerCase()).toContain(times.get(most))
    },
  )
})

// They wait most of the time. That of JavaScript sends nothing to a server without TLS.
describe.concurrent.each(
  chosen()
    .filter(({ id }) => id !== 'javascript')
    .map(client => ({ ...client, missing: lacking(client) })),
)('$title $version', client => {
  const { id, missing, prepare } = client
  test.skipIf(missing !== null).each([429, 503] as const)(
    `${missing === null ? '' : `${NOT_TRIED}${missing}: `}sends a list again after %i as often as the page says`,
    async status => {
      const server = new BusyServer(status)
      const kubeconfig = join(directory, `${id}-${status}`)
      await writeFile(kubeconfig, kubeconfigFor(await server.listen()))
      const program = new ClientProgram(await prepare(() => undefined), [
        'refused',
        kubeconfig,
        'app',
        'elsewhere',
        'web',
      ])
      await program.exited
      expect(server.asked, program.errors).toBe(TRIES[idOf(id)]?.[status])
      server.stop()
    },
    WITHIN,
  )
})
