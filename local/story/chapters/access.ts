import { LOG_LINE } from '../../cluster/kwok-config.ts'
import { type Chapter, type Plot, type Stage, until } from '../stage.ts'

export const nothingRests: Chapter = {
  title: 'Nothing rests: with its own identity alone, the agent opens nothing',
  play: async (stage, plot) => {
    await identityOpensNothing(stage)
    plot.oldToken = ''
  },
}

/** Both ways in refuse the identity token, and the old lease token where there is one. */
export async function identityOpensNothing(stage: Stage, oldToken = ''): Promise<void> {
  const tokens: (readonly [what: string, token: string])[] = [['its identity token', await stage.identityToken()]]
  if (oldToken !== '') tokens.push(['the old lease token', oldToken])
  for (const [what, token] of tokens) {
    for (const to of ['api-server', 'boundary'] as const) {
      const tried = await stage.kubectlWith(token, to, ['get', 'pods', '-n', stage.names.app])
      stage.check(`${what} is refused by the ${to}`, tried.code !== 0 && refused(tried.stderr), tried.stderr)
    }
  }
}

function refused(stderr: string): boolean {
  return /Unauthorized|must be logged in|provide credentials|Forbidden/i.test(stderr)
}

export const lease: Chapter = {
  title: 'A lease for one task',
  play: async (stage, plot) => {
    plot.lease = await requestLease(stage, stage.names.inspect, ['--ttl', '10m', '--reason', 'web answers slowly'])
    stage.check('the broker issued a lease', plot.lease.startsWith('lse_'), plot.lease)
    const written = await stage.leasegate('agent', ['kubeconfig', '--lease', plot.lease, '--out', stage.kubeconfigFile])
    stage.check('a kubeconfig without any credential in it was written', written.code === 0, written.stderr)
  },
}

/** The same in words, for whoever reads along. */
export async function asksForLease(
  stage: Stage,
  template: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly id: string; readonly said: string }> {
  const asked = await stage.leasegate('agent', ['lease', 'request', '--template', template, ...args])
  const id = /^lse_\w+/.exec(asked.stdout)?.[0] ?? ''
  if (id !== '') await stage.leasegate('agent', ['kubeconfig', '--lease', id, '--out', stage.kubeconfigFile], env)
  return { id, said: `${asked.stdout}${asked.stderr}` }
}

/** What the exec plugin hands to kubectl. */
export async function leaseToken(
  stage: Stage,
  lease: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { stdout } = await stage.leasegate('agent', ['credential', '--lease', lease], env)
  const credential = JSON.parse(stdout || '{}') as { readonly status?: { readonly token?: string } }
  return credential.status?.token ?? ''
}

/** `active`, `revoked` and so on; '' where nobody says. */
export async function stateOf(stage: Stage, lease: string): Promise<string> {
  const { stdout } = await stage.leasegate('agent', ['lease', 'show', lease, '-o', 'json'])
  const shown = JSON.parse(stdout || '{}') as { readonly state?: { readonly kind?: string } }
  return shown.state?.kind ?? ''
}

/** Asks as the agent and takes the kubeconfig over to the new lease; the id, or '' when it was refused. */
export async function requestLease(stage: Stage, template: string, args: readonly string[]): Promise<string> {
  const asked = await stage.leasegate('agent', ['lease', 'request', '--template', template, ...args, '-o', 'json'])
  if (asked.code !== 0) return ''
  const { id } = JSON.parse(asked.stdout) as { readonly id?: string }
  return id ?? ''
}

export const allowed: Chapter = {
  title: 'Allowed: plain kubectl does the task',
  play: async (stage, plot) => {
    await reads(stage)
    await execs(stage)
    await showsIdentity(stage, plot)
    await restarts(stage, plot)
  },
}

