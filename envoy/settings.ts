/** Everything that differs between two installations. Paths are absolute; each `…SecretFile` is what a function of `secrets.ts` wrote. */
export interface EnvoySettings {
  readonly boundary: Listener
  readonly broker: Listener
  /** What agents and people see, on both listeners. */
  readonly serverSecretFile: string
  /** Whether both listeners ask for a client certificate, which nobody has to have. Browsers ask their user for one then. */
  readonly clientCertificates?: boolean
  readonly apiServer: {
    readonly host: string
    readonly port: number
    /** Name or address in its certificate. */
    readonly certificateName: string
    readonly caFile: string
    /** How the boundary shows the API server who it is. */
    readonly credential: 'token' | 'certificate'
    /** Where that credential is. */
    readonly secretFile: string
  }
  /** One address a process, or one name for all of them. */
  readonly authorizers: readonly Part[]
  readonly tap: Part
  /** Keeps what goes through exec and attach; without one nothing of it is kept. */
  readonly recorder?: Part | null
  readonly brokerPart: Part
  readonly adminSocket: string
  readonly connections?: Partial<Connections>
  /** How long a client may take nothing of what waits for it. */
  readonly stalledSeconds?: number
  /** Of its memory; at this it has shed what it could. */
  readonly heapBytes?: number
}

/** A pager that somebody left open for a while is no stranger who holds a connection for ever. */
export const STALLED_SECONDS = 600

/** How many connections each listener takes at once. */
export interface Connections {
  readonly boundary: number
  readonly broker: number
}

/** Where agents come from behind one address or many makes no difference: Envoy counts no connections by source. */
export const CONNECTIONS: Connections = { boundary: 15_000, broker: 2000 }

export interface Listener {
  /** `::` is every address of both families. */
  readonly address: string
  readonly port: number
}

/** Where a process of ours listens. */
export type Part =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls: PartTls }

export interface PartTls {
  /** In the certificate that it shows; by these names the lint knows what is ours. */
  readonly certificateName: `${string}.leasegate.internal`
  readonly caFile: string
  /** What Envoy shows. */
  readonly clientSecretFile: string
}

export function socket(path: string): Part {
  return { kind: 'unix', path }
}
