import { any } from './any.ts'
import { clusters } from './clusters.ts'
import { boundaryListener, brokerListener } from './listeners.ts'
import type { EnvoySettings } from './settings.ts'

const MEBIBYTE = 1024 * 1024
const OWNER_ONLY = 0o600
/** A gRPC client that Envoy forgets after 50 quiet seconds, as it does by itself, would be gone under a watch that is older. */
const FOR_EVER = '31536000s'

/** Envoy's bootstrap configuration, JSON. */
export function renderEnvoy(settings: EnvoySettings): string {
  const bootstrap = {
    node: { id: 'leasegate', cluster: 'leasegate' },
    admin: { address: { pipe: { path: settings.adminSocket, mode: OWNER_ONLY } } },
    layered_runtime: { layers: [{ name: 'static', static_layer: RUNTIME }] },
    overload_manager: OVERLOAD,
    grpc_async_client_manager_config: { max_cached_entry_idle_duration: FOR_EVER },
    static_resources: {
      listeners: [boundaryListener(settings), brokerListener(settings)],
      clusters: clusters(settings),
    },
  }
  return `${JSON.stringify(bootstrap, null, 2)}\n`
}

/** Side streams are reset when they are over: Envoy's graceful close of them outlives what it stands on, and Envoy dies of it. */
const RUNTIME = {
  // Streams that are opened and reset in one breath are gone before anybody is asked about them.
  'http.max_requests_per_io_cycle': 1,
  // And who does it is cut off.
  'overload.premature_reset_total_stream_count': 100,
  'overload.premature_reset_min_stream_lifetime_seconds': 1,
}

const OVERLOAD = {
  resource_monitors: [
    monitor('fixed_heap', 'fixed_heap.v3.FixedHeapConfig', { max_heap_size_bytes: 1024 * MEBIBYTE }),
    monitor('global_downstream_max_connections', 'downstream_connections.v3.DownstreamConnectionsConfig', {
      max_active_downstream_connections: 10_000,
    }),
  ],
  actions: [
    action('envoy.overload_actions.shrink_heap', 0.9),
    action('envoy.overload_actions.stop_accepting_requests', 0.95),
  ],
}

function monitor(name: string, type: string, fields: object): object {
  return {
    name: `envoy.resource_monitors.${name}`,
    typed_config: any(`envoy.extensions.resource_monitors.${type}`, fields),
  }
}

function action(name: string, value: number): object {
  return { name, triggers: [{ name: 'envoy.resource_monitors.fixed_heap', threshold: { value } }] }
}
