/** Who is told of questions, and where they are. It decides about nothing: who may answer is for `people` to say. */
export interface Notify {
  readonly receivers: readonly Receiver[]
  /** Told at once: names of receivers, of people whom one reaches, or `on-call`. */
  readonly tell: readonly string[]
  /** Told as well of what nobody answered in time. */
  readonly escalate: readonly Escalation[]
  /** Null: there are none. */
  readonly quietHours: QuietHours | null
  readonly onCall: OnCallSource | null
}

/** Stands for whoever the source says is on call. */
export const ON_CALL = 'on-call'

/** One place where people look. */
export interface Receiver {
  readonly name: string
  /** Of the policy's people, whom it reaches; empty for a place of many, such as a channel. */
  readonly people: readonly string[]
  readonly way: Way
}

export type Way = WebhookWay | SlackWay | EmailWay

export interface WebhookWay {
  readonly kind: 'webhook'
  readonly url: string
  readonly secretFile: string
  readonly caFile: string | null
}

export interface SlackWay {
  readonly kind: 'slack'
  /** Of the Web API, with a last slash. */
  readonly url: string
  /** Id of a channel, or of a person. */
  readonly channel: string
  readonly tokenFile: string
  readonly caFile: string | null
}

export interface EmailWay {
  readonly kind: 'email'
  readonly host: string
  readonly port: number
  /** `none` for loopback alone. */
  readonly tls: 'starttls' | 'implicit' | 'none'
  readonly from: string
  readonly to: readonly string[]
  readonly login: { readonly user: string; readonly passwordFile: string } | null
  readonly caFile: string | null
}

export interface Escalation {
  readonly afterMs: number
  readonly tell: readonly string[]
}

/** Minutes of the day there; past midnight where `from` is the later one. */
export interface QuietHours {
  readonly from: number
  readonly to: number
  readonly timeZone: string
  /** Who is told of what is asked then; the others are told at the end, if it is still open. */
  readonly tell: 'on-call' | 'nobody'
}

/** Asked by a signed webhook; what it answers names receivers, and people whom one reaches. */
export interface OnCallSource {
  readonly url: string
  readonly secretFile: string
  readonly caFile: string | null
}
