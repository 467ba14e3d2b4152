import type { Approval, ApprovalStore } from '../approval/approval.ts'
import type { BatchStore } from '../approval/batch/batch-store.ts'
import type { NotMade } from '../approval/plan/make-plan.ts'
import type { Sent } from '../approval/sent/sent.ts'
import type { Principal } from '../identity/caller.ts'
import type { CertificateIdentifier } from '../identity/certificate/certificate-identifier.ts'
import type { Identifier } from '../identity/identifier.ts'
import type { SignedAnswer } from '../identity/signed/answer.ts'
import type { SignedPlan } from '../identity/signed/plan.ts'
import type { SignedWatch } from '../identity/signed/watch-mark.ts'
import type { IssuedToken } from '../identity/token/lease-token.ts'
import type { HoldStore } from '../lease/hold/hold.ts'
import type { Lease } from '../lease/lease.ts'
import type { LeaseLedger, LeaseStore } from '../lease/lease-store.ts'
import type { StopStore } from '../lease/stop/stop.ts'
import type { StreamEnds } from '../lease/stream/stream-ends.ts'
import type { WatchStore } from '../lease/stream/watch-marks.ts'
import type { Policy } from '../policy/policy.ts'
import type { Logger } from '../support/logger.ts'
import type { Ahead, Clock } from '../support/time/clock.ts'
import type { ConsoleParts } from './console/console-parts.ts'
import type { ConsoleRecord } from './console/record/record.ts'
import type { Planner, Read } from './plan/planner.ts'

/** What the broker is made of. */
export interface BrokerParts {
  readonly identifier: Identifier
  /** Null: nobody between its clients and it says whose certificate a connection has. */
  readonly certificates: CertificateIdentifier | null
  readonly leases: LeaseStore
  readonly approvals: ApprovalStore
  readonly batches: BatchStore
  /** How long a question waits, and how long a yes can be used, milliseconds. */
  readonly approvalTimes: { readonly askMs: number; readonly useMs: number }
  /** Of a request that was just asked about with others, so that a plan can be made of it. */
  readonly keepSent: (approval: string, sent: Sent) => void
  /** What a question is about, as it was sent, if that is still known. */
  readonly readSent: (approval: Approval) => Promise<Read | NotMade>
  readonly holds: HoldStore
  readonly stops: StopStore
  readonly streams: StreamEnds
  readonly watches: WatchStore
  readonly planner: Planner
  /** Puts a refusal on record. */
  readonly refuse: LeaseLedger['refuse']
  readonly policy: () => Policy
  readonly signer: LeaseSigner
  /** What agents and people are told of it by the API; null: the broker was given no way to the record. */
  readonly record: ConsoleRecord | null
  /** For people with a browser; null: there is none. */
  readonly console: ConsoleParts | null
  readonly clock: Clock
  /** How far that clock is ahead of the store's; null where nobody looked. */
  readonly ahead: () => Ahead | null
  readonly log: Logger
  /** Partitions that root leases are spread over. */
  readonly partitions: number
  /** Null when requests can be served, else what is missing. */
  readonly unready: () => Promise<string | null>
}

/** Signs with the key of the moment, and reads what it or an earlier key signed. */
export interface LeaseSigner {
  seal(lease: Lease): Promise<string>
  open(contract: string): Promise<Lease | null>
  sealAnswer(answer: SignedAnswer): Promise<string>
  /** What it or an earlier key signed, else null. */
  openAnswer(text: string): Promise<SignedAnswer | null>
  /** That somebody watches; authorizers open it. */
  sealWatch(watch: SignedWatch): Promise<string>
  sealPlan(plan: SignedPlan): Promise<string>
  /** What it or an earlier key signed, else null. */
  openPlan(text: string): Promise<SignedPlan | null>
  /** A token for a lease that is live at `now`, bound to the certificate of this thumbprint, or to none. */
  issue(lease: Lease, now: number, certificate: string | null): Promise<IssuedToken>
}

/** What a request carries once it is known whose it is. */
export interface BrokerEnv {
  readonly Variables: { readonly principal: Principal }
}

export type Person = Extract<Principal, { readonly kind: 'person' }>
export type AgentPrincipal = Extract<Principal, { readonly kind: 'agent' }>
