import { LOG_LINE } from '../../cluster/kwok-config.ts'
import type { Ran } from '../../process/run.ts'
import { answer } from '../answer.ts'
import { type Chapter, type Stage, until } from '../stage.ts'
import { identityOpensNothing, leaseToken, requestLease, stateOf, stream } from './access.ts'

export const denied: Chapter = {
  title: 'Denied: everything outside the task',
  play: async (stage, plot) => {
    const { app, foreign, deployment, own } = stage.names
    denies(
      stage,
      'delete in a namespace that was not granted',
      await stage.kubectl(['delete', 'deployment', deployment, '-n', foreign]),
    )
    denies(stage, 'a resource out of scope', await stage.kubectl(['get', 'configmaps', '-n', app]))
    denies(
      stage,
      'a subresource out of scope',
      await stage.kubectl(['scale', 'deployment', deployment, '-n', app, '--replicas=0']),
    )

    const star = await requestLease(stage, own, ['--reason', 'tidy up', '--ttl', '2m'])
    await stage.leasegate('agent', ['kubeconfig', '--lease', star, '--out', stage.kubeconfigFile])
    const all = await stage.kubectl(['get', 'configmaps', '-n', app])
    stage.check('a lease with * in the namespace reads there', all.code === 0, all.stderr)
    denies(
      stage,
      'deletion of the namespace itself under that lease',
      await stage.kubectl(['delete', 'namespace', app]),
    )
    await stage.leasegate('agent', ['lease', 'revoke', star, '--reason', 'done'])
    await stage.leasegate('agent', ['kubeconfig', '--lease', plot.lease, '--out', stage.kubeconfigFile])
  },
}

/** One sentence, and the command that would mend it. */
function denies(stage: Stage, what: string, ran: Ran): void {
  const sentence = ran.stderr.trim()
  const clear = /Forbidden\).*leasegate: .*(leasegate lease request --template|ask the platform team)/.test(sentence)
  stage.check(what, ran.code !== 0 && clear && !sentence.includes('\n'), sentence)
}

export const approval: Chapter = {
  title: 'Risky: a human says yes to exactly one request',
  play: async (stage, plot) => {
    const { production, deployment, retire } = stage.names
    const exec = ['exec', `deployment/${deployment}`, '-n', production, '--', 'echo', 'in production']
    const held = await stage.kubectl(exec)
    const waiting = approvalIn(held.stderr)
    stage.check('exec in production waits for approval', held.code !== 0 && waiting !== '', held.stderr)
    const own = await answer(stage, 'agent', 'approve', waiting)
    stage.check('the agent cannot approve it', own.stderr.includes('agents do not answer approvals'), own.stderr)
    const yes = await answer(stage, 'approver', 'approve', waiting)
    stage.check('an approver says yes', yes.code === 0, yes.stderr)
    const once = await stage.kubectl(exec)
    stage.check('the same command passes', once.code === 0 && once.stdout.includes('in production'), once.stderr)
    const twice = await stage.kubectl(exec)
    stage.check('and only once', twice.code !== 0 && approvalIn(twice.stderr) !== waiting, twice.stderr)

    const cleaner = await requestLease(stage, retire, ['--reason', 'shop is being retired', '--ttl', '2m'])
    await stage.leasegate('agent', ['kubeconfig', '--lease', cleaner, '--out', stage.kubeconfigFile])
    await secretWaits(stage)
    await stage.leasegate('agent', ['lease', 'revoke', cleaner, '--reason', 'done'])
    await stage.leasegate('agent', ['kubeconfig', '--lease', plot.lease, '--out', stage.kubeconfigFile])
  },
}

/** kubectl obeys Retry-After: the command that was started before the yes ends well by itself. */
async function secretWaits(stage: Stage): Promise<void> {
  const reading = stage.kubectl(['get', 'secret', 'db', '-n', stage.names.app, '-o', 'name'])
  const open = await until(
    () => openApprovals(stage),
    ids => ids.length > 0,
    15_000,
  )
  const [id = ''] = open
  stage.check('reading a Secret waits for approval', id !== '', open.join(' '))
  await answer(stage, 'approver', 'approve', id)
  const read = await reading
  stage.check(
    'plain kubectl waits by itself and gets it',
    read.code === 0 && read.stdout.includes('secret/db'),
    read.stderr,
  )
  const held = await stage.kubectl(['delete', 'namespace', stage.names.foreign, '--request-timeout=2s'])
  stage.check('deleting a namespace waits for approval', held.code !== 0, held.stderr)
}

async function openApprovals(stage: Stage): Promise<readonly string[]> {
  const listed = await stage.leasegate('approver', ['approvals', '-o', 'json'])
  const approvals = JSON.parse(listed.stdout || '[]') as readonly { id: string; question: { summary: string } }[]
  return approvals.filter(each => each.question.summary.includes('secrets')).map(each => each.id)
}

function approvalIn(text: string): string {
  return /apr_[0-9a-z]+/i.exec(text)?.[0] ?? ''
}

export const ended: Chapter = {
  title: 'Ended: revocation stops requests at once and cuts what is open',
  play: async (stage, plot) => {
    const { app, deployment } = stage.names
    const open = [
      ['watch', stage.kubectlRunning(['get', 'pods', '-n', app, '-w']), /Running/],
      ['logs -f', stage.kubectlRunning(['logs', '-f', `deployment/${deployment}`, '-n', app]), new RegExp(LOG_LINE)],
      [
        'exec',
        stage.kubectlRunning(['exec', `deployment/${deployment}`, '-n', app, '--', 'sh', '-c', 'echo open; sleep 120']),
        /open/,
      ],
    ] as const
    for (const [what, running, pattern] of open) await stream(stage, `${what} is open`, running.saw(pattern))
    plot.oldToken = await leaseToken(stage, plot.lease)

    const revoked = await stage.leasegate('admin', ['lease', 'revoke', plot.lease, '--reason', 'story over'])
    stage.check('an admin revokes the lease', revoked.code === 0, revoked.stderr)
    const cuts = await Promise.all(open.map(([what, running]) => cut(what, running.ended(10_000))))
    for (const { what, ms } of cuts) stage.check(`${what} was cut within a second`, ms <= 1000, `${ms} ms`)
    stage.check('its child ended with it', (await stateOf(stage, plot.child)) === 'revoked', plot.child)
    const next = await stage.kubectlWith(plot.oldToken, 'boundary', ['get', 'pods', '-n', app])
    stage.check('the next request is refused', next.code !== 0, next.stderr)
    await identityOpensNothing(stage, plot.oldToken)
  },
}

export async function cut(what: string, ended: Promise<number>) {
  return { what, ms: Math.round(await ended.catch(() => Number.POSITIVE_INFINITY)) }
}
