import type { Chapter } from '../stage.ts'

export const proof: Chapter = {
  title: 'The proof: one command tries all of it again, and looks for whatever else opens the cluster',
  play: async stage => {
    const { names, platform } = stage
    const { code, stdout } = await stage.leasegate('agent', [
      ...['verify', '--template', names.inspect, '--namespace', names.app],
      ...['--kubeconfig', platform.kubeconfigFile, '--policy', platform.policyFile],
    ])
    stage.check('leasegate verify has no finding', code === 0, stdout.slice(-300))
  },
}
