import { McpServer } from '@modelcontextprotocol/server'
import type { BrokerClient } from '../broker/broker-client.ts'
import { addApprovalTools } from './approval-tools.ts'
import type { LeaseHolder } from './held-leases.ts'
import { addLeaseTools } from './lease-tools.ts'
import { addRecordTools } from './record-tools.ts'

export interface Serving {
  readonly version: string
  readonly broker: BrokerClient
  readonly held: LeaseHolder
  /** How a lease is used from where the model works: the second step of what it is told. */
  readonly use: string
}

/** One server for one client, whatever carries it. Who carries it tells those who subscribed that leases have come or gone. */
export function leasegateServer({ version, broker, held, use }: Serving): McpServer {
  const capabilities = { resources: { subscribe: true } }
  const server = new McpServer({ name: 'leasegate', version }, { instructions: instructions(use), capabilities })
  addLeaseTools(server, broker, held)
  addApprovalTools(server, broker)
  addRecordTools(server, broker)
  return server
}

function instructions(use: string): string {
  return `Access to a production Kubernetes cluster, for one task at a time.
1. whoami says which task templates you may use. 2. ${use}
3. A refusal says what is missing and what to do. Where it names an approval (apr_…), a person decides: wait_for_approval, then send the same request again.
4. give_back the lease when the task is done; all of them end with this server.
You cannot approve anything here, and should not look for another way to the cluster.`
}
