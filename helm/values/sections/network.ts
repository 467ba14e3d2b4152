import { flag, group, type Json, object, objects, ports, texts } from '../value.ts'

export const networkPolicy = group(
  'NetworkPolicies: each part reaches what it needs, and is reached by whom it serves.',
  {
    enabled: flag('Make them.', true),
    agentNamespaces: texts('Namespaces of agents: they reach Envoy and DNS, and nothing else.'),
    clientNamespaceSelector: object('Namespaces that may reach Envoy beside those. Empty: all.'),
    clientNetworks: texts(
      "Networks (CIDR) outside of the cluster that may reach Envoy. Of a LoadBalancer: with externalTrafficPolicy Cluster the nodes', with Local the clients', with targets by address the load balancer's own.",
    ),
    agentEgress: group(
      'What agents reach beside Envoy and DNS, such as APIs of models and Git. The API server is never among it.',
      {
        networks: texts('Networks (CIDR), such as 0.0.0.0/0; they want apiServer.networks, which are taken out.'),
        except: texts(
          'Networks within those that are taken out as well. By default addresses of the link: metadata of clouds.',
          ['169.254.0.0/16'],
        ),
        pods: objects(
          'Pods of the cluster, as peers of a NetworkPolicy with labels. Where an API server is a pod, it must not be among them.',
        ),
        ports: ports('Ports of all of them.', [443]),
      },
    ),
    redisPorts: ports('Ports of Redis, beside that of redis.url.', [6379]),
    redisNetworks: texts('Networks (CIDR) that it is in. Empty: every address, on those ports.'),
    clickhousePorts: ports('Ports of ClickHouse, beside that of clickhouse.url.', [8123, 8443]),
    clickhouseNetworks: texts('Networks (CIDR) that it is in. Empty: every address, on those ports.'),
    ledgerPorts: ports('Ports of the S3 server and of witnesses, where ledgers have them.', [443]),
    ledgerNetworks: texts('Networks (CIDR) that they are in. Empty: every address, on those ports.'),
    issuerPorts: ports(
      "Ports on which issuers' keys are fetched, behind Services: an API server as issuer is at 6443 there.",
      [443, 6443],
    ),
    issuerNetworks: texts('Networks (CIDR) of issuers. Empty: every address, on those ports.'),
    notifyPorts: ports(
      'Ports of whoever is told of questions, where the policy has notify: of receivers, and of mail servers.',
      [443, 465, 587],
    ),
    notifyNetworks: texts('Networks (CIDR) that they are in. Empty: every address, on those ports.'),
    dns: group('Where names are resolved. Agents reach nothing else on these ports.', {
      pods: {
        kind: 'leaf',
        doc: 'Pods of the resolver, as peers of a NetworkPolicy. By default those of kube-dns, CoreDNS and OpenShift.',
        fallback: [
          peer('kube-system', { 'k8s-app': 'kube-dns' }),
          peer('openshift-dns', { 'dns.operator.openshift.io/daemonset-dns': 'default' }),
        ],
        schema: { type: 'array', items: { type: 'object' } },
      },
      networks: texts(
        'Networks (CIDR) of resolvers that are no pods. By default NodeLocal DNSCache and Cloud DNS of GKE; where a cache of the node answers for the address of the Service kube-dns, that address too.',
        ['169.254.20.10/32', '169.254.169.254/32'],
      ),
      ports: ports('Ports of the resolver itself, behind its Service.', [53, 5353]),
    }),
    monitoringNamespaceSelector: object(
      'Namespaces that may scrape metrics. Empty: all where a monitor is made, else none.',
    ),
  },
)

function peer(namespace: string, matchLabels: Readonly<Record<string, string>>): Json {
  return {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    podSelector: { matchLabels },
  }
}
