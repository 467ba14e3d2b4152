import { count, existingSecret, flag, group, oneOf, text } from '../value.ts'

/** Whole numbers, as they are compared with the bound of the spool. */
const SIZE = { pattern: '^[1-9][0-9]*(Mi|Gi|Ti|M|G|T)$' }

export const sessions = group('Recording of exec and attach, in the taps; see docs/sessions.md.', {
  enabled: flag('Record them. While no tap is there, none begins, and those that run end.', false),
  inputs: oneOf(
    'What is kept of standard input: all of it, what the terminal showed, or how many bytes there were.',
    'masked',
    ['kept', 'masked', 'left-out'],
  ),
  existingSecret: existingSecret(
    'Secret with the keys that open sessions, as `leasegate keys sessions` makes them; without it the job makes it once, as NAME-session-keys. Keep a copy: what was recorded cannot be read without.',
    { key: 'session.keys.json' },
  ),
  keyCommand: text(
    "Program that wraps and opens the keys of sessions instead, by its path in the tap's container: of an image of yours, or of tap.extraVolumes.",
    '',
    { pattern: '^(/.+)?$' },
  ),
  spool: group(
    'Where each tap has what the record does not have yet; with embedded.enabled on the volume of the tap.',
    {
      mib: count('How many MiB it may hold while ClickHouse is away; past nine tenths no session begins.', 1024, 8),
      persistent: flag(
        'A volume of its own for each tap, which is a StatefulSet then; the volumes outlive the release. Off: the disk of the node. What ClickHouse did not have yet is lost with a pod that is evicted, drained or replaced while it cannot be reached.',
        true,
      ),
      storage: text(
        'Size of such a volume: more than mib. Kubernetes changes it of no StatefulSet that is there.',
        '2Gi',
        SIZE,
      ),
      storageClassName: text('Its StorageClass. Empty: the default one.'),
    },
  ),
})
