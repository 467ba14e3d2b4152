import { image } from '../image.ts'
import { count, flag, group, labels, object, objects, text } from '../value.ts'

export const embedded = group(
  'For evaluation: a Valkey of one replica, and ClickHouse as a library inside of the tap. Not for production.',
  {
    enabled: flag('Use it instead of redis.url and clickhouse.url.', false),
    replicas: count('Of Envoy, authorizer and broker, at most: to try it out, one will do.', 1, 1),
    cpu: text(
      'CPU that each container asks for, instead of what its resources say: all of it fits a node of two cores. Empty: as they say.',
      '50m',
    ),
    valkey: group('The Valkey.', {
      image: image('Its image.', 'valkey/valkey', '9.1-alpine'),
      resources: object('Requests and limits; of the memory, three fifths are for what it holds.', {
        requests: { cpu: '100m', memory: '256Mi' },
        limits: { memory: '1Gi' },
      }),
      storage: text('Size of its volume.', '4Gi'),
      nodeSelector: labels('Nodes that it may run on.'),
      tolerations: objects('Its tolerations.'),
      affinity: object('Its affinity.'),
      priorityClassName: text('Its PriorityClass.'),
    }),
    clickhouse: group('The engine in the tap.', { storage: text('Size of its volume.', '20Gi') }),
    storageClassName: text('StorageClass of both volumes. Empty: the default one.'),
  },
)
