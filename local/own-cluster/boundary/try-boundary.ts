import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { stringify } from 'yaml'
import type { Policy } from '../../../src/policy/policy.ts'
import { EXTRA_KEYS, groupsOf, userOf } from '../../../src/policy/rbac/identity.ts'
import { run } from '../../process/run.ts'
import type { ApiServer } from '../api-server.ts'
import { whyOf } from '../why.ts'

interface Trial {
  readonly kubectl: string
  readonly directory: string
  readonly apiServer: ApiServer
  readonly caFile: string
  /** The boundary's own. */
  readonly tokenFile: string
  readonly policy: Policy
}

/** New rights reach every API server of a cluster a little later. */
const GRANTED_WITHIN_MS = 5000
const ASK_EVERY_MS = 200

/** Acts once as an agent of the policy with the boundary's own account, as Envoy will: why that fails, null when it works. */
export async function tryBoundary(trial: Trial): Promise<string | null> {
  const [agent] = trial.policy.agents
  if (agent === undefined) return null
  const kubeconfig = await writeTrialKubeconfig(trial, agent.name)
  const deadline = Date.now() + GRANTED_WITHIN_MS
  for (;;) {
    const { code, stderr } = await run(trial.kubectl, ['--kubeconfig', kubeconfig, 'get', '--raw', '/version'])
    if (code === 0) return null
    if (Date.now() > deadline) return whyOf(stderr)
    await pause(ASK_EVERY_MS)
  }
}

async function writeTrialKubeconfig(
  { directory, apiServer, caFile, tokenFile, policy }: Trial,
  agent: string,
): Promise<string> {
  const { server, certificateName } = apiServer
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server, 'certificate-authority': caFile, 'tls-server-name': certificateName } }],
    users: [
      {
        name: 'boundary',
        user: {
          tokenFile,
          as: userOf(agent),
          'as-groups': groupsOf(policy.templates[0]?.name ?? '').filter(group => !group.endsWith(':')),
          'as-user-extra': { [EXTRA_KEYS.lease]: ['trial'] },
        },
      },
    ],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'boundary' } }],
    'current-context': 'c',
  }
  const file = join(directory, 'trial.kubeconfig')
  await writeFile(file, stringify(config), { mode: 0o600 })
  return file
}
