import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { run } from '../../local/process/run.ts'
import { ensureToolchain } from '../../local/toolchain/toolchain.ts'
import { installClient, singleClient } from '../support/programs/installed-client.ts'
import { until } from '../support/until.ts'
import { anEdition, type TestEdition } from './an-edition.ts'

interface PolicyFile {
  readonly templates: readonly { readonly name: string }[]
}

let playing: TestEdition
beforeAll(async () => {
  playing = await anEdition()
})
afterAll(() => playing.stop())

/** What the task is: each is plain kubectl. */
function task(): readonly (readonly string[])[] {
  const { app, deployment } = playing.edition.names
  const on = ['-n', app]
  return [
    ['get', 'pods', ...on],
    ['get', `deployment/${deployment}`, ...on, '-o', 'name'],
    ['annotate', `deployment/${deployment}`, ...on, '--overwrite', `looked=${Date.now()}`],
  ]
}

async function suggestedFor(lease: string): Promise<string> {
  let text = ''
  await until('all of the task on record', async () => {
    const ran = await playing.leasegate('admin', 'lease', 'suggest', lease)
    text = ran.stdout
    return text.includes('patch')
  })
  return text
}

/** As somebody pastes them into the policy file. */
async function narrow(template: string, { rules }: { readonly rules: readonly object[] }): Promise<void> {
  const { policyFile } = playing.edition
  const file: PolicyFile = parse(await readFile(policyFile, 'utf8'))
  const templates = file.templates.map(one => (one.name === template ? { ...one, rules } : one))
  await writeFile(policyFile, stringify({ ...file, templates }))
}

