export interface Step {
  readonly args: (pod: string) => readonly string[]
  readonly says: RegExp
  /** Where it is not 0. */
  readonly code?: number
}

/** In this order: each needs what the ones before it made. */
export const STEPS: readonly Step[] = [
  { args: () => ['diff', '-f', 'one.yaml'], says: /^\+kind: Deployment/m, code: 1 },
  { args: () => ['apply', '-f', 'one.yaml'], says: /created/ },
  { args: () => ['wait', 'deployment/hand', '--for=condition=Available', '--timeout=60s'], says: /condition met/ },
  { args: () => ['wait', 'pod', '-l', 'app=hand', '--for=condition=Ready', '--timeout=60s'], says: /condition met/ },
  { args: pod => ['cp', 'letter.txt', `${pod}:sent.txt`], says: /^$/ },
  { args: pod => ['exec', pod, '--', 'cat', 'sent.txt'], says: /^by hand$/m },
  { args: pod => ['cp', `${pod}:sent.txt`, 'back.txt'], says: /^$/ },
  { args: () => ['logs', '-l', 'app=hand', '--all-containers', '--prefix'], says: /hand.*the server is up/ },
  { args: pod => ['attach', pod, '--pod-running-timeout=5s'], says: /the server is up/ },
  { args: () => ['auth', 'can-i', 'list', 'pods'], says: /^yes$/m },
  { args: () => ['auth', 'can-i', '--list'], says: /selfsubjectaccessreviews\.authorization\.k8s\.io .*create/ },
  { args: () => ['diff', '-f', 'two.yaml'], says: /^\+.*image: hand:2/m, code: 1 },
  { args: () => ['diff', '--server-side', '-f', 'one.yaml', '--field-manager=kubectl-client-side-apply'], says: /^$/ },
  { args: () => ['set', 'image', 'deployment/hand', 'hand=hand:2'], says: /image updated/ },
  { args: () => ['rollout', 'status', 'deployment/hand', '--timeout=60s'], says: /successfully rolled out/ },
  { args: () => ['rollout', 'pause', 'deployment/hand'], says: /paused/ },
  { args: () => ['rollout', 'resume', 'deployment/hand'], says: /resumed/ },
  { args: () => ['rollout', 'history', 'deployment/hand'], says: /^2/m },
  { args: () => ['rollout', 'undo', 'deployment/hand', '--to-revision=1'], says: /rolled back/ },
  { args: () => ['rollout', 'status', 'deployment/hand', '--timeout=60s'], says: /successfully rolled out/ },
  { args: () => ['rollout', 'restart', 'deployment/hand'], says: /restarted/ },
  { args: () => ['autoscale', 'deployment/hand', '--min=1', '--max=2', '--cpu-percent=80'], says: /autoscaled/ },
  { args: () => ['expose', 'deployment/hand', '--port=80'], says: /exposed/ },
  { args: () => ['set', 'env', 'deployment/hand', 'COLOUR=green'], says: /env updated/ },
  { args: () => ['kustomize', '.'], says: /name: made-settings-/ },
  { args: () => ['apply', '-k', '.'], says: /configmap\/made-settings-\w+ created/ },
  { args: () => ['diff', '-k', '.'], says: /^$/ },
  { args: () => ['edit', 'configmap', '-l', 'nothing=here'], says: /^$/, code: 0 },
  { args: () => ['delete', '-k', '.'], says: /deleted/ },
  { args: () => ['create', 'configmap', 'edited', '--from-literal=colour=green'], says: /created/ },
  { args: () => ['edit', 'configmap', 'edited'], says: /edited/ },
  { args: () => ['get', 'configmap', 'edited', '-o', 'jsonpath={.data.colour}'], says: /^blue$/ },
  { args: () => ['create', 'quota', 'few', '--hard=configmaps=100'], says: /created/ },
  { args: () => ['describe', 'deployment,service,quota'], says: /Selector: +app=hand/ },
  { args: () => ['get', 'all', '-l', 'app=hand', '--show-labels'], says: /replicaset\.apps\/hand/ },
  { args: () => ['events', '--types=Normal'], says: /ScalingReplicaSet/ },
  { args: () => ['hands'], says: /^deployment\.apps\/hand$/m },
  { args: () => ['plugin', 'list'], says: /kubectl-hands/ },
  { args: () => ['top', 'pods'], says: /Metrics API not available/, code: 1 },
  { args: pod => ['delete', 'pod', pod, '--wait=false'], says: /deleted/ },
  { args: () => ['delete', 'service,hpa,deployment,quota,configmap', '-l', 'app=hand'], says: /deleted/ },
  { args: () => ['delete', 'hpa/hand', 'configmap/edited', 'quota/few'], says: /deleted/ },
  {
    args: () => ['wait', 'pod', '-l', 'app=hand', '--for=delete', '--timeout=60s'],
    says: /^$|condition met|no matching/,
  },
]

/** Of nodes, under a lease for that: what a drain would do. */
export const DRAINS: readonly Step[] = [
  { args: () => ['get', 'nodes', '-o', 'name'], says: /^node\// },
  { args: () => ['cordon', 'NODE', '--dry-run=server'], says: /cordoned \(server dry run\)/ },
  {
    args: () => ['drain', 'NODE', '--dry-run=server', '--ignore-daemonsets', '--force', '--delete-emptydir-data'],
    says: /drained \(server dry run\)/,
  },
]

/** What is otherwise than directly, and what is said of it. */
export const OTHERWISE: readonly (Step & { readonly name: string })[] = [
  {
    name: 'debug (an ephemeral container)',
    args: pod => ['debug', pod, '--image=busybox', '--attach=false'],
    says: /leasegate: .*dangerous|leasegate: .*boundary/i,
    code: 1,
  },
  {
    name: 'auth can-i for what waits for a human',
    args: () => ['auth', 'can-i', 'get', 'secrets'],
    says: /Warning: leasegate: waits for an approver/,
  },
  { name: 'auth can-i for all', args: () => ['auth', 'can-i', '*', '*'], says: /^no - leasegate: /m, code: 1 },
  { name: 'get -A', args: () => ['get', 'pods', '-A'], says: /leasegate: .*outside the scope|does not grant/, code: 1 },
]
