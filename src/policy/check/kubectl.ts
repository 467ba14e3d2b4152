import type { TaskTemplate, TemplateRule } from '../policy.ts'
import { aboutRule, reaches, type Target, templateReaches, type Warning } from './warning.ts'

const PODS: Target = { group: '', resource: 'pods' }
const CHANGES = ['patch', 'update', 'delete'] as const
const STREAMS = ['exec', 'attach', 'portforward'] as const
const ROLLED_OUT: readonly Target[] = ['deployments', 'statefulsets', 'daemonsets'].map(resource => ({
  group: 'apps',
  resource,
}))
/** What people and agents wait for; of other kinds a look is a look. */
const WAITED_FOR: readonly Target[] = [PODS, { group: 'batch', resource: 'jobs' }, ...ROLLED_OUT]
const SCALED: readonly Target[] = ['deployments', 'statefulsets', 'replicasets'].map(resource => ({
  group: 'apps',
  resource,
}))

/**
 * Where plain kubectl (1.36) would fail under the template because it asks for more than its command's name says. A rule with `*`
 * is left alone: nobody meant a certain command by it.
 */
export function kubectlWarnings(template: TaskTemplate): readonly Warning[] {
  return template.rules.flatMap((rule, index) =>
    [
      ...STREAMS.flatMap(stream => streamProblems(template, rule, stream)),
      ...logProblems(template, rule),
      ...patchProblems(template, rule),
      ...scaleProblems(template, rule),
      ...watchProblems(template, rule),
      ...waitProblems(template, rule),
      ...deleteProblems(template, rule),
    ].map(message => aboutRule(template, index, message)),
  )
}

/** kubectl reads the pod first, to choose the container and to see that it runs. */
function streamProblems(template: TaskTemplate, rule: TemplateRule, stream: (typeof STREAMS)[number]): string[] {
  const target = { group: '', resource: `pods/${stream}` }
  if (!rule.resources.includes(target.resource) || !rule.apiGroups.includes('')) return []
  if (!templateReaches(template, 'create', target)) {
    return [`pods/${stream} wants create, whichever way it comes; get alone opens nothing`]
  }
  const command = stream === 'portforward' ? 'port-forward' : stream
  return templateReaches(template, 'get', PODS)
    ? []
    : [`kubectl ${command} reads the pod first and wants get on pods too`]
}

function logProblems(template: TaskTemplate, rule: TemplateRule): string[] {
  const meant = rule.resources.filter(one => one === 'pods/logs' || one === 'logs' || one === 'log')
  const mistaken = meant.map(one => `there is no resource "${one}"; kubectl logs wants get on pods/log`)
  if (!rule.resources.includes('pods/log')) return mistaken
  if (!templateReaches(template, 'get', { group: '', resource: 'pods/log' })) {
    return [...mistaken, 'kubectl logs wants get on pods/log']
  }
  return templateReaches(template, 'get', PODS)
    ? mistaken
    : [...mistaken, 'kubectl logs reads the pod first and wants get on pods too']
}

/** patch, annotate, label, set and rollout read the object first; rollout status lists and watches it. */
function patchProblems(template: TaskTemplate, rule: TemplateRule): string[] {
  return namedTargets(rule)
    .filter(target => rule.verbs.includes('patch') && !target.resource.includes('/'))
    .flatMap(target => {
      if (!templateReaches(template, 'get', target)) return [`kubectl patch wants get on ${target.resource} too`]
      const rolledOut = isOneOf(ROLLED_OUT, target)
      const missing = ['list', 'watch'].filter(verb => !templateReaches(template, verb, target))
      return rolledOut && missing.length > 0
        ? [`kubectl rollout status wants ${missing.join(' and ')} on ${target.resource} too`]
        : []
    })
}

function scaleProblems(template: TaskTemplate, rule: TemplateRule): string[] {
  return SCALED.filter(({ group, resource }) => {
    const scale = { group, resource: `${resource}/scale` }
    return rule.resources.includes(scale.resource) && reaches(rule, 'patch', scale)
  })
    .filter(target => !templateReaches(template, 'get', target))
    .map(({ resource }) => `kubectl scale reads the object first and wants get on ${resource} too`)
}

/** kubectl get -w lists and then watches. client-go's informers only watch, since 1.35. */
function watchProblems(template: TaskTemplate, rule: TemplateRule): string[] {
  if (!rule.verbs.includes('watch')) return []
  return namedTargets(rule)
    .filter(target => !templateReaches(template, 'list', target))
    .map(({ resource }) => `kubectl get -w lists before it watches and wants list on ${resource} too`)
}

/**
 * kubectl wait and rollout status get the object, list and watch its name, and try again until their time is over where they may not. Left
 * out is what is changed, of which other warnings speak, and what is only looked at on the way to something below it, as pods for exec.
 */
function waitProblems(template: TaskTemplate, rule: TemplateRule): string[] {
  if (!rule.verbs.includes('get') || template.rules.some(leadsBelow)) return []
  return namedTargets(rule)
    .filter(target => isOneOf(WAITED_FOR, target) && !CHANGES.some(verb => templateReaches(template, verb, target)))
    .flatMap(target => {
      const missing = ['list', 'watch'].filter(verb => !templateReaches(template, verb, target))
      const commands = isOneOf(ROLLED_OUT, target) ? 'kubectl wait and rollout status want' : 'kubectl wait wants'
      return missing.length === 0 ? [] : [`${commands} ${missing.join(' and ')} on ${target.resource} too`]
    })
}

function leadsBelow({ resources }: TemplateRule): boolean {
  return resources.some(resource => resource.includes('/') && !resource.endsWith('/scale'))
}

function isOneOf(targets: readonly Target[], { group, resource }: Target): boolean {
  return targets.some(one => one.group === group && one.resource === resource)
}

/**
 * kubectl delete waits until what it deleted is gone: it gets the object, lists and watches its name. Who may not get it is not waited for
 * (k8s.io/kubectl, pkg/cmd/wait/delete.go); who may get and not watch is told that it timed out.
 */
function deleteProblems(template: TaskTemplate, rule: TemplateRule): string[] {
  if (!rule.verbs.includes('delete')) return []
  return namedTargets(rule)
    .filter(target => !target.resource.includes('/') && templateReaches(template, 'get', target))
    .flatMap(target => {
      const missing = ['list', 'watch'].filter(verb => !templateReaches(template, verb, target))
      return missing.length === 0
        ? []
        : [
            `kubectl delete waits until it is gone and wants ${missing.join(' and ')} on ${target.resource} too, of the same names at least`,
          ]
    })
}

function namedTargets(rule: TemplateRule): readonly Target[] {
  const resources = rule.resources.filter(resource => !resource.includes('*'))
  return resources.flatMap(resource => rule.apiGroups.map(group => ({ group, resource })))
}
