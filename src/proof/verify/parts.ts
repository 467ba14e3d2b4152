import type { Cluster } from '../../kubernetes/cluster.ts'
import type { Lease } from '../../lease/lease.ts'
import type { Policy } from '../../policy/policy.ts'

/** What the agent can do, with nothing but its identity. */
export interface AgentSide {
  readonly name: string
  readonly sponsor: string
  readonly identityToken: () => Promise<string>
  readonly requestLease: (wish: LeaseWish) => Promise<Lease>
  /** Rejects when the broker gives none. */
  readonly token: (lease: string) => Promise<string>
  readonly endLease: (lease: string) => Promise<void>
}

export interface LeaseWish {
  readonly template: string
  readonly namespace: string
}

/** An API server, or what stands in front of one. */
export interface Endpoint {
  /** `https://host:port`. */
  readonly server: string
  /** PEM, null: the system's CAs. */
  readonly ca: string | null
}

export interface RecordSide {
  /** Rows of the view `requests` under one lease, in the order of the decisions. */
  readonly ofLease: (lease: string) => Promise<readonly RecordedRequest[]>
}

/** A row of the view `requests`, as far as the proof looks at it. */
export interface RecordedRequest {
  readonly audit_id: string
  readonly agent: string
  readonly sponsor: string
  readonly task: string
  readonly lease: string
  readonly decision: string
  readonly reason: string
  readonly state: string
  readonly what: string
  readonly method: string
  readonly path: string
  readonly command: readonly string[]
  readonly status: number
}

/** What the platform team knows, and an agent must not be able to see. */
export interface ClusterSide {
  readonly cluster: Cluster
  readonly policy: Policy
  /** Namespaces that rights are tried in, beside all at once. */
  readonly namespaces: readonly string[]
}

export interface VerifyParts {
  readonly agent: AgentSide
  readonly boundary: Endpoint
  readonly record: RecordSide
  readonly wish: LeaseWish
  /** What exec runs; null: found in the lease's scope. */
  readonly command: readonly string[] | null
  /** Null: cannot be looked at from here. */
  readonly platform: ClusterSide | null
  /** How long rows may take to come in, milliseconds. */
  readonly recordWithinMs: number
  readonly env: Readonly<Record<string, string | undefined>>
}
