import { toFields } from '../../../request/fields/field.ts'
import { CONTAINER_LISTS, describeField } from '../../../request/fields/field-path.ts'
import { maySpreadSecrets } from '../../admission/granted.ts'
import type { TaskTemplate, TemplateRule } from '../../policy.ts'
import { termsOf } from '../../template/terms-of.ts'
import { aboutRule, aboutTemplate, reaches, type Target, templateReaches, type Warning } from '../warning.ts'
import { openCommands, openInput } from './commands.ts'

/** What has pods of its own, by a template that whoever patches it can change. */
const POD_MAKERS: readonly Target[] = [
  ...['deployments', 'statefulsets', 'daemonsets', 'replicasets'].map(resource => ({ group: 'apps', resource })),
  ...['jobs', 'cronjobs'].map(resource => ({ group: 'batch', resource })),
  { group: '', resource: 'replicationcontrollers' },
]

/** The best known of others that have, by what a rule calls them. */
const OF_OTHERS: readonly Target[] = Object.entries({
  'argoproj.io': ['rollouts', 'workflows', 'cronworkflows'],
  'apps.kruise.io': ['clonesets', 'statefulsets', 'daemonsets', 'advancedcronjobs', 'broadcastjobs'],
  'serving.knative.dev': ['services', 'configurations'],
  'jobset.x-k8s.io': ['jobsets'],
  'leaderworkerset.x-k8s.io': ['leaderworkersets'],
  'kubeflow.org': ['pytorchjobs', 'tfjobs', 'mpijobs', 'notebooks'],
  'ray.io': ['rayclusters', 'rayjobs', 'rayservices'],
  'flink.apache.org': ['flinkdeployments', 'flinksessionjobs'],
  'sparkoperator.k8s.io': ['sparkapplications', 'scheduledsparkapplications'],
  'keda.sh': ['scaledjobs'],
  'kubevirt.io': ['virtualmachines', 'virtualmachineinstances'],
  'tekton.dev': ['tasks', 'taskruns', 'pipelines', 'pipelineruns'],
}).flatMap(([group, resources]) => resources.map(resource => ({ group, resource })))

const PODS: Target = { group: '', resource: 'pods' }
/** A PUT writes all that there is; a patch may. */
const CHANGES = ['patch', 'update'] as const

/** What a rule lets run, or print, beyond what it seems to say. A rule with `*` for verbs and resources was meant to. */
export function codeWarnings(template: TaskTemplate): readonly Warning[] {
  const ofRules = template.rules.flatMap((rule, index) =>
    [
      ...runsCode(rule),
      ...makesPods(rule),
      ...oddFields(rule),
      ...openFields(rule, template),
      ...oddReads(rule),
      ...openCommands(rule),
      ...openInput(rule),
    ].map(message => aboutRule(template, index, message)),
  )
  return [...ofRules, ...refusedCode(template)]
}

/** Whoever may change a Deployment runs anything as any service account that its Deployments use. */
function runsCode(rule: TemplateRule): string[] {
  if (rule.fields.length > 0 || rule.verbs.includes('create')) return []
  const makers = [PODS, ...POD_MAKERS, ...OF_OTHERS].filter(({ resource }) => rule.resources.includes(resource))
  return makers.flatMap(target => {
    const verbs = CHANGES.filter(verb => rule.verbs.includes(verb) && reaches(rule, verb, target))
    return verbs.length === 0 ? [] : [whatRuns(verbs, target)]
  })
}

function whatRuns(verbs: readonly string[], { resource }: Target): string {
  const what = `${verbs.join(' and ')} on ${resource} without fields runs any code as any service account that ${resource} use`
  const isRestarted = verbs.includes('patch') && resource !== 'pods' && resource !== 'jobs'
  return isRestarted
    ? `${what}; for a restart: fields: ['spec.template.metadata.annotations["kubectl.kubernetes.io/restartedAt"]']`
    : what
}

