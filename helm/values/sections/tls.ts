import { count, flag, group, object, oneOf, text, texts } from '../value.ts'

export const tls = group('Certificates: one that agents see, and those by which the parts know each other.', {
  mode: oneOf(
    'certManager; existingSecrets; or generate: a job with our own image makes what is missing, and makes anew what it made, in time and for other hosts; what it did not make it leaves.',
    'generate',
    ['certManager', 'existingSecrets', 'generate'],
  ),
  hosts: texts('More names and addresses under which agents reach Envoy; its Service names are always among them.'),
  generate: group('What the job makes.', {
    days: count(
      'How long certificates of processes live; with a third of it left they are made anew. The CA lives ten years.',
      42,
      4,
    ),
    schedule: text('When a CronJob looks whether it is time: several times in a third of those days.', '17 3 * * *'),
  }),
  certManager: group('Where the certificates come from.', {
    issuerRef: object(
      'Issuer of the certificate that agents see. Empty: a CA of our own. It is asked for tls.hosts alone.',
    ),
    serviceNames: flag(
      "Ask that issuer for the Service's names too: an internal one signs them, a public one refuses.",
      false,
    ),
    duration: text('Lifetime.', '2160h'),
    renewBefore: text('How long before its end a certificate is replaced.', '720h'),
  }),
  existingSecrets: group('Secrets of type kubernetes.io/tls, each with ca.crt beside.', {
    server: text('What agents see.'),
    envoy: text("Envoy's, as a client of the others; its SAN must be envoy.leasegate.internal."),
    authorizer: text("The authorizers'; SAN authorizer.leasegate.internal."),
    tap: text("The tap's; SAN tap.leasegate.internal."),
    broker: text("The broker's; SAN broker.leasegate.internal."),
  }),
})

export const clientCertificates = group('Certificates of agents, to which leases can be bound.', {
  enabled: flag(
    'Envoy asks whoever connects for a certificate, and none has to have one. Browsers that have one ask their user, the console among what they show.',
    false,
  ),
  existingConfigMap: group('Roots of those that are believed.', {
    name: text(
      'Its name. Each of its keys is a file in /etc/leasegate/client-ca, which certificateAuthorities of the policy name: file: /etc/leasegate/client-ca/bundle.crt. It may change at any time.',
    ),
  }),
})
