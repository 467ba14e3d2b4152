import { chmod, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { delimiter, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../../local/process/ports.ts'
import { ensureToolchain } from '../../../local/toolchain/toolchain.ts'
import { until } from '../../support/until.ts'
import { unrecorded } from '../a-clients-edition.ts'
import { approve } from '../approve.ts'
import { aDay, type Day } from './day-edition.ts'
import { budget, configMap, deployment, guarded, kustomization, measured, metricsOfPods, nightly } from './objects.ts'
import { MORNING, NODES, OBJECTS, PODS, REFUSED, ROLLOUTS, type Step } from './steps.ts'

/** Some twenty commands, each a process. */
const WITHIN = 240_000

let day: Day
const files = new Map<string, string>()

beforeAll(async () => {
  day = await aDay()
  for (const [name, object] of [
    ['tool.yaml', deployment(2)],
    ['scaled.yaml', deployment(5)],
    ['nightly.yaml', nightly],
    ['one.yaml', configMap('one', 'b')],
    ['two.yaml', configMap('two', 'a')],
    ['overlay/base.yaml', configMap('base', 'a')],
    ['overlay/kustomization.yaml', kustomization(['base.yaml'])],
  ] as const) {
    files.set(name, await day.file(name, object))
    files.set(dirname(name), dirname(files.get(name) ?? ''))
  }
}, 600_000)
afterAll(() => day.playing.stop())

/** Words as a shell would part them. */
async function words(line: string): Promise<readonly string[]> {
  const pod = line.includes('POD') ? await day.pod() : ''
  return line.split(' ').map(word =>
    word
      .replaceAll('POD', pod)
      .replaceAll('APP', day.app)
      .replace('COPY', join(day.playing.edition.directory, 'copy'))
      .replace(/^FILE:(.*)$/, (_, name: string) => files.get(name) ?? name),
  )
}

async function take({ run, code = 0, says, after, asks }: Step, kubectl: Day['kubectl'] = day.kubectl): Promise<void> {
  const args = await words(run)
  const [first] = await Promise.all([kubectl(...args), asks && approve(day.playing, day.lease, 120_000)])
  // kubectl waits half a minute; on a busy machine the yes may come later.
  const ran = asks && /waits for approval/.test(first.stderr) ? await kubectl(...args) : first
  const { stdout, stderr } = ran
  expect({ run, code: ran.code, stderr: ran.code === code ? '' : stderr }).toEqual({ run, code, stderr: '' })
  if (says !== undefined) expect(`${stdout}${stderr}`, run).toMatch(new RegExp(says.source.replace('APP', day.app)))
  if (after !== undefined) {
    const [ask, has] = after
    const question = args.includes('pod') || ask.includes('POD') ? ask.replace('POD', args[2] ?? '') : ask
    await until(`${ask} after ${run}`, async () => has.test(await day.has(...question.split(' '))))
  }
}

describe('a day in the life of an operator, by kubectl', () => {
  test.each([
    { part: 'looks around and rolls out', steps: MORNING },
    { part: 'goes into pods', steps: PODS },
    { part: 'changes what runs', steps: ROLLOUTS },
    { part: 'makes, changes and deletes', steps: OBJECTS },
  ])('$part', { timeout: WITHIN }, async ({ steps }) => {
    for (const step of steps) await take(step)
  })

  test('edits in an editor', { timeout: WITHIN }, async () => {
    await take({ run: 'create configmap edited --from-literal=text=before' })
    const { kubectl } = day.playing.stage
    const edited = await kubectl(['-n', day.app, 'edit', 'configmap', 'edited'], {
      KUBE_EDITOR: 'sed -i s/before/after/',
    })
    expect(edited).toMatchObject({ code: 0, stdout: 'configmap/edited edited\n' })
    expect(await day.has('get', 'configmap', 'edited', '-o', 'jsonpath={.data.text}')).toBe('after')
  })

  test('has a plugin of its own', { timeout: WITHIN }, async () => {
    const plugin = join(dirname(files.get('one.yaml') ?? ''), 'kubectl-names')
    await writeFile(plugin, '#!/bin/sh\nexec kubectl get "$@" -o name\n')
    await chmod(plugin, 0o755)
    await take({ run: 'create configmap plugged --from-literal=a=b' })
    const { kubectl } = await ensureToolchain(() => undefined)
    const PATH = [dirname(plugin), dirname(kubectl), process.env['PATH']].join(delimiter)
    const { code, stdout } = await day.playing.stage.kubectl(['names', 'configmaps', '-n', day.app], { PATH })
    expect({ code, has: stdout.includes('configmap/plugged\n') }).toEqual({ code: 0, has: true })
  })

  test('follows what happens', { timeout: WITHIN }, async () => {
    const { kubectlRunning } = day.playing.stage
    const watch = kubectlRunning(['-n', day.app, 'get', 'configmaps', '-w'])
    await watch.saw(/kube-root-ca/)
    await take({ run: 'create configmap later --from-literal=a=b' })
    await watch.saw(/later/)
    const logs = kubectlRunning(['-n', day.app, 'logs', '-f', '--all-containers', '-l', 'app=tool', '--tail=1'])
    await logs.saw(/the server is up/)
    // What was said before is not said again: the pod says nothing more.
    const attached = kubectlRunning(['-n', day.app, 'attach', await day.pod()])
    const attaches = async () => (await day.playing.stage.audit()).filter(({ object }) => /pods\/attach/.test(object))
    await until('the API server to see it', async () => (await attaches()).some(({ status }) => status === 101))
    await Promise.all([watch.stop(), logs.stop(), attached.stop()])
  })

  test('forwards ports of a pod and of a Service, and is a proxy', { timeout: WITHIN }, async () => {
    await take({ run: 'expose deployment tool --port=80' })
    const { kubectlRunning } = day.playing.stage
    for (const to of [`pod/${await day.pod()}`, 'service/tool']) {
      const port = await freePort()
      const forward = kubectlRunning(['-n', day.app, 'port-forward', to, `${port}:80`])
      await forward.saw(/Forwarding from 127/)
      expect(await echo(port)).toBe('ping')
      await forward.stop()
    }
    const port = await freePort()
    const proxy = kubectlRunning(['proxy', `--port=${port}`])
    await proxy.saw(/Starting to serve/)
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/namespaces/${day.app}/pods?limit=1`)
    expect(await answer.json()).toMatchObject({ kind: 'PodList' })
    await proxy.stop()
  })

  test.each(REFUSED)('is told in a sentence: kubectl $run', { timeout: WITHIN }, step => take(step))

  test('reads what pods use, where something measures it', { timeout: WITHIN }, async () => {
    const { admin } = day.playing.edition.cluster
    expect(await admin(['apply', '-f', await day.file('metrics.yaml', metricsOfPods)])).toMatchObject({ code: 0 })
    await admin(['wait', 'crd/pods.metrics.k8s.io', '--for=condition=Established', '--timeout=60s'])
    const file = await day.file('measured.yaml', measured)
    await until('it to be served', async () => (await admin(['apply', '-n', day.app, '-f', file])).code === 0)
    await take({ run: 'top pods', says: /measured +7m +9Mi/ })
    await take({ run: 'top pod measured --containers', says: /measured +c +7m/ })
    await take({ run: 'top pods -A', code: 1, says: /does not grant list on pods.metrics.k8s.io in the whole cluster/ })
  })

  test('looks after a node, and drains it', { timeout: WITHIN }, async () => {
    for (const step of NODES) await take(step, day.nodes)
  })

  test('drains a node past a disruption budget with one question, however often it is put off', {
    timeout: WITHIN,
  }, async () => {
    const { admin } = day.playing.edition.cluster
    for (const [name, object] of [
      ['guarded.yaml', guarded],
      ['budget.yaml', budget],
    ] as const) {
      expect(await admin(['apply', '-n', day.app, '-f', await day.file(name, object)])).toMatchObject({ code: 0 })
    }
    await admin(['wait', 'deployment/guarded', '-n', day.app, '--for=condition=Available', '--timeout=60s'])
    await until('the budget to count', async () =>
      /^1 0$/.test(
        await day.has('get', 'pdb', 'guarded', '-o', 'jsonpath={.status.currentHealthy} {.status.disruptionsAllowed}'),
      ),
    )
    const lease = await day.playing.lease('drain-carefully', '--namespace', '*')
    const args = ['drain', 'node-0', '--pod-selector=app=guarded', '--timeout=180s']
    const drained = day.playing.stage.kubectl(args)
    await approve(day.playing, lease, 120_000)
    const evictions = () =>
      day.playing.sql<{ readonly decision: string; readonly status: number; readonly approval: string }>(
        `SELECT decision, status, approval FROM requests WHERE lease = '${lease}' AND subresource = 'eviction'`,
      )
    const putOff = async () => (await evictions()).filter(one => one.decision === 'allow' && one.status === 429)
    await until('two tries that the budget puts off', async () => (await putOff()).length >= 2, 90_000)
    const loosened = ['patch', 'pdb', 'guarded', '-n', day.app, '--type=merge', '-p', '{"spec":{"minAvailable":0}}']
    expect(await admin(loosened)).toMatchObject({ code: 0 })
    const { code, stdout, stderr } = await drained
    expect({ code, says: stdout.includes('node/node-0 drained') }, stderr).toEqual({ code: 0, says: true })
    await until('its end on record', async () => (await evictions()).some(({ status }) => status === 201))
    expect(new Set((await evictions()).map(({ approval }) => approval)).size).toBe(1)
    await admin(['uncordon', 'node-0'])
    await admin(['delete', 'deployment,pdb', 'guarded', '-n', day.app])
  })

  test('has all of it on record', { timeout: WITHIN }, async () => {
    await until('every request', async () => (await unrecorded(day.playing, [day.lease])).length === 0)
  })
})

/** The forwarded port sends back what it is sent. */
async function echo(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let seen = ''
  socket.on('error', () => undefined).on('data', data => (seen += data))
  socket.write('ping')
  await until('the echo', () => seen.length >= 4)
  socket.destroy()
  return seen
}
