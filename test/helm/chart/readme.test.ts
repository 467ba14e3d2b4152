import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { run } from '../../../local/process/run.ts'
import { ensureHelm } from '../../../local/toolchain/helm.ts'
import { parsePolicy } from '../../../src/policy/policy-file.ts'
import { CHART, objectsIn, scenarios } from './a-chart.ts'

const text = await readFile(join(CHART, 'README.md'), 'utf8')
const block = (kind: string, start: RegExp) =>
  [...text.matchAll(/```(\w+)\n([\s\S]*?)```/g)].find(
    ([, of, content = '']) => of === kind && start.test(content),
  )?.[2] ?? ''

describe("the chart's README", () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'leasegate-readme-'))
    await writeFile(join(folder, 'values.yaml'), block('yaml', /^# values.yaml/))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('has values to begin with that can be installed by the line below them', async () => {
    const line = /^helm install .*$/m.exec(block('sh', /helm install/))?.[0] ?? ''
    const rendering = line.replace('install', 'template').replace('helm/leasegate', CHART).replace(' --wait', '')
    const path = `${dirname(await ensureHelm(() => undefined))}:${process.env['PATH']}`
    const ran = await run('/bin/sh', ['-c', `cd ${folder} && ${rendering}`], { env: { PATH: path } })
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: '' })
    const objects = objectsIn(ran.stdout)
    const { data } = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'leasegate-policy')
    // Nothing but the values goes in: whoever upgrades with them loses nothing.
    expect(line).not.toMatch(/--set/)
    expect(Object.keys(data)).toEqual(['policy.yaml'])
    expect(parsePolicy(data['policy.yaml'], 'policy.yaml')).toMatchObject({ kind: 'policy' })
    const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    // What the agent's pod takes: addresses by the chart, the CA by its job.
    const agent = parse(block('yaml', /^# agent.yaml/))
    expect(names).toContain(`ConfigMap ${agent.spec.containers[0].envFrom[0].configMapRef.name}`)
    const [setup] = objects.filter(({ kind, metadata }) => kind === 'Job' && /-setup-/.test(metadata.name))
    const args: readonly string[] = setup.spec.template.spec.containers[0].args
    expect([args[args.indexOf('--name') + 1], args[args.indexOf('--publish-ca') + 1]]).toEqual([
      'leasegate',
      agent.metadata.namespace,
    ])
    expect(agent.spec.volumes[0].projected.sources[1].configMap.name).toBe('leasegate-ca')
    // What the lines for the agent speak of.
    expect(names).toEqual(
      expect.arrayContaining(['Service leasegate-envoy', 'ConfigMap leasegate-client.leasegate-system']),
    )
    expect(JSON.stringify(objects)).toContain('"leasegate-server-tls"')
  })

  test('names every scenario that is more than a variant, and none that is not there', async () => {
    const named = [...text.matchAll(/\]\(ci\/([\w-]+)-values\.yaml\)/g)].map(([, name]) => name)
    const known = (await scenarios()).map(({ name }) => name)
    expect(named.filter(name => !known.includes(name ?? ''))).toEqual([])
    expect(known.filter(name => !named.includes(name))).toEqual([
      'api-server-by-address',
      'embedded',
      'extras',
      'identity-service-accounts',
      'legacy-impersonation',
      'minimal',
      'names',
    ])
  })
})
