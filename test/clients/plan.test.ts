import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { MAIN } from '../../local/edition/leasegate.ts'
import { run } from '../../local/process/run.ts'
import { answer } from '../../local/story/answer.ts'
import { ensureToolchain } from '../../local/toolchain/toolchain.ts'
import type { TestEdition } from '../e2e/an-edition.ts'
import { aClientsEdition } from './a-clients-edition.ts'
import { olderKubectl } from './kubectl/clients.ts'

/** A dozen commands of ours and of kubectl's, each a process. */
const WITHIN = 240_000

let playing: TestEdition
let lease: string

beforeAll(async () => {
  playing = await aClientsEdition(namespace => [
    {
      name: 'release',
      namespaces: [namespace],
      rules: [
        { verbs: ['get', 'create', 'patch'], apiGroups: ['apps'], resources: ['deployments'] },
        { verbs: ['get', 'create', 'patch'], apiGroups: [''], resources: ['configmaps', 'services'] },
      ],
      approval: { require: ['workload-write', 'services-write'] },
      maxTtl: '1h',
    },
  ])
  lease = await playing.lease('release')
}, 600_000)
afterAll(() => playing?.stop())

/** Commands as an agent types them, with this kubectl in its path. */
async function agentWith(kubectl: string) {
  const bin = join(playing.edition.directory, `bin-${crypto.randomUUID()}`)
  await mkdir(bin)
  await symlink(kubectl, join(bin, 'kubectl'))
  await writeFile(join(bin, 'leasegate'), `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`)
  await chmod(join(bin, 'leasegate'), 0o755)
  const env = {
    ...playing.edition.environments.agent,
    PATH: `${bin}:${process.env['PATH']}`,
    KUBECONFIG: playing.stage.kubeconfigFile,
  }
  return (command: string, input?: string) =>
    run('sh', ['-c', command], { env, ...(input === undefined ? {} : { input }) })
}

const deployment = (name: string, image = 'web:1') => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'web', image }] } },
  },
})
const settings = (name: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data: { a: '<b> & "c"' },
})

async function folder(objects: readonly object[]): Promise<string> {
  const directory = join(playing.edition.directory, `files-${crypto.randomUUID()}`)
  await mkdir(directory)
  for (const [index, object] of objects.entries()) await writeFile(join(directory, `${index}.yaml`), stringify(object))
  return directory
}

const asked = (stdout: string) => /approve (apr_\S+)/.exec(stdout)?.[1] ?? ''

const KUBECTLS = [
  { version: 'current', path: async () => (await ensureToolchain(() => undefined)).kubectl },
  { version: '1.30', path: () => olderKubectl('1.30.14', () => undefined) },
]
const WAYS = [
  { way: 'apply', options: '' },
  { way: 'apply --server-side', options: ' --server-side' },
]

