/** One command of the day. */
export interface Step {
  /** `POD` stands for a pod, `FILE:name` for a manifest. */
  readonly run: string
  /** Exit code, 0 where nothing is said. */
  readonly code?: number
  /** What it prints, on either output. */
  readonly says?: RegExp
  /** Afterwards the API server has this, asked by its administrator. */
  readonly after?: readonly [ask: string, has: RegExp]
  /** A human is asked, and says yes. */
  readonly asks?: true
}

const IMAGE = 'get deployment tool -o jsonpath={.spec.template.spec.containers[0].image}'
const REPLICAS = 'get deployment tool -o jsonpath={.spec.replicas}'

export const MORNING: readonly Step[] = [
  { run: 'version', says: /Server Version/ },
  { run: 'api-versions', says: /apps\/v1/ },
  { run: 'api-resources --api-group=apps', says: /deployments/ },
  { run: 'explain deployment.spec.replicas', says: /FIELD: replicas/ },
  { run: 'auth whoami', says: /leasegate:/ },
  { run: 'auth can-i list pods', says: /yes/ },
  { run: 'auth can-i create serviceaccounts --subresource=token', code: 1, says: /no/ },
  { run: 'auth can-i --list', says: /\*\.\*/ },
  { run: 'diff -f FILE:tool.yaml', code: 1, says: /kind: Deployment/ },
  { run: 'apply -f FILE:tool.yaml', says: /deployment\.apps\/tool created/, after: [REPLICAS, /^2$/] },
  { run: 'apply --server-side --field-manager=other --force-conflicts -f FILE:tool.yaml', says: /serverside-applied/ },
  { run: 'rollout status deployment/tool --timeout=60s', says: /successfully rolled out/ },
  { run: 'apply --server-side --field-manager=third -f FILE:scaled.yaml', code: 1, says: /conflict with "other"/ },
  { run: 'get all', says: /deployment\.apps\/tool/ },
  { run: 'get pods,deployments,replicasets,configmaps -o wide', says: /replicaset\.apps\/tool/ },
  { run: 'describe deployment tool', says: /StrategyType/ },
  { run: 'describe pod POD', says: /Status: +Running/ },
  { run: 'events --types=Normal', says: /SuccessfulCreate/ },
  { run: 'get --raw /api/v1/namespaces/APP/pods?limit=1', says: /"kind":"PodList"/ },
  { run: 'get --raw /readyz', says: /ok/ },
  { run: 'cluster-info', says: /kubectl cluster-info dump/ },
]

export const PODS: readonly Step[] = [
  { run: 'logs POD', says: /the server is up/ },
  // It reaches the pretended kubelet, which keeps none.
  { run: 'logs POD --previous', code: 1, says: /failed to read log file/ },
  { run: 'logs --all-containers -l app=tool --tail=1', says: /the server is up/ },
  { run: 'exec POD -- echo hello', says: /hello/ },
  { run: 'cp POD:/etc/hostname COPY' },
  { run: 'annotate pod POD note=seen', says: /annotated/ },
  { run: 'label pod POD note=seen', after: ['get pod POD -o jsonpath={.metadata.labels.note}', /^seen$/] },
  {
    run: 'debug POD --copy-to=copy --image=busybox:1 --profile=restricted --attach=false',
    after: ['get pod copy -o jsonpath={.spec.containers[*].image}', /busybox:1/],
  },
  { run: 'delete pod copy --now', says: /deleted/ },
  { run: 'run once --image=once:1 --restart=Never', says: /created/ },
  { run: 'delete pod once --grace-period=0 --force', after: ['get pod once', /NotFound/] },
]

