import type { TaskTemplate, TemplateRule } from '../policy.ts'
import { isShell } from '../programs/interpreters.ts'
import { aboutRule, reaches, type Target, type Warning } from './warning.ts'

/** What has pods of its own, by a template that whoever patches it can change. */
const POD_MAKERS: readonly Target[] = [
  ...['deployments', 'statefulsets', 'daemonsets', 'replicasets'].map(resource => ({ group: 'apps', resource })),
  ...['jobs', 'cronjobs'].map(resource => ({ group: 'batch', resource })),
  { group: '', resource: 'replicationcontrollers' },
]

/** Programs that print any file that they are given. */
const PRINTERS = /^(?:.*\/)?(?:cat|head|tail|less|more|grep|awk|sed|cp|dd|base64|xxd|od|strings|tar|find|xargs)$/

/** What a rule lets run, or print, beyond what it seems to say. A rule with `*` for verbs and resources was meant to. */
export function codeWarnings(template: TaskTemplate): readonly Warning[] {
  return template.rules.flatMap((rule, index) =>
    [...runsCode(rule), ...makesPods(rule), ...oddFields(rule), ...openCommands(rule), ...openInput(rule)].map(
      message => aboutRule(template, index, message),
    ),
  )
}

/** Whoever may patch a Deployment runs anything as any service account that its Deployments use. */
function runsCode(rule: TemplateRule): string[] {
  const named = POD_MAKERS.filter(({ resource }) => rule.resources.includes(resource))
  const open = rule.fields.length === 0 && rule.verbs.includes('patch') && !rule.verbs.includes('create')
  return named
    .filter(target => open && reaches(rule, 'patch', target))
    .map(
      ({ resource }) =>
        `patch on ${resource} without fields runs any code as any service account that ${resource} use; for a restart: ` +
        `fields: ['spec.template.metadata.annotations["kubectl.kubernetes.io/restartedAt"]']`,
    )
}

/** Only for rules that spell the resource and the verb out: one with wildcards was meant to. */
function makesPods(rule: TemplateRule): string[] {
  const makers = [{ group: '', resource: 'pods' }, ...POD_MAKERS]
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

function openCommands({ commands }: TemplateRule): string[] {
  return commands.flatMap(pattern => {
    const [program = '', ...rest] = pattern
    const open = /^\*/.test(rest.at(-1) ?? '')
    const shown = `"${pattern.join(' ')}"`
    if (program === '*' || program === '**') return [`${shown} lets any command run`]
    if (isShell(nameOf(program)) && (rest.length === 0 || open))
      return [`${shown} lets any command run, through the shell`]
    if (PRINTERS.test(program) && rest.some(part => part.startsWith('*'))) {
      return [`${shown} prints any file of the container, its service account's token too`]
    }
    return []
  })
}

function nameOf(program: string): string {
  return program.slice(program.lastIndexOf('/') + 1)
}

function openInput({ commands, stdin }: TemplateRule): string[] {
  const shells = commands.filter(([program = '']) => isShell(nameOf(program)))
  return stdin && shells.length > 0 ? ['stdin: true lets a shell run whatever is typed'] : []
}
