import { describe, expect, test } from 'vitest'
import { judge } from '../../../src/policy/judge/judge.ts'
import { aPolicy, aRule, aTemplate, leaseOf } from '../a-policy.ts'
import { aRequest, type Sent } from '../a-request.ts'

const JSON_TYPE = 'application/json'
const MERGE = 'application/merge-patch+json'
const STEPS = 'application/json-patch+json'
const CBOR = 'application/cbor'

/** As wide as a template can be written. */
const everything = aTemplate({ rules: [aRule(), aRule({ scope: 'cluster', resources: ['*'] })] })
const policy = aPolicy({ templates: [everything] })

function asks(line: string, sent: Sent): string {
  const verdict = judge({ request: aRequest(line, sent), lease: leaseOf(everything), policy })
  return verdict.kind === 'approval' ? (verdict.risk?.id ?? '') : verdict.kind
}

const as = (contentType: string, body: unknown): Sent => ({
  contentType,
  body: typeof body === 'string' ? body : JSON.stringify(body),
})

describe('what a controller with rights of its own does for an object', () => {
  test.each([
    ['iam.services.k8s.aws/v1alpha1', 'roles', 'cloud-write'],
    ['eks.services.k8s.aws/v1alpha1', 'podidentityassociations', 'cloud-write'],
    ['rds.services.k8s.aws/v1alpha1', 'dbinstances', 'cloud-write'],
    ['iam.cnrm.cloud.google.com/v1beta1', 'iampolicymembers', 'cloud-write'],
    ['authorization.azure.com/v1api20220401', 'roleassignments', 'cloud-write'],
    ['s3.aws.m.upbound.io/v1beta1', 'buckets', 'cloud-write'],
    ['app.terraform.io/v1alpha2', 'workspaces', 'cloud-write'],
    ['cluster.x-k8s.io/v1beta1', 'machines', 'cloud-write'],
    ['machine.openshift.io/v1beta1', 'machinesets', 'cloud-write'],
    ['metal3.io/v1alpha1', 'baremetalhosts', 'cloud-write'],
    ['hive.openshift.io/v1', 'clusterdeployments', 'cloud-write'],
    ['notification.toolkit.fluxcd.io/v1', 'receivers', 'deployer-write'],
    ['image.toolkit.fluxcd.io/v1beta2', 'imageupdateautomations', 'deployer-write'],
    ['work.open-cluster-management.io/v1', 'manifestworks', 'deployer-write'],
    ['work.karmada.io/v1alpha1', 'works', 'deployer-write'],
    ['core.oam.dev/v1beta1', 'applications', 'deployer-write'],
    ['types.kubefed.io/v1beta1', 'federateddeployments', 'deployer-write'],
    ['kappctrl.k14s.io/v1alpha1', 'apps', 'deployer-write'],
    ['packaging.carvel.dev/v1alpha1', 'packageinstalls', 'deployer-write'],
    ['k3s.cattle.io/v1', 'addons', 'deployer-write'],
    ['tower.ansible.com/v1alpha1', 'ansiblejobs', 'deployer-write'],
    ['template.openshift.io/v1', 'templateinstances', 'deployer-write'],
    ['cr.kanister.io/v1alpha1', 'actionsets', 'backup-write'],
    ['config.kio.kasten.io/v1alpha1', 'policies', 'backup-write'],
    ['stork.libopenstorage.org/v1alpha1', 'migrations', 'backup-write'],
    ['k8up.io/v1', 'restores', 'backup-write'],
    ['volsync.backube/v1alpha1', 'replicationsources', 'backup-write'],
    ['export.kubevirt.io/v1beta1', 'virtualmachineexports', 'backup-write'],
    ['snapshot.kubevirt.io/v1beta1', 'virtualmachinerestores', 'backup-write'],
    ['chaos-mesh.org/v1alpha1', 'podchaos', 'chaos-write'],
    ['litmuschaos.io/v1alpha1', 'chaosengines', 'chaos-write'],
    ['extensions.istio.io/v1alpha1', 'wasmplugins', 'mesh-write'],
    ['telemetry.istio.io/v1', 'telemetries', 'mesh-write'],
    ['consul.hashicorp.com/v1alpha1', 'serviceintentions', 'mesh-write'],
    ['kuma.io/v1alpha1', 'meshtrafficpermissions', 'mesh-write'],
    ['linkerd.io/v1alpha2', 'serviceprofiles', 'mesh-write'],
    ['crd.antrea.io/v1beta1', 'networkpolicies', 'mesh-write'],
    ['metallb.io/v1beta1', 'ipaddresspools', 'mesh-write'],
    ['multicluster.x-k8s.io/v1alpha1', 'serviceexports', 'mesh-write'],
    ['externaldns.k8s.io/v1alpha1', 'dnsendpoints', 'mesh-write'],
    ['infisical.com/v1alpha1', 'infisicalsecrets', 'secret-stores-write'],
    ['secrets.doppler.com/v1alpha1', 'dopplersecrets', 'secret-stores-write'],
    ['onepassword.com/v1', 'onepassworditems', 'secret-stores-write'],
    ['secretgen.carvel.dev/v1alpha1', 'secretexports', 'secret-stores-write'],
    ['ricoberger.de/v1alpha1', 'vaultsecrets', 'secret-stores-write'],
    ['redhatcop.redhat.io/v1alpha1', 'vaultsecrets', 'secret-stores-write'],
    ['isindir.github.com/v1alpha3', 'sopssecrets', 'secret-stores-write'],
    ['logging.banzaicloud.io/v1beta1', 'outputs', 'monitoring-write'],
    ['fluentbit.fluent.io/v1alpha2', 'outputs', 'monitoring-write'],
    ['operator.victoriametrics.com/v1beta1', 'vmpodscrapes', 'monitoring-write'],
    ['configuration.konghq.com/v1', 'kongplugins', 'ingress-code'],
    ['k8s.nginx.org/v1', 'virtualservers', 'ingress-code'],
    ['gateway.envoyproxy.io/v1alpha1', 'envoyextensionpolicies', 'ingress-code'],
    ['getambassador.io/v3alpha1', 'modules', 'ingress-code'],
    ['projectcontour.io/v1', 'tlscertificatedelegations', 'ingress-code'],
    ['gateway.networking.k8s.io/v1beta1', 'referencegrants', 'grants-others'],
  ])('of %s asks for %s', (version, resource, want) => {
    expect(asks(`POST /apis/${version}/namespaces/x/${resource}`, as(JSON_TYPE, { spec: { a: 'b' } }))).toBe(want)
    expect(asks(`DELETE /apis/${version}/namespaces/x/${resource}/o`, {})).toBe(want)
  })

  test.each([
    ['other.example.com/v1', 'things'],
    ['services.k8s.aws.example.com/v1', 'things'],
    ['gateway.networking.k8s.io/v1', 'httproutes'],
    ['projectcontour.io/v1', 'httpproxies'],
    ['traefik.io/v1alpha1', 'ingressroutes'],
  ])('of %s does not ask for %s', (version, resource) => {
    expect(asks(`POST /apis/${version}/namespaces/x/${resource}`, as(JSON_TYPE, { spec: { a: 'b' } }))).toBe('allow')
  })
})

