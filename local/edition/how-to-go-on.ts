import type { Edition } from './edition.ts'
import { writeEnvironment } from './write-environment.ts'

/** Writes a file to source for each role, and says what to type. */
export async function howToGoOn(edition: Edition): Promise<string> {
  const files = await Promise.all(
    Object.entries(edition.environments).map(
      async ([who, environment]) => [who, await writeEnvironment(edition.directory, who, environment)] as const,
    ),
  )
  const { agent = '', approver = '', admin = '' } = Object.fromEntries(files)
  const { restart, app, approver: alex, admin: robin } = edition.names
  const { url, password } = edition.console
  return `
It stays up until Ctrl-C.
  boundary     ${edition.boundaryUrl}   (CA ${edition.caFile})
  logs         ${edition.directory}/*.log
  console      ${url}/console   (as ${alex} or ${robin}, password ${password})
               its certificate is of this machine's own CA, so the browser asks whether to go on

In another terminal, in this folder:
  as the agent     . ${agent}
                   npx leasegate lease request --template ${restart} --namespace ${app} --reason 'try it' --ttl 10m
                   npx leasegate kubeconfig --lease ID --out $KUBECONFIG
                   kubectl get pods -n ${app}
  as an approver   . ${approver}
                   npx leasegate approvals
                   npx leasegate approve ID        # shows it and asks; in scripts: --digest DIGEST
                   unset LEASEGATE_IDENTITY_TOKEN_FILE && npx leasegate login    # the same by logging in, as on the console
  as an admin      . ${admin}
                   npx leasegate lease list
                   npx leasegate lease revoke ID
                   npx leasegate query --list
                   npx leasegate query lease-timeline --lease ID
                   npx leasegate sql 'SELECT agent, verb, resource, decision, status FROM requests ORDER BY decided_at DESC LIMIT 20'
`
}
