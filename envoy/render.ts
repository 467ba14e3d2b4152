import { clusters } from './parts/clusters.ts'
import { boundaryListener, brokerListener } from './parts/listeners.ts'
import { connectionLimits, overload } from './parts/overload.ts'
import { INTERNAL_LISTENERS, recordingClusters, recordingListeners } from './parts/recording.ts'
import { CONNECTIONS, type EnvoySettings, STALLED_SECONDS } from './settings.ts'
import { clientSockets } from './sockets.ts'

const OWNER_ONLY = 0o600
/** A gRPC client that Envoy forgets after 50 quiet seconds, as it does by itself, would be gone under a watch that is older. */
const FOR_EVER = '31536000s'

/** Envoy's bootstrap configuration, JSON. */
export function renderEnvoy(settings: EnvoySettings): string {
  const connections = { ...CONNECTIONS, ...settings.connections }
  const socket_options = clientSockets(settings.stalledSeconds ?? STALLED_SECONDS)
  const isRecorded = settings.recorder != null
  const bootstrap = {
    node: { id: 'leasegate', cluster: 'leasegate' },
    admin: { address: { pipe: { path: settings.adminSocket, mode: OWNER_ONLY } } },
    layered_runtime: { layers: [{ name: 'static', static_layer: { ...RUNTIME, ...connectionLimits(connections) } }] },
    ...(isRecorded ? { bootstrap_extensions: [INTERNAL_LISTENERS] } : {}),
    overload_manager: overload(connections, settings.heapBytes),
    grpc_async_client_manager_config: { max_cached_entry_idle_duration: FOR_EVER },
    static_resources: {
      listeners: [
        ...[boundaryListener(settings), brokerListener(settings)].map(each => ({ ...each, socket_options })),
        ...(isRecorded ? recordingListeners() : []),
      ],
      clusters: [...clusters(settings), ...(isRecorded ? recordingClusters() : [])],
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
