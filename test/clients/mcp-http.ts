import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MAIN } from '../../local/edition/leasegate.ts'
import { run } from '../../local/process/run.ts'
import { ensureToolchain } from '../../local/toolchain/toolchain.ts'
import { HttpServer } from '../cli/mcp/an-http-server.ts'
import { until } from '../support/until.ts'
import { unrecorded } from './a-clients-edition.ts'
import { BY_MODEL, pythonWithMcp } from './mcp/http-client.ts'
import { playing } from './the-storys-edition.ts'

const say = (line: string) => void process.stderr.write(`${line}\n`)

let server: HttpServer
let python: string
let folder: string
let kubectl: string

beforeAll(async () => {
  python = await pythonWithMcp(say)
  ;({ kubectl } = await ensureToolchain(say))
  folder = await mkdtemp(join(tmpdir(), 'lg-mcp-'))
  await writeFile(join(folder, 'leasegate'), `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`, { mode: 0o755 })
  // Nothing of the agent's is in the server's environment.
  const { LEASEGATE_BROKER_URL: brokerUrl = '', ...agent } = playing.edition.environments.agent
  const names = ['LEASEGATE_BROKER_CA_FILE', 'LEASEGATE_BOUNDARY_URL']
  const env = Object.fromEntries(names.flatMap(name => (agent[name] === undefined ? [] : [[name, agent[name]]])))
  server = await HttpServer.start({ brokerUrl }, ['--audience', 'leasegate'], { env })
}, 600_000)
afterAll(async () => {
  await server?.stop()
  await rm(folder, { recursive: true, force: true })
})

// biome-ignore lint/suspicious/noExplicitAny: what a program reads of JSON
type Step = any

describe('leasegate mcp --http with the Python SDK of MCP', () => {
  test.each(['legacy', 'auto'])(
    'gives a lease for what its user says, under which kubectl works until it is given back (%s)',
    async mode => {
      const { agent } = playing.edition.environments
      const path = [folder, dirname(kubectl), process.env['PATH']].join(delimiter)
      const env = { ...agent, PATH: path }
      const token = agent['LEASEGATE_IDENTITY_TOKEN_FILE'] ?? ''
      const { code, stdout, stderr } = await run(python, [BY_MODEL, server.url, token, mode, folder], { env })
      expect({ code, stderr }).toMatchObject({ code: 0 })
      const steps: Step[] = stdout
        .trim()
        .split('\n')
        .map(line => JSON.parse(line))
      const step = (name: string) => steps.find(one => one.step === name)
      expect(step('connected').version).toBe(mode === 'auto' ? '2026-07-28' : '2025-11-25')
      expect(step('asked').fields).toEqual(['reason'])
      expect(step('lease')).toMatchObject({
        template: 'restart-web',
        reason: 'web answers slowly',
        namespaces: ['shop'],
      })
      expect(step('kubeconfig')).toMatchObject({ code: 0 })
      expect(step('kubectl get pods -n shop')).toMatchObject({ code: 0, out: expect.stringContaining('web-') })
      expect(step('kubectl rollout restart deployment/web -n shop')).toMatchObject({ code: 0 })
      expect(step('kubectl delete pods --all -n shop')).toMatchObject({
        code: 1,
        err: expect.stringContaining('leasegate: '),
      })
      expect(step('back')).toMatchObject({ error: false })
      expect(step('after')).toMatchObject({ code: 1 })
      const { lease } = step('lease')
      const shown = await playing.leasegate('admin', 'lease', 'show', lease, '-o', 'json')
      expect(JSON.parse(shown.stdout)).toMatchObject({ state: { kind: 'revoked', reason: 'done' } })
      await until('all on record', async () => (await unrecorded(playing, [lease])).length === 0)
    },
    240_000,
  )
})
