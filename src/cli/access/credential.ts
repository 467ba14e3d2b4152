import { Command } from 'commander'
import { z } from 'zod'
import { brokerClient } from '../broker-client.ts'
import type { Terminal } from '../terminal.ts'

/** client-go asks again only once the time has come; a little early, so that no request leaves with a token that ends on its way. */
const EARLY_MS = 5000

/** A lease token as the broker gives it out; `expiresAt` in epoch milliseconds. */
export const TOKEN = z.object({ token: z.string().min(1), expiresAt: z.int() })

export function credentialCommand(terminal: Terminal): Command {
  return new Command('credential')
    .description('exec plugin of kubectl and client-go: print a lease token (an ExecCredential); kept nowhere')
    .requiredOption('--lease <id>', 'the lease')
    .action(async ({ lease }: { readonly lease: string }) => {
      const path = `/v1/leases/${encodeURIComponent(lease)}/token`
      const { token, expiresAt } = await brokerClient(terminal)('POST', path, TOKEN)
      const expirationTimestamp = new Date(expiresAt - EARLY_MS).toISOString()
      const status = { token, expirationTimestamp }
      const apiVersion = 'client.authentication.k8s.io/v1'
      terminal.print(`${JSON.stringify({ apiVersion, kind: 'ExecCredential', status })}\n`)
    })
}
