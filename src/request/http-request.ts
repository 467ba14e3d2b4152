/** What Envoy's route promised about a request; the authorizer refuses one that needs another. */
export const ROUTE_CLASSES = ['read', 'write', 'stream', 'upgrade', 'session'] as const
export type RouteClass = (typeof ROUTE_CLASSES)[number]

/** One header line as it came in: lower-case name, value byte for byte (latin-1). Repeated names stay separate lines. */
export type HeaderLine = readonly [name: string, value: string]

/** A request as the boundary received it; nothing in it is normalised. All of it but `route`, `id`, `source` and `certificate` is the client's. */
export interface HttpRequest {
  /** Envoy's own request id (a client-sent one is replaced); becomes the audit id. */
  readonly id: string
  readonly method: string
  /** Path and query exactly as on the wire. */
  readonly target: string
  /** Without pseudo headers. */
  readonly headers: readonly HeaderLine[]
  /** The whole body where the route buffers it, empty where there is none. */
  readonly body: Uint8Array
  /** How much of a body Envoy was made to wait for, at most, by the head; not there where it waits for none worth counting. */
  readonly announcedBytes?: number
  /** The class that the matched route names, or null when it named none (or nonsense): such a request is refused. */
  readonly route: RouteClass | null
  /** Address of the TCP peer, as text. */
  readonly source: string
  /** Of the client certificate of the connection, as `x5t#S256` has it (RFC 8705); not there where the client showed none. */
  readonly certificate?: string
}
