import { protobufNamed } from './a-protobuf.ts'

export interface NamesRow {
  readonly method: string
  readonly path: string
  readonly contentType: string
  readonly body: string | Buffer
}

const CONFIG_MAPS = '/api/v1/namespaces/x/configmaps'
const JSON_TYPE = 'application/json'
const [MERGE, STEPS] = ['application/merge-patch+json', 'application/json-patch+json']
const STRATEGIC = 'application/strategic-merge-patch+json'
const APPLY = 'application/apply-patch+yaml'
const PROTOBUF = 'application/vnd.kubernetes.protobuf'

const configMap = (metadata: object) => JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata })
const steps = (path: string, value: unknown) => JSON.stringify([{ op: 'replace', path, value }])
const row = (method: string, path: string, contentType: string, body: string | Buffer): NamesRow => ({
  method,
  path,
  contentType,
  body,
})

/** Writes of the ConfigMap `a`, the ServiceAccount `default` and the namespace `x` whose bodies name another object than the path. */
export const OTHERS: readonly NamesRow[] = [
  row('POST', CONFIG_MAPS, JSON_TYPE, configMap({ name: 'new', namespace: 'y' })),
  row('POST', CONFIG_MAPS, PROTOBUF, protobufNamed({ name: 'new', namespace: 'y' })),
  row('PUT', `${CONFIG_MAPS}/a`, JSON_TYPE, configMap({ name: 'b' })),
  row('PUT', `${CONFIG_MAPS}/a`, JSON_TYPE, configMap({ name: 'a', namespace: 'y' })),
  row('PUT', `${CONFIG_MAPS}/a`, PROTOBUF, protobufNamed({ name: 'b' })),
  row('PUT', '/api/v1/namespaces/x', JSON_TYPE, '{"metadata":{"name":"y"}}'),
  row('PUT', '/api/v1/namespaces/x/finalize', JSON_TYPE, '{"metadata":{"name":"y"}}'),
  ...[MERGE, STRATEGIC].flatMap(type => [
    row('PATCH', `${CONFIG_MAPS}/a`, type, '{"metadata":{"name":"b"}}'),
    row('PATCH', `${CONFIG_MAPS}/a`, type, '{"metadata":{"namespace":"y"}}'),
  ]),
  row('PATCH', `${CONFIG_MAPS}/a`, STEPS, steps('/metadata/name', 'b')),
  row('PATCH', `${CONFIG_MAPS}/a`, STEPS, steps('x/metadata/name', 'b')),
  row('PATCH', `${CONFIG_MAPS}/a`, STEPS, steps('/metadata', { name: 'b' })),
  row('PATCH', `${CONFIG_MAPS}/a`, STEPS, steps('/metadata/namespace', 'y')),
  row('PATCH', `${CONFIG_MAPS}/a`, APPLY, configMap({ name: 'b' })),
  row('PATCH', `${CONFIG_MAPS}/a`, APPLY, configMap({ name: 'a', namespace: 'y' })),
  row('POST', '/api/v1/namespaces/x/serviceaccounts/default/token', JSON_TYPE, '{"metadata":{"name":"b"},"spec":{}}'),
  row('POST', '/api/v1/namespaces/x/pods/p/eviction', JSON_TYPE, '{"metadata":{"name":"q"}}'),
  row('POST', '/api/v1/namespaces/x/pods/p/binding', JSON_TYPE, '{"metadata":{"name":"q"},"target":{"name":"node-0"}}'),
]

/** The same without any disagreement. */
export const SAME: readonly NamesRow[] = [
  row('POST', CONFIG_MAPS, JSON_TYPE, configMap({ name: 'new', namespace: 'x' })),
  row('POST', CONFIG_MAPS, JSON_TYPE, configMap({ generateName: 'new-' })),
  row('POST', CONFIG_MAPS, PROTOBUF, protobufNamed({ name: 'new' })),
  row('POST', '/api/v1/namespaces', JSON_TYPE, '{"metadata":{"name":"new","namespace":"y"}}'),
  row('PUT', `${CONFIG_MAPS}/a`, JSON_TYPE, configMap({ name: 'a' })),
  row('PUT', '/api/v1/namespaces/x', JSON_TYPE, '{"metadata":{"name":"x","namespace":"y"}}'),
  row('PATCH', `${CONFIG_MAPS}/a`, MERGE, '{"metadata":{"namespace":""}}'),
  row('PATCH', `${CONFIG_MAPS}/a`, STRATEGIC, '{"metadata":{"name":"a"}}'),
  row('PATCH', `${CONFIG_MAPS}/a`, STEPS, steps('/metadata/name', 'a')),
  row('PATCH', `${CONFIG_MAPS}/a`, APPLY, configMap({})),
  row('POST', '/api/v1/namespaces/x/serviceaccounts/default/token', JSON_TYPE, '{"metadata":{},"spec":{}}'),
]