export const ROLLOUTS: readonly Step[] = [
  { run: 'set image deployment/tool tool=tool:2', says: /image updated/, after: [IMAGE, /^tool:2$/] },
  { run: 'set env deployment/tool A=b', says: /env updated/ },
  { run: 'set resources deployment/tool --limits=cpu=1', says: /updated/ },
  { run: 'rollout status deployment/tool --timeout=60s' },
  { run: 'rollout history deployment/tool', says: /REVISION/ },
  { run: 'rollout undo deployment/tool --to-revision=1', says: /rolled back/, after: [IMAGE, /^tool:1$/] },
  { run: 'rollout restart deployment/tool', says: /restarted/ },
  { run: 'rollout pause deployment/tool', after: ['get deployment tool -o jsonpath={.spec.paused}', /^true$/] },
  { run: 'rollout resume deployment/tool', says: /resumed/ },
  { run: 'rollout status deployment/tool --timeout=60s' },
  { run: 'scale deployment/tool --replicas=3', after: [REPLICAS, /^3$/] },
  { run: 'wait deployment/tool --for=jsonpath={.status.readyReplicas}=3 --timeout=60s', says: /condition met/ },
  { run: 'wait deployment/tool --for=condition=Available --timeout=60s', says: /condition met/ },
  {
    run: 'patch deployment tool --subresource=scale --type=merge -p {"spec":{"replicas":1}}',
    after: [REPLICAS, /^1$/],
  },
  { run: 'patch deployment tool --subresource=status --type=merge -p {"status":{"observedGeneration":1}}' },
  { run: 'patch deployment tool -p {"spec":{"minReadySeconds":1}}', says: /patched/ },
  { run: 'patch deployment tool --type=json -p [{"op":"remove","path":"/spec/minReadySeconds"}]', says: /patched/ },
  { run: 'autoscale deployment tool --min=1 --max=3 --cpu=80%', says: /autoscaled/ },
  { run: 'expose deployment tool --port=80', after: ['get service tool', /80\/TCP/] },
  { run: 'apply -f FILE:nightly.yaml', says: /created/ },
  { run: 'create job now --from=cronjob/nightly', says: /created/ },
  { run: 'wait job/now --for=condition=complete --timeout=60s', says: /condition met/ },
  { run: 'logs job/now', says: /the server is up/ },
]

export const OBJECTS: readonly Step[] = [
  { run: 'create configmap one --from-literal=text=a', says: /created/ },
  { run: 'create configmap two --from-literal=text=a --dry-run=server', after: ['get configmap two', /NotFound/] },
  { run: 'replace -f FILE:one.yaml', after: ['get configmap one -o jsonpath={.data.text}', /^b$/] },
  { run: 'replace --force -f FILE:one.yaml', says: /replaced/ },
  { run: 'diff -f FILE:one.yaml' },
  { run: 'delete configmap one --dry-run=server', after: ['get configmap one', /one/] },
  { run: 'delete configmap -l set=day', after: ['get configmap one', /NotFound/] },
  { run: 'apply -f FILE:one.yaml -f FILE:two.yaml', says: /two created/ },
  {
    run: 'apply -f FILE:two.yaml --prune -l set=day --prune-allowlist=core/v1/ConfigMap',
    says: /one pruned/,
    after: ['get configmap one', /NotFound/],
  },
  { run: 'diff -k FILE:overlay', code: 1, says: /overlay-base/ },
  { run: 'apply -k FILE:overlay', after: ['get configmap -l overlay=day -o name', /overlay-base/] },
  { run: 'delete -k FILE:overlay', after: ['get configmap overlay-base', /NotFound/] },
  { run: 'delete job now --cascade=foreground', after: ['get job now', /NotFound/] },
  { run: 'delete cronjob --all', says: /nightly/ },
  { run: 'delete hpa,service tool', says: /service "tool" deleted/ },
  { run: 'get secret db -o jsonpath={.metadata.name}', asks: true, says: /^db$/ },
  { run: 'create job kept --image=job:1', says: /created/ },
  { run: 'wait job/kept --for=condition=complete --timeout=60s', says: /condition met/ },
  {
    run: 'delete job kept --cascade=orphan',
    // With an owner it would go after it.
    after: [
      'get pods -l batch.kubernetes.io/job-name=kept -o jsonpath={.items[*].metadata.name}:{.items[*].metadata.ownerReferences}',
      /^kept-\w+:$/,
    ],
  },
  { run: 'create configmap held --from-literal=a=b', says: /created/ },
  { run: 'patch configmap held --type=merge -p {"metadata":{"finalizers":["example.com/hold"]}}', says: /patched/ },
  {
    run: 'delete configmap held --wait=false',
    after: ['get configmap held -o jsonpath={.metadata.deletionTimestamp}', /^\d{4}-/],
  },
  { run: 'wait configmap/held --for=delete --timeout=2s', code: 1, says: /timed out waiting/ },
  { run: 'patch configmap held --type=merge -p {"metadata":{"finalizers":null}}', says: /patched/ },
  { run: 'wait configmap/held --for=delete --timeout=60s', after: ['get configmap held', /NotFound/] },
]

