import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { run } from '../../../local/process/run.ts'
import { ensureHelm } from '../../../local/toolchain/helm.ts'
import { parsePolicy } from '../../../src/policy/load/policy-file.ts'
import { CHART, objectsIn, render, scenarios } from './a-chart.ts'

const DOCS = join(import.meta.dirname, '../../../docs')
const text = await readFile(join(CHART, 'README.md'), 'utf8')
const blockIn = (page: string, kind: string, start: RegExp) =>
  [...page.matchAll(/```(\w+)\n([\s\S]*?)```/g)].find(
    ([, of, content = '']) => of === kind && start.test(content),
  )?.[2] ?? ''
const block = (kind: string, start: RegExp) => blockIn(text, kind, start)
/** The agent of the pages, as objects by kind. */
const example = objectsIn(await readFile(join(DOCS, 'examples/kubernetes/agent.yaml'), 'utf8'))

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
    const { metadata, spec } = example.find(({ kind }) => kind === 'Deployment')
    const { containers, volumes, serviceAccountName } = spec.template.spec
    expect(names).toContain(`ConfigMap ${containers[0].envFrom[0].configMapRef.name}`)
    const [setup] = objects.filter(({ kind, metadata }) => kind === 'Job' && /-setup-/.test(metadata.name))
    const args: readonly string[] = setup.spec.template.spec.containers[0].args
    expect([args[args.indexOf('--name') + 1], args[args.indexOf('--publish-ca') + 1]]).toEqual([
      'leasegate',
      metadata.namespace,
    ])
    const [token, authority] = volumes[0].projected.sources
    expect(authority.configMap.name).toBe('leasegate-ca')
    // And it is the agent of the policy, with a task of that one.
    const { issuers, agents, templates } = parse(data['policy.yaml'])
    expect(token.serviceAccountToken.audience).toBe(issuers[0].audience)
    expect(agents[0].claims.sub).toBe(`system:serviceaccount:${metadata.namespace}:${serviceAccountName}`)
    const [, template, namespace] = /--template (\S+) .* --namespace (\S+)/.exec(containers[0].args[0]) ?? []
    expect([template, namespace]).toEqual([templates[0].name, templates[0].grants[0].namespaces[0]])
    // What the lines for the agent speak of.
    expect(names).toEqual(
      expect.arrayContaining(['Service leasegate-envoy', 'ConfigMap leasegate-client.leasegate-system']),
    )
    expect(JSON.stringify(objects)).toContain('"leasegate-server-tls"')
  })

  test('leaves agents APIs of models by the values that the page for agents has', async () => {
    const page = await readFile(join(DOCS, 'agents.md'), 'utf8')
    const changed = parse(blockIn(page.replaceAll(/^ {2}/gm, ''), 'yaml', /^# values.yaml/))
    const objects = objectsIn(await render({ ...parse(block('yaml', /^# values.yaml/)), ...changed }))
    const { spec } = objects.find(
      ({ kind, metadata }) =>
        kind === 'NetworkPolicy' && metadata.namespace === changed.networkPolicy.agentNamespaces[0],
    )
    expect(spec.egress.at(-1)).toEqual({
      ports: [{ protocol: 'TCP', port: 443 }],
      to: [{ ipBlock: { cidr: '0.0.0.0/0', except: [...changed.apiServer.networks, '169.254.0.0/16'] } }],
    })
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
