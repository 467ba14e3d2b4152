import { type Chapter, until } from '../stage.ts'
import { asksForLease, requestLease, stateOf, stream } from './access.ts'
import { cut } from './refusals.ts'

export const killSwitch: Chapter = {
  title: 'The switch: one command ends every lease, and none is given until another one says so',
  play: async stage => {
    const { app, inspect } = stage.names
    const pods = ['get', 'pods', '-n', app]
    const { id } = await asksForLease(stage, inspect, ['--ttl', '5m', '--reason', 'web answers slowly again'])
    const watch = stage.kubectlRunning([...pods, '-w'])
    await stream(stage, 'a watch is open', watch.saw(/Running/))

    const stopped = await stage.leasegate('admin', ['stop', '--all', '--reason', 'a drill'])
    stage.check('an admin stops them all', stopped.code === 0, stopped.stderr)
    const { ms } = await cut('watch', watch.ended(10_000))
    stage.check('the watch was cut within a second', ms <= 1000, `${ms} ms`)
    const next = await stage.kubectl(pods)
    stage.check('the next request is refused', next.code !== 0 && next.stdout === '', next.stdout)
    const { id: none, said } = await asksForLease(stage, inspect, ['--ttl', '5m', '--reason', 'once more'])
    stage.check('and so is the next lease', none === '' && said.includes('a drill'), said)

    const started = await stage.leasegate('admin', ['start', '--all', '--reason', 'the drill is over'])
    stage.check('until an admin starts them', started.code === 0, started.stderr)
    const again = ['--ttl', '2m', '--reason', 'after the drill']
    const after = await until(
      () => requestLease(stage, inspect, again),
      lease => lease !== '',
      20_000,
    )
    stage.check('a new lease is given', after !== '')
    stage.check('and the old one stays ended', (await stateOf(stage, id)) === 'revoked', id)
    await stage.leasegate('agent', ['lease', 'revoke', after, '--reason', 'done'])
  },
}
