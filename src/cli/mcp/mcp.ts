import { once } from 'node:events'
import { McpServer } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { Command } from 'commander'
import { aborted } from '../../support/shutdown.ts'
import { KUBECONFIG_SETTINGS } from '../access/kubeconfig-for.ts'
import { brokerClient } from '../broker-client.ts'
import { settings } from '../settings.ts'
import type { Terminal } from '../terminal.ts'
import { readVersion } from '../version.ts'
import { addApprovalTools } from './approval-tools.ts'
import { HeldLeases } from './held-leases.ts'
import { addLeaseTools } from './lease-tools.ts'

const INSTRUCTIONS = `Access to a production Kubernetes cluster, for one task at a time.
1. whoami says which task templates you may use. 2. request_lease gives a lease and a kubeconfig: set KUBECONFIG to it and use plain kubectl.
3. A refusal says what is missing and what to do. Where it names an approval (apr_…), a person decides: wait_for_approval, then send the same request again.
4. give_back the lease when the task is done; all of them end with this server.
You cannot approve anything here, and should not look for another way to the cluster.`

export function mcpCommand(terminal: Terminal): Command {
  return new Command('mcp').action(async () => {
    const config = settings(terminal, KUBECONFIG_SETTINGS)
    const broker = brokerClient(terminal)
    const held = new HeldLeases(terminal, config)
    const ended = Promise.race([once(process.stdin, 'end'), aborted(terminal.stopping())])
    const version = await readVersion()
    const served = serveStdio(() => {
      const server = new McpServer({ name: 'leasegate', version }, { instructions: INSTRUCTIONS })
      addLeaseTools(server, broker, held)
      addApprovalTools(server, broker)
      return server
    })
    await ended
    await served.close()
    await held.endAll('its MCP server ended')
  })
}
