import { type Chapter, type Plot, type Stage, until } from '../stage.ts'
import { asksForLease } from './access.ts'

export const narrower: Chapter = {
  title: 'Narrower: a part of the lease for a helper, a budget that runs out, and what would have been enough',
  play: async (stage, plot) => {
    await child(stage, plot)
    const lease = await budget(stage)
    await suggest(stage, lease)
    await stage.leasegate('agent', ['lease', 'revoke', lease, '--reason', 'done'])
    await stage.leasegate('agent', ['kubeconfig', '--lease', plot.lease, '--out', stage.kubeconfigFile])
  },
}

/** It stays until the lease above it ends. */
async function child(stage: Stage, plot: Plot): Promise<void> {
  const { app, production, deployment, inspect } = stage.names
  const pods = (namespace: string) => stage.kubectl(['get', 'pods', '-n', namespace])
  const above = await pods(production)
  stage.check('the lease reads in two namespaces', above.code === 0, above.stderr)
  const within = ['--parent', plot.lease, '--namespace', app, '--ttl', '5m', '--reason', 'a helper looks at one']
  const { id, said } = await asksForLease(stage, inspect, within)
  plot.child = id
  stage.check('a child of it is given for one', id !== '', said)
  const one = await pods(app)
  stage.check('which it reads', one.code === 0 && one.stdout.includes(deployment), one.stderr)
  const other = await pods(production)
  const isRefused = other.code !== 0 && other.stderr.includes('outside the scope of the lease')
  stage.check('and the other not', isRefused, other.stderr)
}

/** kubectl itself refuses a second restart within the same second. */
async function budget(stage: Stage): Promise<string> {
  const { app, deployment, once } = stage.names
  const { id } = await asksForLease(stage, once, ['--ttl', '5m', '--reason', 'web must start anew', '--namespace', app])
  const restart = () => stage.kubectl(['rollout', 'restart', `deployment/${deployment}`, '-n', app])
  const first = await until(restart, ({ code }) => code === 0, 20_000)
  stage.check('a lease with a budget of two changes restarts it', first.code === 0, first.stderr)
  const last = await until(restart, ({ stderr }) => stderr.includes('a budget of the lease is spent'), 20_000)
  const isSpent = last.code !== 0 && last.stderr.includes('a budget of the lease is spent: mutations')
  stage.check('until it is spent', isSpent, last.stderr)
  return id
}

interface Suggested {
  readonly namespaces: readonly string[]
  readonly rules: readonly {
    readonly verbs: readonly string[]
    readonly resources: readonly string[]
    readonly resourceNames: readonly string[]
  }[]
}

/** Of all that the template grants, a look at one deployment and the change of one field of it. */
async function suggest(stage: Stage, lease: string): Promise<void> {
  const { app, deployment } = stage.names
  const asked = ['lease', 'suggest', lease]
  const { stdout } = await until(
    () => stage.leasegate('admin', [...asked, '-o', 'json']),
    ran => ran.stdout.includes('patch'),
    20_000,
  )
  const { namespaces, rules } = JSON.parse(stdout || '{"namespaces":[],"rules":[]}') as Suggested
  await stage.leasegate('admin', asked)
  const isLeast =
    rules
      .flatMap(({ verbs }) => verbs)
      .toSorted()
      .join() === 'get,patch' &&
    rules.every(rule => rule.resources.join() === 'deployments' && rule.resourceNames.join() === deployment)
  stage.check('the smallest rules for it are made from the record', isLeast && namespaces.join() === app, stdout)
}
