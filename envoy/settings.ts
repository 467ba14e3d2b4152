/** Everything that differs between two installations. Paths are absolute. */
export interface EnvoySettings {
  readonly boundary: Listener
  readonly broker: Listener & { readonly socket: string }
  readonly apiServer: {
    readonly host: string
    readonly port: number
    /** Name or address in its certificate. */
    readonly certificateName: string
    readonly caFile: string
    /** How the boundary shows the API server who it is. */
    readonly credential: 'token' | 'certificate'
    /** What `renderBoundarySecret` or `renderBoundaryCertificate` wrote: where that credential is. */
    readonly secretFile: string
  }
  /** Sockets of the authorizers, one a process. */
  readonly authorizers: readonly string[]
  readonly tapSocket: string
  readonly adminSocket: string
}

export interface Listener {
  readonly address: string
  readonly port: number
  readonly certificateFile: string
  readonly keyFile: string
}