describe('pods by what is written on them', () => {
  const POD = '/api/v1/namespaces/x/pods'
  const WEB = '/apis/apps/v1/namespaces/x/deployments'
  const written = (metadata: object) => ({ metadata: { name: 'p', ...metadata }, spec: { containers: [] } })
  const inTemplate = (template: object) => ({ spec: { template } })
  const note = (name: string, value = 'x') => ({ annotations: { [name]: value } })

  test.each([
    [note('vault.hashicorp.com/agent-inject-secret-db', 'secret/data/prod'), 'pod-secrets'],
    [note('vault.security.banzaicloud.io/vault-role'), 'pod-secrets'],
    [note('conjur.org/secret-retrieval'), 'pod-secrets'],
    [note('operator.1password.io/inject'), 'pod-secrets'],
    [note('iam.amazonaws.com/role', 'admin'), 'pod-cloud'],
    [{ labels: { aadpodidbinding: 'admin' } }, 'pod-cloud'],
    [{ labels: { 'azure.workload.identity/use': 'true' } }, 'pod-cloud'],
  ])('%j: %s', (metadata, want) => {
    expect(asks(`POST ${POD}`, as(JSON_TYPE, written(metadata)))).toBe(want)
    expect(asks(`POST ${WEB}`, as(JSON_TYPE, inTemplate(written(metadata))))).toBe(want)
    expect(asks(`PATCH ${POD}/p`, as(MERGE, { metadata }))).toBe(want)
    const [[part, texts] = ['', {}]] = Object.entries(metadata)
    const [[name, value] = ['', '']] = Object.entries(texts as object)
    const path = `/spec/template/metadata/${part}/${name.replaceAll('/', '~1')}`
    expect(asks(`PATCH ${WEB}/w`, as(STEPS, [{ op: 'add', path, value }]))).toBe(want)
  })

  test.each([
    [{ priorityClassName: 'system-node-critical' }, 'pod-priority'],
    [{ priorityClassName: 'system-cluster-critical' }, 'pod-priority'],
    [{ securityContext: { windowsOptions: { gmsaCredentialSpecName: 'ad' } } }, 'pod-cloud'],
    [{ containers: [{ securityContext: { windowsOptions: { gmsaCredentialSpec: '{}' } } }] }, 'pod-cloud'],
    [{ containers: [{ env: [{ name: 'A', value: 'vault:secret/data/prod#key' }] }] }, 'pod-secrets'],
    [{ containers: [{ env: [{ name: 'A', value: 'op://prod/db/password' }] }] }, 'pod-secrets'],
  ])('%j: %s', (spec, want) => {
    expect(asks(`POST ${POD}`, as(JSON_TYPE, { spec }))).toBe(want)
    expect(asks(`POST /apis/batch/v1/namespaces/x/cronjobs`, as(JSON_TYPE, inJob(spec)))).toBe(want)
    expect(asks(`PATCH ${WEB}/w`, as(MERGE, inTemplate({ spec })))).toBe(want)
    expect(asks('POST /apis/apps.kruise.example.com/v1/namespaces/x/sets', as(JSON_TYPE, inTemplate({ spec })))).toBe(
      want,
    )
  })

  test.each([
    written(note('vault.hashicorp.com/agent-inject', 'false')),
    written(note('prometheus.io/scrape', 'true')),
    written({ labels: { app: 'web' } }),
    { spec: { priorityClassName: 'batch-low' } },
    { spec: { containers: [{ env: [{ name: 'VAULT_ADDR', value: 'https://vault:8200' }] }] } },
  ])('%j asks nobody', pod => {
    expect(asks(`POST ${POD}`, as(JSON_TYPE, pod))).toBe('allow')
  })
})