/** What a template seems to grant, and the cluster refuses: pods that have Secrets stay as they are where nobody is asked. */
function refusedCode(template: TaskTemplate): readonly Warning[] {
  const terms = termsOf(template)
  const { require, risks } = terms.approval
  const isSaid = terms.podSecrets !== undefined || maySpreadSecrets(terms)
  if (isSaid || require.includes('workload-code') || risks?.['workload-code'] !== undefined) return []
  const made = POD_MAKERS.filter(({ resource }) => template.rules.some(rule => rule.resources.includes(resource)))
    .filter(target => templateReaches(template, 'create', target))
    .filter(target => template.rules.some(rule => changesAll(rule, target)))
    .map(({ resource }) => resource)
  if (made.length === 0) return []
  return [
    aboutTemplate(
      template,
      `what runs in ${made.join(', ')} that have Secrets cannot be changed outside of production: podSecrets names those that they may ` +
        'have, and approval: require: [workload-code] asks about each change',
    ),
  ]
}

function changesAll(rule: TemplateRule, target: Target): boolean {
  return rule.fields.length === 0 && CHANGES.some(verb => reaches(rule, verb, target))
}

/** Only for rules that spell the resource and the verb out: one with wildcards was meant to. */
function makesPods(rule: TemplateRule): string[] {
  const makers = [PODS, ...POD_MAKERS]
  const named = rule.verbs.includes('create')
    ? makers.filter(target => rule.resources.includes(target.resource) && reaches(rule, 'create', target))
    : []
  return named.length === 0
    ? []
    : [
        `create on ${named.map(({ resource }) => resource).join(', ')} runs any image and command, which is as good as exec of ` +
          'everything: Pod Security and service accounts limit what it reaches, a yes is asked for in production alone ' +
          '(approval: require: [pods-create, workload-write] asks everywhere)',
      ]
}

function oddFields({ fields, verbs, resources }: TemplateRule): string[] {
  if (fields.length === 0) return []
  const others = verbs.filter(verb => !['get', 'list', 'watch', 'patch', '*'].includes(verb))
  return [
    ...(verbs.includes('patch') || verbs.includes('*') ? [] : ['fields mean nothing without patch']),
    ...(others.length === 0 ? [] : [`with fields ${others.join(', ')} grants nothing`]),
    ...(resources.some(resource => resource.startsWith('pods/')) ? ['fields mean nothing for streams of pods'] : []),
  ]
}

/** Verbs that a rule for metadata, or for what is selected, does not grant. */
function oddReads({ verbs, metadataOnly, labelSelector, fieldSelector }: TemplateRule): string[] {
  const beyond = (...known: readonly string[]) => verbs.filter(verb => verb !== '*' && !known.includes(verb))
  const written = metadataOnly === true ? beyond('get', 'list', 'watch') : []
  const isSelected = labelSelector !== undefined || fieldSelector !== undefined
  const named = isSelected ? beyond('list', 'watch', 'deletecollection') : []
  return [
    ...(written.length === 0 ? [] : [`with metadataOnly ${written.join(', ')} grants nothing`]),
    ...(named.length === 0 ? [] : [`with a selector ${named.join(', ')} grants nothing: name it in a rule of its own`]),
  ]
}

/** Whoever names the image alone, or the list that it is in, most likely means less. */
function openFields({ fields }: TemplateRule, { images }: TaskTemplate): string[] {
  return toFields(fields).flatMap(({ path, limit }) => {
    const field = describeField(path)
    if (CONTAINER_LISTS.has(path.at(-1)))
      return [
        `${field} lets commands, variables and security contexts through as well; ${field}[*].image is the image alone`,
      ]
    const isOpen = path.at(-1) === 'image' && path.includes(null) && limit === null && images === undefined
    return isOpen
      ? [`${field} lets any image run; say which: "${field} = registry.example/*", or images of the template`]
      : []
  })
}