async function reads(stage: Stage): Promise<void> {
  const { app, deployment } = stage.names
  const list = await stage.kubectl(['get', 'pods', '-n', app])
  stage.check('list', list.code === 0 && list.stdout.includes(deployment), list.stderr)
  const get = await stage.kubectl(['get', 'deployment', deployment, '-n', app])
  stage.check('get', get.code === 0 && get.stdout.includes(deployment), get.stderr)

  const watch = stage.kubectlRunning(['get', 'pods', '-n', app, '-w'])
  const logs = stage.kubectlRunning(['logs', '-f', `deployment/${deployment}`, '-n', app])
  await stream(stage, 'watch', watch.saw(/Running/))
  await stream(stage, 'logs -f', logs.saw(new RegExp(LOG_LINE)))
  await Promise.all([watch.stop(), logs.stop()])
}

export async function stream(stage: Stage, what: string, opened: Promise<void>): Promise<void> {
  const problem = await opened.then(
    () => '',
    (error: Error) => error.message,
  )
  stage.check(what, problem === '', problem)
}

/** A task of its own, with a lease of its own, which opens nothing but the restart. */
async function restarts(stage: Stage, plot: Plot): Promise<void> {
  const { app, deployment, restart: template } = stage.names
  const id = await requestLease(stage, template, ['--ttl', '5m', '--reason', 'web must start anew'])
  await stage.leasegate('agent', ['kubeconfig', '--lease', id, '--out', stage.kubeconfigFile])
  const before = await podNames(stage)
  const image = await stage.kubectl(['set', 'image', `deployment/${deployment}`, '*=other', '-n', app])
  const told = /changes of|patches of/.test(image.stderr) && image.stderr.includes('spec.template.spec')
  stage.check('a restart is all that its lease may change', image.code !== 0 && told, image.stderr)
  const restart = await stage.kubectl(['rollout', 'restart', `deployment/${deployment}`, '-n', app])
  stage.check('rollout restart', restart.code === 0, restart.stderr)
  const status = await stage.kubectl(['rollout', 'status', `deployment/${deployment}`, '-n', app, '--timeout=60s'])
  stage.check('rollout status', status.code === 0 && status.stdout.includes('successfully'), status.stderr)
  const gone = (names: readonly string[]) => names.length > 0 && names.every(name => !before.includes(name))
  const after = await until(() => podNames(stage), gone, 20_000)
  stage.check('the new pods came up in place of the old ones', gone(after), after.join(' '))
  await stage.leasegate('agent', ['lease', 'revoke', id, '--reason', 'done'])
  await stage.leasegate('agent', ['kubeconfig', '--lease', plot.lease, '--out', stage.kubeconfigFile])
}

async function podNames(stage: Stage): Promise<readonly string[]> {
  const listed = await stage.kubectl(['get', 'pods', '-n', stage.names.app, '-o', 'name'])
  return listed.stdout.split('\n').filter(name => name !== '')
}

async function execs(stage: Stage): Promise<void> {
  for (const [how, websockets] of [
    ['WebSocket', 'true'],
    ['SPDY', 'false'],
  ] as const) {
    const ran = await stage.kubectl(
      ['exec', `deployment/${stage.names.deployment}`, '-n', stage.names.app, '--', 'echo', `over ${how}`],
      { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: websockets },
    )
    stage.check(`exec over ${how}`, ran.code === 0 && ran.stdout.includes(`over ${how}`), ran.stderr)
  }
}

async function showsIdentity(stage: Stage, plot: Plot): Promise<void> {
  const { agent, inspect } = stage.names
  const ours = (await stage.audit()).filter(event => event.lease === plot.lease)
  const wrong = ours.filter(
    event =>
      event.impersonated !== `leasegate:${agent}` ||
      !event.groups.includes('leasegate:agents') ||
      !event.groups.includes(`leasegate:task:${inspect}`),
  )
  stage.check(
    `the API server's audit log shows the lease's identity in ${ours.length} requests`,
    ours.length > 0 && wrong.length === 0,
    JSON.stringify(wrong[0] ?? null),
  )
}
