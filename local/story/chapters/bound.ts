import { SETTINGS } from '../../../src/config/settings.ts'
import type { CertificateHere, Chapter, Plot, Stage } from '../stage.ts'
import { asksForLease, leaseToken } from './access.ts'

export const bound: Chapter = {
  title: "Bound: a lease for the agent's own certificate, whose tokens open nothing without its key",
  play: async (stage, plot) => {
    if (stage.certificate !== null) await boundTo(stage.certificate, stage, plot)
  },
}

async function boundTo({ certificateFile, keyFile }: CertificateHere, stage: Stage, plot: Plot): Promise<void> {
  const { app, deployment, inspect } = stage.names
  const pods = ['get', 'pods', '-n', app]
  const shows = { [SETTINGS.clientCertFile.env]: certificateFile, [SETTINGS.clientKeyFile.env]: keyFile }
  const args = ['--client-cert', certificateFile, '--client-key', keyFile, '--ttl', '2m', '--reason', 'over my own key']
  const { id, said } = await asksForLease(stage, inspect, args, shows)
  stage.check('the lease is bound to the certificate', said.includes('bound to this client certificate'), said)
  const own = await stage.kubectl(pods)
  stage.check('kubectl shows it, and is let through', own.code === 0 && own.stdout.includes(deployment), own.stderr)
  const stolen = await stage.kubectlWith(await leaseToken(stage, id, shows), 'boundary', pods)
  const isRefused = stolen.code !== 0 && stolen.stderr.includes('is for another client certificate')
  stage.check('its token alone, over another connection, opens nothing', isRefused, stolen.stderr)
  await stage.leasegate('agent', ['lease', 'revoke', id, '--reason', 'done'])
  await stage.leasegate('agent', ['kubeconfig', '--lease', plot.lease, '--out', stage.kubeconfigFile])
}