describe.each(KUBECTLS)('leasegate plan with kubectl $version', ({ version, path }) => {
  test.each(WAYS)(
    '$way: one yes to a folder, and the same command goes through without a word',
    async ({ options }) => {
      const agent = await agentWith(await path())
      const [one, two] = [`a-${crypto.randomUUID()}`, `b-${crypto.randomUUID()}`]
      const files = await folder([deployment(one), settings(one), deployment(two)])
      const planned = await agent(`leasegate plan -f ${files}${options}`)
      expect(planned, planned.stderr).toMatchObject({ code: 0 })
      expect(planned.stdout.match(/^ {2}asks /gm), planned.stdout).toHaveLength(2)
      expect(planned.stdout).toMatch(/^ {2}passes .*configmaps/m)
      const nothing = await agent(`kubectl get deployment ${one}`)
      expect(nothing.stderr).toContain('NotFound')

      const id = asked(planned.stdout)
      const shown = await playing.leasegate('approver', 'approvals', id)
      for (const name of [one, two]) expect(shown.stdout).toContain(name)
      const yes = await answer(playing.stage, 'approver', 'approve', id)
      expect(yes, yes.stderr).toMatchObject({ code: 0 })
      expect(await agent(`leasegate approvals wait ${id} --for=approved --timeout 1m`)).toMatchObject({ code: 0 })
      const applied = await agent(`kubectl apply -f ${files}${options}`)
      expect(applied, applied.stderr).toMatchObject({ code: 0 })
      expect(applied.stdout.match(/created|serverside-applied/g)).toHaveLength(3)

      // Then it is there, and a change of it is another question: of what changes alone, where the client finds that out.
      await rm(join(files, '0.yaml'))
      await writeFile(join(files, '0.yaml'), stringify(deployment(one, 'web:2')))
      const changed = await agent(`leasegate plan -f ${files}${options}`)
      expect(changed, changed.stderr).toMatchObject({ code: 0 })
      const next = asked(changed.stdout)
      expect(next).not.toBe(id)
      expect((await answer(playing.stage, 'approver', 'approve', next)).code).toBe(0)
      const again = await agent(`kubectl apply -f ${files}${options}`)
      expect(again, again.stderr).toMatchObject({ code: 0 })
      const image = await agent(`kubectl get deployment ${one} -o jsonpath='{.spec.template.spec.containers[0].image}'`)
      expect(image.stdout).toBe('web:2')
    },
    WITHIN,
  )

  test(
    'takes standard input, and any other command of kubectl',
    async () => {
      const agent = await agentWith(await path())
      const name = `c-${crypto.randomUUID()}`
      const text = JSON.stringify(deployment(name))
      const planned = await agent('leasegate plan -f - --server-side', text)
      expect((await answer(playing.stage, 'approver', 'approve', asked(planned.stdout))).code, planned.stderr).toBe(0)
      const applied = await agent('kubectl apply -f - --server-side', text)
      expect(applied, applied.stderr).toMatchObject({ code: 0 })
      const scaling = `kubectl set image deployment/${name} web=web:3`
      const set = await agent(`leasegate plan -- ${scaling}`)
      expect((await answer(playing.stage, 'approver', 'approve', asked(set.stdout))).code, set.stderr).toBe(0)
      const ran = await agent(scaling)
      expect(ran, ran.stderr).toMatchObject({ code: 0 })
    },
    WITHIN,
  )

  if (version !== 'current') return
  test(
    'says what is denied before anybody is asked, and what kubectl itself cannot do',
    async () => {
      const agent = await agentWith(await path())
      const object = { ...settings('x'), kind: 'Secret', data: {} }
      const files = await folder([deployment(`d-${crypto.randomUUID()}`), object])
      const planned = await agent(`leasegate plan -f ${files} --server-side`)
      expect(planned).toMatchObject({ code: 1, stdout: expect.stringMatching(/^ {2}denied .*secrets.*out-of-scope/m) })
      expect(asked(planned.stdout)).toBe('')
      const open = await playing.leasegate('approver', 'approvals', '-o', 'json')
      expect(JSON.parse(open.stdout)).not.toContainEqual(expect.objectContaining({ lease }))
      const broken = await agent('leasegate plan -f /nowhere')
      expect(broken).toMatchObject({ code: 1, stderr: expect.stringContaining('nothing was asked') })
    },
    WITHIN,
  )

  test(
    'does nothing of what would go beside it, and says where nothing came of a command',
    async () => {
      const agent = await agentWith(await path())
      const name = `e-${crypto.randomUUID()}`
      const create = `create configmap ${name} --from-literal=a=b`
      for (const command of [
        `kubectl --kubeconfig "$KUBECONFIG" ${create}`,
        `kubectl ${create} --kubeconfig="$KUBECONFIG"`,
        `env KUBECONFIG="$KUBECONFIG" kubectl ${create}`,
        `sh -c 'KUBECONFIG="$F" kubectl ${create}'`,
      ]) {
        const planned = await agent(`F="$KUBECONFIG"; export F; leasegate plan -- ${command}`)
        expect(planned, command).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('not planned') })
        expect((await agent(`kubectl get configmap ${name}`)).stderr, command).toContain('NotFound')
      }
      const silent = await agent(`leasegate plan -- kubectl ${create} --dry-run=client`)
      expect(silent).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('nothing of it reached') })
    },
    WITHIN,
  )
})
