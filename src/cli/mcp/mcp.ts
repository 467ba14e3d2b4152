import { once } from 'node:events'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { Command } from 'commander'
import { aborted } from '../../support/process/shutdown.ts'
import { KUBECONFIG_SETTINGS } from '../access/kubeconfig-for.ts'
import { brokerClient } from '../broker/broker-client.ts'
import { CliError } from '../command/cli-error.ts'
import { settings } from '../command/settings.ts'
import type { Terminal } from '../command/terminal.ts'
import { readVersion } from '../version.ts'
import { HeldLeases } from './held-leases.ts'
import { type HttpOptions, httpOptions, readHttpOptions } from './http/http-options.ts'
import { serveHttp } from './http/serve-http.ts'
import { LEASES_URI } from './lease-tools.ts'
import { leasegateServer } from './leasegate-server.ts'
import { subscriptions } from './subscriptions.ts'

const USE = 'request_lease gives a lease and a kubeconfig: set KUBECONFIG to it and use plain kubectl.'

export function mcpCommand(terminal: Terminal): Command {
  return httpOptions(new Command('mcp')).action(async (options: HttpOptions) => {
    if (options.http) return serveHttp(terminal, await readHttpOptions(options))
    if (Object.keys(options).some(name => name !== 'http' && options[name as keyof HttpOptions] !== undefined))
      throw new CliError('usage', 'the options of leasegate mcp go with --http')
    await serveHere(terminal)
  })
}

/** On standard input and output, for whoever started it. */
async function serveHere(terminal: Terminal): Promise<void> {
  const broker = brokerClient(terminal)
  const held = new HeldLeases(terminal, settings(terminal, KUBECONFIG_SETTINGS))
  const ended = Promise.race([once(process.stdin, 'end'), aborted(terminal.stopping())])
  const version = await readVersion()
  const served = serveStdio(({ era }) => {
    const mcp = leasegateServer({ version, broker, held, use: USE })
    const isWanted = era === 'legacy' ? subscriptions(mcp) : () => true
    held.onChange(() => {
      if (isWanted()) void mcp.server.sendResourceUpdated({ uri: LEASES_URI }).catch(() => undefined)
    })
    return mcp
  })
  await ended
  await served.close()
  await held.endAll('its MCP server ended')
}
