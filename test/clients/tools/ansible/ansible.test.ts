import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run } from '../../../../local/process/run.ts'
import { NOT_TRIED } from '../../../../local/testing/count-results.ts'
import type { TestEdition } from '../../../e2e/an-edition.ts'
import { lackingPython } from '../../../support/programs/python-packages.ts'
import { until } from '../../../support/until.ts'
import { aClientsEdition, NOT_TOO_BUSY, unrecorded } from '../../a-clients-edition.ts'
import { administratorsKubeconfig } from '../../matrix/administrator.ts'
import { ANSIBLE } from '../tools.ts'
import { ANSIBLE_VERSION, type Ansible, ensureAnsible } from './ansible.ts'

/** Each task is a process of Python's. */
const WITHIN = 600_000
const READ = ['get', 'list', 'watch']
const lacking = await lackingPython(11)

let playing: TestEdition
let ansible: Ansible

interface Task {
  readonly task: string
  readonly failed: boolean
  readonly changed: boolean
  readonly msg?: string
  readonly stdout?: string
  readonly resources?: readonly object[]
}

/** What each task came to, by its name. */
async function play(kubeconfig: string, app: string, elsewhere: string): Promise<ReadonlyMap<string, Task>> {
  const home = join(playing.edition.directory, `ansible-${app}`)
  const env = {
    ...{ HOME: home, ANSIBLE_HOME: home, ANSIBLE_LOCAL_TEMP: home, LC_ALL: 'C.UTF-8', PYTHONDONTWRITEBYTECODE: '1' },
    ...{ ANSIBLE_COLLECTIONS_PATH: ansible.collections, ANSIBLE_STDOUT_CALLBACK: 'lines' },
    ...{ ANSIBLE_CALLBACK_PLUGINS: join(import.meta.dirname, 'callbacks'), K8S_AUTH_KUBECONFIG: kubeconfig },
  }
  const playbook = join(import.meta.dirname, 'playbook.yaml')
  const values = JSON.stringify({ app, elsewhere })
  const args = ['-m', 'ansible', 'playbook', '-i', 'localhost,', '-e', values, playbook]
  const { stdout, stderr, code } = await run(ansible.python, args, { env })
  expect({ code, stderr: code === 0 ? '' : stderr + stdout }).toEqual({ code: 0, stderr: '' })
  const lines = stdout.split('\n').filter(line => line.startsWith('{'))
  return new Map(lines.map(line => JSON.parse(line) as Task).map(task => [task.task, task]))
}

describe.skipIf(lacking !== null)(
  `${lacking === null ? '' : `${NOT_TRIED}${lacking}: `}Ansible ${ANSIBLE_VERSION}, kubernetes.core`,
  () => {
    beforeAll(async () => {
      const report = (line: string) => void process.stderr.write(`${line}\n`)
      await ANSIBLE.ensure(report)
      ansible = await ensureAnsible(report)
      playing = await aClientsEdition(app => [
        {
          name: 'play',
          namespaces: [app],
          rules: [
            { verbs: [...READ, 'create', 'patch', 'delete'], apiGroups: [''], resources: ['configmaps'] },
            { verbs: [...READ, 'create', 'patch', 'delete'], apiGroups: ['apps'], resources: ['deployments'] },
            { verbs: ['get', 'patch'], apiGroups: ['apps'], resources: ['deployments/scale'] },
            { verbs: READ, apiGroups: [''], resources: ['pods', 'pods/log'] },
            { verbs: ['get', 'create'], apiGroups: [''], resources: ['pods/exec'], commands: [['echo', '*']] },
          ],
          maxTtl: '30m',
        },
      ])
    }, 1_200_000)
    afterAll(() => playing?.stop())

    test(
      'plays the same under a lease as directly, but for what the lease does not grant',
      async () => {
        const { app, foreign } = playing.edition.names
        const direct = await play(await administratorsKubeconfig(playing.edition), foreign, app)
        const lease = await playing.lease('play')
        const through = await play(playing.stage.kubeconfigFile, app, foreign)
        const came = ([name, { failed, changed, stdout }]: [string, Task]) => [name, { failed, changed, stdout }]
        const refused = ['pods elsewhere', 'a namespace that is there']
        const granted = [...direct].filter(([name]) => !refused.includes(name)).map(came)
        expect(granted.length).toBeGreaterThan(10)
        expect([...through].filter(([name]) => !refused.includes(name)).map(came)).toEqual(granted)
        expect(refused.map(name => direct.get(name)?.failed)).toEqual([false, false])
        expect(refused.map(name => through.get(name)?.failed)).toEqual([true, true])
        expect(through.get('pods elsewhere')?.msg).toContain(`does not grant list on pods in namespace`)
        expect(through.get('a namespace that is there')?.msg).toContain('does not grant get on namespaces')
        await until('every request', async () => (await unrecorded(playing, [lease])).length === 0)
        // Check mode, as `kubectl --dry-run=server`.
        const dry = `SELECT DISTINCT verb FROM requests WHERE lease = '${lease}' AND dry_run AND ${NOT_TOO_BUSY} ORDER BY verb`
        expect(await playing.sql(dry)).toEqual([{ verb: 'delete' }, { verb: 'patch' }])
      },
      WITHIN,
    )
  },
)