describe('leasegate run', () => {
  test('gives plain kubectl the boundary for one task, counts what it did, and leaves nothing open', async () => {
    const { names } = playing.edition
    const { kubectl } = await ensureToolchain(() => undefined)
    const wish = ['--template', names.own, '--reason', 'one look', '--namespace', names.app]
    const [look, touch, remove] = [
      `"$0" get pods -n ${names.app} -o name`,
      `"$0" annotate deployment/${names.deployment} -n ${names.app} --overwrite ran=${Date.now()} >&2`,
      `"$0" delete namespace ${names.app}`,
    ]
    const ran = await playing.leasegate(
      'agent',
      'run',
      ...wish,
      '--',
      'sh',
      '-c',
      `${look}; ${touch}; ${remove}`,
      kubectl,
    )
    expect(ran).toMatchObject({ code: 1, stdout: expect.stringMatching(/^pod\//) })
    const [, lease] = /leasegate: lease (\w+) ended: sh ended with exit code 1/.exec(ran.stderr) ?? []
    expect(ran.stderr).toMatch(/\b[1-9]\d* requests let through, 1 of them changes something; [1-9]\d* refused/)
    const sql = `SELECT verb FROM requests WHERE lease = '${lease}' AND resource = 'pods' AND state = 'done' AND status != 503`
    await until('its row', async () => (await playing.sql(sql)).length > 0)
    expect(await playing.sql(sql)).toEqual([{ verb: 'list' }])
    const left = await playing.leasegate('agent', 'credential', '--lease', lease ?? '')
    expect(left).toMatchObject({ code: 1, stdout: '' })
  })
})

test.each([
  { what: 'packed program, installed alone,', come: installClient },
  { what: 'single file, without a Node.js,', come: singleClient },
])('the $what takes a lease, lets plain kubectl use it, and gives it back', async ({ come }) => {
  const { names, environments, directory } = playing.edition
  const { kubectl } = await ensureToolchain(() => undefined)
  await using client = await come()
  const leasegate = (...args: readonly string[]) => client.leasegate(args, environments.agent)
  const wish = ['--template', names.inspect, '--reason', 'on a machine', '--namespace', names.app]
  const asked = await leasegate('lease', 'request', ...wish, '-o', 'json')
  expect(asked).toMatchObject({ code: 0, stderr: '' })
  const { id } = JSON.parse(asked.stdout) as { readonly id: string }
  const file = join(directory, 'packed.kubeconfig')
  expect(await leasegate('kubeconfig', '--lease', id, '--out', file)).toMatchObject({ code: 0 })
  const list = ['--kubeconfig', file, 'get', 'pods', '-n', names.app, '-o', 'name']
  expect(await run(kubectl, list, { env: {} })).toMatchObject({ code: 0, stdout: expect.stringMatching(/^pod\//) })
  expect(await leasegate('lease', 'revoke', id)).toMatchObject({ code: 0, stdout: `${id} revoked\n` })
  expect(await run(kubectl, list, { env: {} })).toMatchObject({ code: 1, stdout: '' })
  // Its second process, which ends the lease, is of the same program.
  const ran = await leasegate('run', ...wish, '--', kubectl, 'get', 'pods', '-n', names.app, '-o', 'name')
  expect(ran).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^pod\//),
    stderr: expect.stringMatching(/ended/),
  })
})

test('the policy that decided, tried on the record, decides everything the same that it can tell', async () => {
  const { names, policyFile } = playing.edition
  const lease = await playing.lease(names.own)
  const on = ['-n', names.app]
  for (const args of task()) expect(await playing.stage.kubectl(args)).toMatchObject({ code: 0 })
  for (const args of [
    ['get', 'pods', ...on, '-l', 'app=web'],
    ['get', 'secrets', ...on],
    ['get', 'nodes'],
    ['get', 'pods', '-A'],
    ['logs', `deployment/${names.deployment}`, ...on, '--tail=1'],
    ['delete', 'pod', 'none', ...on, '--dry-run=server'],
    ['auth', 'can-i', 'get', 'pods', ...on],
  ])
    await playing.stage.kubectl(args)
  const seen = `SELECT count() AS n FROM requests WHERE lease = '${lease}' AND resource IN ('nodes', 'secrets') AND decision != 'none'`
  await until('all of it on record', async () => Number((await playing.sql<{ n: string }>(seen))[0]?.n) >= 2)
  const ran = await playing.leasegate('admin', 'policy', 'replay', policyFile, '-o', 'json')
  expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: '' })
  const { same, other, groups } = JSON.parse(ran.stdout)
  expect(same).toBeGreaterThan(10)
  expect({ other, groups: groups.filter(({ lacking }: { lacking: string | null }) => lacking === null) }).toEqual({
    other: 0,
    groups: [],
  })
  await playing.leasegate('agent', 'lease', 'revoke', lease)
})

test('the rules that a task is said to need are enough for it, and for nothing else', async () => {
  const { names } = playing.edition
  const lease = await playing.lease(names.own)
  for (const args of task()) expect(await playing.stage.kubectl(args)).toMatchObject({ code: 0 })
  const text = await suggestedFor(lease)
  expect(text).toMatch(/^# \d+ requests, 3 kinds/)
  const pasted = parse(text)
  expect(pasted.namespaces).toEqual([names.app])
  const verbs = pasted.rules.flatMap((rule: { verbs: readonly string[] }) => rule.verbs)
  expect(verbs).toEqual(expect.arrayContaining(['get', 'list', 'patch']))

  await narrow(names.own, pasted)
  await until('a lease by the new rules', async () => {
    const held = JSON.parse((await playing.leasegate('agent', 'lease', 'list', '-o', 'json')).stdout)
    for (const { id } of held) await playing.leasegate('agent', 'lease', 'revoke', id)
    const next = await playing.lease(names.own)
    const shown = await playing.leasegate('agent', 'lease', 'show', next, '-o', 'json')
    return JSON.parse(shown.stdout).scope.length === pasted.rules.length
  })
  for (const args of task()) expect(await playing.stage.kubectl(args)).toMatchObject({ code: 0 })

  const ofTemplate = await playing.leasegate('admin', 'lease', 'suggest', '--template', names.own, '--since', '1h')
  expect(ofTemplate).toMatchObject({ code: 0, stdout: expect.stringContaining(`unused-scope --template ${names.own}`) })
  expect(parse(ofTemplate.stdout).rules.length).toBeGreaterThanOrEqual(pasted.rules.length)
  const unused = await playing.leasegate('admin', 'query', 'unused-scope', '--template', names.own, '-o', 'json')
  expect(JSON.parse(unused.stdout)).toContainEqual(expect.objectContaining({ template: names.own, unused_verbs: '' }))

  const others = [
    ['get', 'deployments', '-n', names.app],
    ['get', `deployment/${names.deployment}`, '-n', 'default'],
    ['delete', `deployment/${names.deployment}`, '-n', names.app, '--dry-run=server'],
  ]
  for (const args of others) {
    const ran = await playing.stage.kubectl(args)
    expect(ran, args.join(' ')).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toContain('outside the scope of the lease')
  }
})
