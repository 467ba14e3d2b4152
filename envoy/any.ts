/** A google.protobuf.Any, as Envoy's JSON writes it. */
export function any(type: string, fields: object = {}): object {
  return { '@type': `type.googleapis.com/${type}`, ...fields }
}
