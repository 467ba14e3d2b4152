import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MAIN } from '../../local/edition/leasegate.ts'
import { run } from '../../local/process/run.ts'
import type { TestEdition } from '../e2e/an-edition.ts'
import { aClientsEdition } from './a-clients-edition.ts'

let playing: TestEdition
let app: string
let production: string
let bin: string

/** Wide templates come first in the file: a hint that takes the first one takes too much. */
beforeAll(async () => {
  playing = await aClientsEdition(namespace => {
    const reads = { verbs: ['get', 'list', 'watch'], apiGroups: [''] }
    return [
      {
        name: 'everything',
        namespaces: ['*'],
        rules: [
          { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
          { scope: 'cluster', verbs: ['*'], apiGroups: ['*'], resources: ['namespaces', 'nodes', 'persistentvolumes'] },
        ],
        maxTtl: '1h',
      },
      {
        name: 'no-deletes',
        namespaces: ['*'],
        rules: [{ verbs: ['get', 'delete'], apiGroups: [''], resources: ['services'] }],
        maxTtl: '1h',
        budgets: { deletes: 0 },
      },
      {
        name: 'see-cluster',
        namespaces: [],
        rules: [{ scope: 'cluster', ...reads, resources: ['namespaces', 'nodes'] }],
        maxTtl: '1h',
      },
      {
        name: 'nothing',
        namespaces: [namespace],
        rules: [{ ...reads, resources: ['endpoints'] }],
        maxTtl: '1h',
        maxLeases: 20,
      },
      { name: 'see-pods', namespaces: ['*'], rules: [{ ...reads, resources: ['pods'] }], maxTtl: '1h' },
      {
        name: 'scale-soon',
        namespaces: [namespace],
        rules: [
          { verbs: ['get'], apiGroups: ['apps'], resources: ['deployments'] },
          { verbs: ['get', 'patch', 'update'], apiGroups: ['apps'], resources: ['deployments/scale'] },
        ],
        maxTtl: '5m',
      },
      {
        name: 'settings',
        namespaces: [namespace, 'default'],
        rules: [{ ...reads, resources: ['configmaps'] }],
        maxTtl: '1h',
      },
    ]
  })
  ;({ app, production } = playing.edition.names)
  bin = join(playing.edition.directory, 'bin')
  await mkdir(bin)
  await writeFile(join(bin, 'leasegate'), `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`)
  await chmod(join(bin, 'leasegate'), 0o755)
}, 600_000)
afterAll(() => playing.stop())

/** What an agent does: it types what stderr says, in a shell. */
function typed(command: string) {
  const PATH = `${bin}:${process.env['PATH']}`
  return run('sh', ['-c', command], { env: { ...playing.edition.environments.agent, PATH } })
}

const COMMAND = /: ((?:leasegate lease revoke \S+ && )?leasegate lease request .*--reason 'WHY')$/m

describe('the command that a refusal ends with', () => {
  test.each<{ from?: () => readonly [string, ...string[]]; args: () => readonly string[]; asks: RegExp }>([
    { args: () => ['get', 'namespaces'], asks: /--template see-cluster --reason/ },
    { args: () => ['get', 'nodes'], asks: /--template see-cluster --reason/ },
    { args: () => ['get', 'pods', '-n', 'kube-public'], asks: /--template see-pods --namespace kube-public --reason/ },
    {
      from: () => ['see-pods', '--namespace', app],
      args: () => ['get', 'pods', '-A', '--field-selector', 'metadata.namespace!=leasegate-system'],
      asks: /revoke lse_\S+ && leasegate lease request --template see-pods --namespace '\*' --reason/,
    },
    {
      args: () => ['scale', 'deployment', playing.edition.names.deployment, '--replicas=1', '-n', app],
      asks: /--template scale-soon .*--ttl 5m/,
    },
    {
      args: () => ['label', 'pods', '-l', 'none=here', 'a=b', '-n', app],
      asks: /--template own-\S+ --namespace \S+ --reason/,
    },
    {
      args: () => ['wait', 'pods', '-l', 'none=here', '--for=delete', '--timeout=1s', '-n', app],
      asks: /--template see-pods --namespace \S+ --reason/,
    },
    { args: () => ['get', 'persistentvolumes'], asks: /--template everything --namespace \S+ --reason/ },
    {
      args: () => ['delete', 'service', 'none', '-n', production],
      asks: /--template everything --namespace \S+ --reason/,
    },
    {
      from: () => ['settings', '--namespace', app],
      args: () => ['get', 'configmaps', '-n', 'default'],
      asks: /revoke lse_\S+ && .*--template settings --namespace \S+ --namespace default --reason/,
    },
  ])('$asks works as it is typed, and the request passes', async ({ from, args, asks }) => {
    const held = await playing.lease(...(from?.() ?? ['nothing']))
    const refused = await playing.stage.kubectl(args())
    const command = COMMAND.exec(refused.stderr)?.[1] ?? ''
    expect(command, refused.stderr).toMatch(asks)
    const asked = await typed(command)
    expect(asked, asked.stderr).toMatchObject({ code: 0 })
    const lease = /^lse_\S+$/m.exec(asked.stdout)?.[0]
    const config = await typed(`leasegate kubeconfig --lease ${lease} --out ${playing.stage.kubeconfigFile}`)
    expect(config, config.stderr).toMatchObject({ code: 0 })
    const passed = await playing.stage.kubectl(args())
    expect(passed.stderr).not.toContain('leasegate:')
    await typed(`leasegate lease revoke ${lease}; leasegate lease revoke ${held}`)
  })
})
