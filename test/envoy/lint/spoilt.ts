// biome-ignore lint/suspicious/noExplicitAny: a rendered configuration is spoilt wherever a rule looks.
export type Spoilt = any

export const clusterOf = (config: Spoilt, name: string) =>
  config.static_resources.clusters.find((each: Spoilt) => each.name === name)
export const tlsOf = (config: Spoilt, name: string) =>
  clusterOf(config, name).transport_socket.typed_config.common_tls_context
export const managerOf = (config: Spoilt, name = 'boundary') =>
  config.static_resources.listeners.find((each: Spoilt) => each.name === name).filter_chains[0].filters[0].typed_config
export const filterOf = (config: Spoilt, name: string) =>
  managerOf(config).http_filters.find((each: Spoilt) => each.name === name)
export const hostOf = (config: Spoilt) => managerOf(config).route_config.virtual_hosts[0]
export const checkOf = (route: Spoilt) => route.typed_per_filter_config['envoy.filters.http.ext_authz']
export const headOf = (route: Spoilt) => route.typed_per_filter_config.head
export const routeOf = (config: Spoilt, name: string) =>
  hostOf(config).routes.find((each: Spoilt) => each.name === name)
export const EXT_AUTHZ = 'envoy.filters.http.ext_authz'
export const HTTP_PROTOCOL = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions'

export interface Spoiling {
  readonly name: string
  readonly spoil: (config: Spoilt) => void
  readonly says: RegExp
}
export const runtimeOf = (config: Spoilt) => config.layered_runtime.layers[0].static_layer
export const actionOf = (config: Spoilt, name: string) =>
  config.overload_manager.actions.find((each: Spoilt) => each.name === `envoy.overload_actions.${name}`)
