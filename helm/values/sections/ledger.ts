import { existingSecret, flag, group, oneOf, text } from '../value.ts'

export const ledger = group('Each row entered and signed beside the record, in the taps; see docs/trust.md.', {
  enabled: flag('Keep ledgers. Each tap has a volume of its own for them, and is one of a StatefulSet then.', false),
  existingSecret: existingSecret('Secret with the key that signs them, as `leasegate keys ledger` makes it.', {
    key: 'ledger.key.pem',
  }),
  storage: text(
    'Size of each volume: 17 MB a day for one request a second. Kubernetes changes it of no StatefulSet that is there.',
    '10Gi',
    { pattern: '^[1-9][0-9]*(Mi|Gi|Ti|M|G|T)$' },
  ),
  storageClassName: text('Its StorageClass. Empty: the default one.'),
  s3: group('A bucket with object lock, which each signed checkpoint is put to.', {
    url: text('Its server. Empty: none.', '', { pattern: '^(https://[^@/?#]+/?)?$' }),
    bucket: text('Its name.'),
    prefix: text('Before each key: one for each installation that shares a bucket.', '', {
      pattern: '^([A-Za-z0-9_.-]+/)*$',
    }),
    region: text('Its region.', 'us-east-1'),
    existingSecret: existingSecret('Secret with a credentials file as AWS has it.', { key: 'credentials' }),
    ca: existingSecret('Secret with the CA of the server.', { key: 'ca.crt' }),
    lock: oneOf('compliance: nobody can take it away. governance: whoever has a right of its own.', 'compliance', [
      'compliance',
      'governance',
    ]),
    kept: text('How long each checkpoint is locked.', '400d', { pattern: '^[0-9]{1,4}d$' }),
  }),
  witnesses: group('Who cosigns checkpoints.', {
    existingConfigMap: group('ConfigMap with the policy of witnesses, as c2sp.org/tlog-policy has it.', {
      name: text('Its name. Empty: none.'),
      key: text('Key in it.', 'witnesses.policy'),
    }),
    ca: existingSecret('Secret with the CA of the witnesses.', { key: 'ca.crt' }),
  }),
})