/** What does not pass: the sentence that is said, and what to do instead. */
export const REFUSED: readonly Step[] = [
  { run: 'get pods -A', code: 1, says: /outside the scope.*\(name one: -n APP\)/ },
  { run: 'get nodes', code: 1, says: /in no namespace and wants a cluster rule.*--template see-nodes --reason/ },
  { run: 'describe node node-0', code: 1, says: /--template see-nodes --reason/ },
  { run: 'drain node-0', code: 1, says: /--template drain-node --namespace '\*' --reason 'WHY'/ },
  { run: 'cordon node-0', code: 1, says: /--template drain-node .*--reason 'WHY'/ },
  { run: 'taint node node-0 a=b:NoSchedule', code: 1, says: /--template drain-node / },
  { run: 'debug node/node-0 --image=busybox --attach=false', code: 1, says: /instead: kubectl describe node/ },
  {
    run: 'debug POD --image=busybox --attach=false',
    code: 1,
    says: /around the boundary.*kubectl debug POD --copy-to=NAME --profile=restricted/,
  },
  { run: 'get pods --as=system:admin', code: 1, says: /leave out --as/ },
  { run: 'create token default', code: 1, says: /mints a token that opens the cluster past the boundary/ },
  { run: 'create rolebinding x --clusterrole=admin --user=me', code: 1, says: /around the boundary/ },
  { run: 'get --raw /api/v1/namespaces/APP/pods/POD/proxy/', code: 1, says: /around the boundary/ },
  { run: 'certificate approve csr', code: 1, says: /in no namespace and wants a cluster rule/ },
  { run: 'cluster-info dump --namespaces APP', code: 1, says: /for one namespace: kubectl get all,events/ },
  // It looks for what to prune among Secrets as well, and waits for a yes to that before it says so.
  { run: 'apply -f FILE:two.yaml --prune -l set=day', code: 1, says: /--prune-allowlist/ },
  { run: 'get --raw /metrics', code: 1, says: /nonResourceURLs/ },
  // No metrics server here: the API server says so itself.
  { run: 'top pods', code: 1, says: /Metrics API not available/ },
]

/** In every namespace, under a lease for it. */
export const NODES: readonly Step[] = [
  { run: 'get nodes', says: /node-0 +Ready/ },
  { run: 'describe node node-0', says: /Non-terminated Pods: +\(\d+ in total\)[\s\S]*tool-/ },
  { run: 'cordon node-0', after: ['get node node-0 -o jsonpath={.spec.unschedulable}', /^true$/] },
  { run: 'uncordon node-0', says: /uncordoned/ },
  { run: 'taint node node-0 day=over:PreferNoSchedule', after: ['get node node-0 -o yaml', /value: over/] },
  { run: 'taint node node-0 day-', says: /untainted/ },
  {
    run: 'drain node-0 --ignore-daemonsets --delete-emptydir-data --force --timeout=120s',
    says: /node\/node-0 drained/,
    after: ['get pods -l app=tool -o jsonpath={.items[*].spec.nodeName}', /^$/],
  },
  { run: 'uncordon node-0', after: ['get node node-0 -o jsonpath={.spec.unschedulable}', /^$/] },
]
