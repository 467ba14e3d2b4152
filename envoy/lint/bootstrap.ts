/** An Envoy bootstrap as far as the rules read it. Anything may be missing: that is what they look for. */
export interface Bootstrap {
  readonly node?: { readonly id?: string; readonly cluster?: string }
  readonly admin?: { readonly address?: Address }
  readonly layered_runtime?: {
    readonly layers?: readonly { readonly static_layer?: Readonly<Record<string, unknown>> }[]
  }
  readonly grpc_async_client_manager_config?: object
  readonly overload_manager?: {
    readonly resource_monitors?: readonly { readonly name?: string }[]
    readonly actions?: readonly OverloadAction[]
    readonly buffer_factory_config?: object
  }
  readonly static_resources?: { readonly listeners?: readonly Listener[]; readonly clusters?: readonly Cluster[] }
}

export interface OverloadAction {
  readonly name?: string
  readonly typed_config?: object
  readonly triggers?: readonly {
    readonly name?: string
    readonly threshold?: { readonly value?: number }
    readonly scaled?: { readonly saturation_threshold?: number }
  }[]
}

export interface Address {
  readonly envoy_internal_address?: { readonly server_listener_name?: string }
  readonly pipe?: { readonly path?: string; readonly mode?: number }
}

interface SocketOption {
  readonly level?: number | string
  readonly name?: number | string
  readonly int_value?: number | string
}

export interface Listener {
  readonly name?: string
  /** Reached from within this Envoy alone. */
  readonly internal_listener?: object
  readonly per_connection_buffer_limit_bytes?: number
  readonly listener_filters_timeout?: string
  readonly socket_options?: readonly SocketOption[]
  readonly filter_chains?: readonly {
    readonly transport_socket?: { readonly typed_config?: Tls }
    readonly transport_socket_connect_timeout?: string
    readonly filters?: readonly { readonly typed_config?: Manager }[]
  }[]
}

export interface Tls {
  readonly common_tls_context?: {
    readonly tls_params?: { readonly tls_minimum_protocol_version?: string }
    readonly tls_certificate_sds_secret_configs?: readonly object[]
    readonly validation_context?: {
      readonly trusted_ca?: object
      readonly match_typed_subject_alt_names?: readonly { readonly matcher?: { readonly exact?: string } }[]
    }
  }
}

/** An HTTP connection manager. */
export interface Manager {
  readonly http_filters?: readonly HttpFilter[]
  readonly access_log?: readonly { readonly filter?: object; readonly typed_config?: object }[]
  readonly upgrade_configs?: readonly { readonly upgrade_type?: string }[]
  readonly route_config?: { readonly typed_per_filter_config?: object; readonly virtual_hosts?: readonly VirtualHost[] }
  readonly [setting: string]: unknown
}

export interface HttpFilter {
  readonly name?: string
  readonly disabled?: boolean
  readonly typed_config?: Readonly<Record<string, unknown>>
}

export interface VirtualHost {
  readonly domains?: readonly string[]
  readonly typed_per_filter_config?: object
  readonly routes?: readonly Route[]
}