function inJob(spec: object) {
  return { spec: { jobTemplate: { spec: { template: { spec } } } } }
}

describe('what sends traffic elsewhere', () => {
  const ONES = '/api/v1/namespaces/x'
  const lb = { status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } }

  test.each([
    [`PATCH ${ONES}/services/s/status`, as(MERGE, lb), 'services-external'],
    [`PUT ${ONES}/services/s/status`, as(JSON_TYPE, lb), 'services-external'],
    [
      `PATCH ${ONES}/services/s/status`,
      as(STEPS, [{ op: 'add', path: '/status/loadBalancer/ingress/-', value: { ip: '192.0.2.1' } }]),
      'services-external',
    ],
    [`PATCH ${ONES}/services/s/status`, as(CBOR, 'x'), 'services-external'],
    // A PUT of the whole object says it again, and the API server does not take it from there.
    [`PUT ${ONES}/services/s`, as(JSON_TYPE, lb), 'allow'],
    [`PATCH ${ONES}/services/s/status`, as(MERGE, { status: { conditions: [] } }), 'allow'],
    [`POST ${ONES}/endpoints`, as(JSON_TYPE, { subsets: [{ addresses: [{ ip: '10.0.0.1' }] }] }), 'endpoints-external'],
    [
      `PATCH ${ONES}/endpoints/e`,
      as(MERGE, { subsets: [{ notReadyAddresses: [{ ip: '10.0.0.1' }] }] }),
      'endpoints-external',
    ],
    [
      'POST /apis/discovery.k8s.io/v1/namespaces/x/endpointslices',
      as(JSON_TYPE, { endpoints: [{ addresses: ['10.0.0.1'] }] }),
      'endpoints-external',
    ],
    [
      'PATCH /apis/discovery.k8s.io/v1/namespaces/x/endpointslices/e',
      as(STEPS, [{ op: 'replace', path: '/endpoints/0/addresses/0', value: '10.0.0.1' }]),
      'endpoints-external',
    ],
    [`PATCH ${ONES}/endpoints/e`, as(CBOR, 'x'), 'endpoints-external'],
    [`PATCH ${ONES}/endpoints/e`, as(MERGE, { metadata: { labels: { a: 'b' } } }), 'allow'],
    [
      `POST ${ONES}/secrets`,
      as(JSON_TYPE, { metadata: { annotations: { 'replicator.v1.mittwald.de/replicate-from': 'prod/db' } } }),
      'secret-copies',
    ],
    [
      `PUT ${ONES}/secrets/s`,
      as(JSON_TYPE, {
        metadata: { uid: 'u', annotations: { 'reflector.v1.k8s.emberstack.com/reflects': 'prod/db' } },
      }),
      'secret-copies',
    ],
    [`POST ${ONES}/secrets`, as(JSON_TYPE, { metadata: { annotations: { note: 'x' } } }), 'allow'],
  ])('%s with %j: %s', (line, sent, want) => {
    expect(asks(line, sent)).toBe(want)
  })

  const INGRESS = '/apis/networking.k8s.io/v1/namespaces/x/ingresses'
  const annotated = (name: string, value = 'x') => ({ metadata: { annotations: { [name]: value } } })

  test.each([
    [annotated('nginx.org/basic-auth-secret'), 'ingress-snippet'],
    [annotated('nginx.com/jwt-key'), 'ingress-snippet'],
    [annotated('haproxy.org/server-crt', 'other/tls'), 'ingress-snippet'],
    [annotated('haproxy.org/client-ca', 'other/tls'), 'ingress-snippet'],
    [annotated('haproxy-ingress.github.io/auth-lua'), 'ingress-snippet'],
    [annotated('getambassador.io/config'), 'ingress-snippet'],
    [annotated('konghq.com/client-cert'), 'ingress-snippet'],
    // CVE-2025-1097, 1098, 1974, 24514 and 2021-25748: what ends a directive begins another.
    [annotated('nginx.ingress.kubernetes.io/auth-url', 'http://a/#;}\nssl_engine /tmp/x;'), 'ingress-snippet'],
    [annotated('nginx.ingress.kubernetes.io/mirror-host', 'a;} load_module x;'), 'ingress-snippet'],
    [
      { spec: { rules: [{ http: { paths: [{ path: '/x {}\nlua_code', pathType: 'ImplementationSpecific' }] } }] } },
      'ingress-snippet',
    ],
    [annotated('nginx.ingress.kubernetes.io/rewrite-target', '/$2'), 'allow'],
    [annotated('nginx.ingress.kubernetes.io/auth-url', 'https://a/?rd=$escaped_request_uri'), 'allow'],
    [annotated('alb.ingress.kubernetes.io/actions.x', '{"Type":"redirect"};\n{}'), 'allow'],
    [{ spec: { rules: [{ http: { paths: [{ path: '/a(/|$)(.*)', pathType: 'Prefix' }] } }] } }, 'allow'],
  ])('an Ingress with %j: %s', (body, want) => {
    expect(asks(`POST ${INGRESS}`, as(JSON_TYPE, body))).toBe(want)
    expect(asks(`PATCH ${INGRESS}/i`, as(MERGE, body))).toBe(want)
  })
})
