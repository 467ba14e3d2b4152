import { type Bootstrap, runtimeOf } from './bootstrap.ts'
import { between, holds, type Pattern } from './pattern.ts'

/** Streams that are opened and reset at once would keep the authorizers busy with nobody's requests. */
const RESETS: Pattern = {
  'http.max_requests_per_io_cycle': 1,
  'overload.premature_reset_total_stream_count': between(1, 500),
}

/** Envoy's switches for what a release changed: a fix can be taken back by one, or what is not ready be turned on. */
const SWITCH = /^envoy\.(reloadable_features|restart_features|features|deprecated_features)\b/

/** As they are by themselves: Envoy 1.40 dies of this one when it ends, or when a stream ends that was open for a minute. */
const ALLOWED: Readonly<Record<string, unknown>> = { 'envoy.reloadable_features.ext_proc_graceful_grpc_close': false }

/** Runtime goes before everything else that a configuration says. */
export function runtime(bootstrap: Bootstrap): readonly string[] {
  const values = runtimeOf(bootstrap)
  const layers = bootstrap.layered_runtime?.layers ?? []
  return [
    ...holds('runtime', values, RESETS),
    ...Object.entries(values)
      .filter(([key, value]) => SWITCH.test(key) && !(Object.hasOwn(ALLOWED, key) && ALLOWED[key] === value))
      .map(([key, value]) => `runtime.${key} must not be ${JSON.stringify(value)}`),
    // The others are files and calls: whoever could write there would be the configuration.
    ...layers
      .filter(({ static_layer }) => static_layer === undefined)
      .map(() => 'runtime must have static layers alone'),
  ]
}
