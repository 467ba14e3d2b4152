import { count, flag, group, labels, maybeCount, object, objects, oneOf, text } from '../value.ts'

export const jobs = group('Jobs that prepare an install or upgrade: certificates, keys, the schema.', {
  hooks: flag(
    'Run them as hooks of Helm. Off: as plain Jobs, named by their content, for platforms that only render: they run again when it changes.',
    true,
  ),
  preflight: flag('Look at the stores before anything changes. Off where they come with the same release.', true),
  annotations: labels('Annotations of the jobs and of what they need, such as argocd.argoproj.io/hook: PreSync.'),
  activeDeadlineSeconds: maybeCount(
    'How long one may take. Null: 240 as a hook, within what Helm waits; else without an end.',
  ),
  resources: object('Requests and limits, of the containers that look at the policy before others start as well.', {
    requests: { cpu: '50m', memory: '128Mi' },
    limits: { memory: '512Mi' },
  }),
  ttlSecondsAfterFinished: count(
    'How long a finished hook stays. A plain Job stays: its absence would be a difference.',
    600,
  ),
  podAnnotations: labels('Annotations of their pods.'),
  nodeSelector: labels('Nodes that they may run on.'),
  tolerations: objects('Their tolerations.'),
  affinity: object('Their affinity.'),
  priorityClassName: text('Their PriorityClass.'),
})

export const tests = group(
  '`helm test`: `leasegate doctor` in a pod of its own. Resources and nodes are those of jobs.',
  {
    enabled: flag('Make it.', true),
    strict: flag('Warnings fail it as well.', false),
    cluster: oneOf(
      "Look at roles and bindings, and ask what the boundary's account may. auto: where apiServer.host is this cluster's own.",
      'auto',
      ['auto', 'always', 'never'],
    ),
    host: text(
      'Name by which it reaches Envoy, one of its certificate. Empty: the Service, or the first of tls.hosts where an issuer was asked for those alone.',
    ),
    publicCa: flag(
      'The certificate that agents see is from a CA that systems know: there is no ca.crt beside it.',
      false,
    ),
  },
)
