/** Annotations of a pod by which something else puts containers into it, or takes limits from it: to change one is to change code. */
export const STEERING = [
  'container.apparmor.security.beta.kubernetes.io/',
  'kubernetes.io/config.mirror',
  'sidecar.istio.io/',
  'inject.istio.io/',
  'proxy.istio.io/',
  'linkerd.io/',
  'config.linkerd.io/',
  'config.alpha.linkerd.io/',
  'vault.hashicorp.com/',
  'consul.hashicorp.com/',
  'dapr.io/',
  'instrumentation.opentelemetry.io/',
  'k8s.v1.cni.cncf.io/',
] as const
