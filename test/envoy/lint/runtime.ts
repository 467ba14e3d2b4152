import { runtimeOf, type Spoiling } from './spoilt.ts'

export const RUNTIME: readonly Spoiling[] = [
  {
    name: 'a fix that is taken back',
    spoil: c => (runtimeOf(c)['envoy.reloadable_features.http_pause_generic_upgrade_request_body'] = false),
    says: /http_pause_generic_upgrade_request_body must not be false/,
  },
  {
    name: 'a fix that is taken back in other words',
    spoil: c => (runtimeOf(c).envoy = { reloadable_features: { strip_path_parameters_per_segment: 'false' } }),
    says: /strip_path_parameters_per_segment must not be "false"/,
  },
  {
    name: 'something that is not ready yet',
    spoil: c => (runtimeOf(c)['envoy.restart_features.x'] = true),
    says: /envoy\.restart_features\.x must not be true/,
  },
  {
    name: 'runtime that somebody else writes',
    spoil: c => c.layered_runtime.layers.push({ name: 'admin', admin_layer: {} }),
    says: /static layers alone/,
  },
]
