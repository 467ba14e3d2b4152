import { any } from '../any.ts'
import type { Connections } from '../settings.ts'

const MEBIBYTE = 1024 * 1024
const HEAP = 'envoy.resource_monitors.fixed_heap'

/** What Envoy gives up, and in which order, before it has no memory or no connection left for those who keep to the rules. */
export function overload({ boundary, broker }: Connections, heapBytes = 1024 * MEBIBYTE): object {
  return {
    refresh_interval: '0.25s',
    // Streams that make Envoy keep less than this are never the ones that are reset.
    buffer_factory_config: { minimum_account_to_track_power_of_two: 17 },
    resource_monitors: [
      monitor('fixed_heap', 'fixed_heap.v3.FixedHeapConfig', { max_heap_size_bytes: heapBytes }),
      monitor('global_downstream_max_connections', 'downstream_connections.v3.DownstreamConnectionsConfig', {
        max_active_downstream_connections: boundary + broker,
      }),
    ],
    actions: [
      // Connections that only rest go first: they are all that a stranger can make Envoy keep, 15 KiB each.
      { ...action('reduce_timeouts', scaled(0.05, 0.2)), typed_config: SHORTER },
      action('reset_high_memory_stream', scaled(0.75, 0.9)),
      action('shrink_heap', { threshold: { value: 0.9 } }),
      action('stop_accepting_requests', { threshold: { value: 0.95 } }),
    ],
  }
}

const SHORTER = any('envoy.config.overload.v3.ScaleTimersOverloadActionConfig', {
  timer_scale_factors: [
    { timer: 'HTTP_DOWNSTREAM_CONNECTION_IDLE', min_timeout: '5s' },
    { timer: 'TRANSPORT_SOCKET_CONNECT', min_timeout: '1s' },
    // Whoever opens no window for an answer keeps its request here: a stranger can do that a hundred times with each connection.
    { timer: 'HTTP_DOWNSTREAM_STREAM_FLUSH', min_timeout: '2s' },
  ],
})

/**
 * A listener of its own share each: who fills the one leaves the other alone. Runtime is where Envoy reads it from.
 */
export function connectionLimits(connections: Connections): object {
  return Object.fromEntries(
    Object.entries(connections).map(([listener, most]) => [
      `envoy.resource_limits.listener.${listener}.connection_limit`,
      most,
    ]),
  )
}

function monitor(name: string, type: string, fields: object): object {
  return {
    name: `envoy.resource_monitors.${name}`,
    typed_config: any(`envoy.extensions.resource_monitors.${type}`, fields),
  }
}

function action(name: string, trigger: object): object {
  return { name: `envoy.overload_actions.${name}`, triggers: [{ name: HEAP, ...trigger }] }
}

/** Begins at one share of the heap and is at its full strength at the other. */
function scaled(scaling_threshold: number, saturation_threshold: number): object {
  return { scaled: { scaling_threshold, saturation_threshold } }
}
