import { type Bootstrap, entrances, type OverloadAction, runtimeOf } from './bootstrap.ts'
import { between, holds, type Pattern, seconds } from './pattern.ts'

const MONITORS = ['envoy.resource_monitors.fixed_heap', 'envoy.resource_monitors.global_downstream_max_connections']

/** Shorter than an attacker needs to open as many connections as there may be. */
const SHORTER: Pattern = {
  timer_scale_factors: [
    { timer: 'HTTP_DOWNSTREAM_CONNECTION_IDLE', min_timeout: seconds(0.1, 10) },
    { timer: 'TRANSPORT_SOCKET_CONNECT', min_timeout: seconds(0.1, 10) },
    { timer: 'HTTP_DOWNSTREAM_STREAM_FLUSH', min_timeout: seconds(0.1, 10) },
  ],
}

/** Each action, and the share of the heap at which it is at its full strength at the latest. */
const ACTIONS: Readonly<Record<string, number>> = {
  reduce_timeouts: 0.5,
  reset_high_memory_stream: 0.94,
  shrink_heap: 0.95,
  stop_accepting_requests: 0.98,
}

/** What Envoy gives up first when it runs out of memory or connections. */
export function overload(bootstrap: Bootstrap): readonly string[] {
  const { resource_monitors = [], actions = [], buffer_factory_config } = bootstrap.overload_manager ?? {}
  const known = new Set(resource_monitors.map(({ name }) => name))
  const of = (name: string) => actions.find(action => action.name === `envoy.overload_actions.${name}`)
  return [
    ...MONITORS.filter(name => !known.has(name)).map(name => `there is no ${name}`),
    ...Object.entries(ACTIONS)
      .filter(([name, latest]) => !comesInTime(of(name), latest))
      .map(([name]) => `envoy.overload_actions.${name} must come in time`),
    ...holds('reduce_timeouts', of('reduce_timeouts')?.typed_config, SHORTER),
    // Without it no stream is ever found to be a large one.
    ...holds('overload_manager.buffer_factory_config', buffer_factory_config, {
      minimum_account_to_track_power_of_two: between(10, 21),
    }),
    ...ownLimits(bootstrap),
  ]
}

function comesInTime(action: OverloadAction | undefined, latest: number): boolean {
  const [trigger] = action?.triggers ?? []
  const full = trigger?.threshold?.value ?? trigger?.scaled?.saturation_threshold
  return trigger?.name === MONITORS[0] && full !== undefined && full <= latest
}

/** Each listener has a limit of its own, and none may take the whole: agents must not shut out approvers. */
function ownLimits(bootstrap: Bootstrap): readonly string[] {
  const runtime = runtimeOf(bootstrap)
  const names = new Set(entrances(bootstrap).map(({ name }) => name))
  return [...names].flatMap(name => {
    const key = `envoy.resource_limits.listener.${name}.connection_limit`
    return holds(`runtime.${key}`, runtime[key], between(1, 100_000))
  })
}