export interface Route {
  readonly match?: object
  readonly direct_response?: object
  readonly route?: {
    readonly cluster?: string
    readonly timeout?: string
    readonly idle_timeout?: string
    readonly flush_timeout?: string
    readonly retry_policy?: { readonly retry_on?: string }
    readonly max_stream_duration?: { readonly max_stream_duration?: string }
  }
  readonly typed_per_filter_config?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

export interface Cluster {
  readonly name?: string
  readonly connect_timeout?: string
  readonly circuit_breakers?: object
  readonly health_checks?: readonly object[]
  readonly common_lb_config?: { readonly healthy_panic_threshold?: { readonly value?: number } }
  readonly transport_socket?: { readonly typed_config?: Tls }
  readonly load_assignment?: {
    readonly endpoints?: readonly {
      readonly lb_endpoints?: readonly { readonly endpoint?: { readonly address?: Address } }[]
    }[]
  }
  readonly typed_extension_protocol_options?: Readonly<Record<string, object>>
}

export interface Entrance {
  readonly name: string
  readonly listener: Listener
  /** How long TLS may take to begin. */
  readonly handshake: string | undefined
  readonly tls: Tls | undefined
  readonly manager: Manager
}

/** Every way in: one for each filter chain of each listener. */
export function entrances({ static_resources }: Bootstrap): readonly Entrance[] {
  const fromOutside = (static_resources?.listeners ?? []).filter(each => each.internal_listener === undefined)
  return fromOutside.flatMap(listener =>
    (listener.filter_chains ?? []).flatMap(({ filters = [], transport_socket, transport_socket_connect_timeout }) =>
      filters.map(({ typed_config }) => ({
        name: listener.name ?? 'a listener without a name',
        listener,
        handshake: transport_socket_connect_timeout,
        tls: transport_socket?.typed_config,
        manager: typed_config ?? {},
      })),
    ),
  )
}

/** All that the layers of runtime say, by whole names, however deep they are written; the last one counts. */
export function runtimeOf({ layered_runtime }: Bootstrap): Readonly<Record<string, unknown>> {
  return Object.fromEntries((layered_runtime?.layers ?? []).flatMap(({ static_layer }) => flat('', static_layer ?? {})))
}

function flat(prefix: string, values: object): readonly (readonly [string, unknown])[] {
  return Object.entries(values).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null
      ? flat(`${prefix}${key}.`, value)
      : [[`${prefix}${key}`, value] as const],
  )
}

export function routesOf({ route_config }: Manager): readonly Route[] {
  return (route_config?.virtual_hosts ?? []).flatMap(({ routes = [] }) => routes)
}

export function clustersOf({ static_resources }: Bootstrap): readonly Cluster[] {
  return static_resources?.clusters ?? []
}

export function addressesOf({ load_assignment }: Cluster): readonly Address[] {
  return (load_assignment?.endpoints ?? []).flatMap(({ lb_endpoints = [] }) =>
    lb_endpoints.map(({ endpoint }) => endpoint?.address ?? {}),
  )
}

/** Whether nobody beyond this machine is reached. */
export function isLocal(cluster: Cluster): boolean {
  const addresses = addressesOf(cluster)
  return addresses.length > 0 && addresses.every(({ pipe }) => pipe !== undefined)
}

/** Whether it leads into a listener of this Envoy. */
export function isInternal(cluster: Cluster): boolean {
  const addresses = addressesOf(cluster)
  return addresses.length > 0 && addresses.every(each => each.envoy_internal_address !== undefined)
}

/** Whether sessions are recorded. */
export function isRecorded(bootstrap: Bootstrap): boolean {
  return clustersOf(bootstrap).some(({ name }) => name === 'recorder')
}

/** The names that the other side must have in its certificate. */
export function namesOf({ transport_socket }: Cluster): readonly string[] {
  const names = transport_socket?.typed_config?.common_tls_context?.validation_context?.match_typed_subject_alt_names
  return (names ?? []).map(({ matcher }) => matcher?.exact ?? '')
}

/** By these names our own processes are known beyond this machine. */
const OURS = /^[a-z]+\.leasegate\.internal$/

/** What is neither on a socket of this machine nor under a name of ours is the API server. */
export function isApiServer(cluster: Cluster): boolean {
  const names = namesOf(cluster)
  return !isLocal(cluster) && !isInternal(cluster) && !(names.length > 0 && names.every(name => OURS.test(name)))
}

/** The ways in that lead to the API server. */
export function boundaries(bootstrap: Bootstrap): readonly Entrance[] {
  const names = new Set(
    clustersOf(bootstrap)
      .filter(isApiServer)
      .map(({ name }) => name),
  )
  return entrances(bootstrap).filter(({ manager }) => routesOf(manager).some(({ route }) => names.has(route?.cluster)))
}
