import { shownCommand } from '../../../support/text/shown-text.ts'
import { type Draft, EMPTY } from '../draft.ts'
import { listAt, textAt } from '../look/json.ts'
import { objectPath } from '../look/object-path.ts'
import { podFacts } from '../look/pod-facts.ts'
import { containersOf, isReady } from '../look/pods.ts'
import type { Planning } from '../planning.ts'

/** exec, attach, port-forward: which pod of whose, where and as whom it runs, and what would run in it. */
export async function sessionPlan(planning: Planning): Promise<Draft> {
  const { request, view } = planning
  const found = await view.get(objectPath({ ...request.info, subresource: '' }))
  const pod = found.kind === 'found' ? found.value : null
  return {
    ...EMPTY,
    kind: 'session',
    summary: pod === null ? 'the pod could not be looked at' : summaryOf(planning, pod),
    facts: [...(pod === null ? [] : whichFacts(planning, pod)), ...howFacts(planning)],
    notes: [
      ...(found.kind === 'absent' ? ['no pod of this name is there'] : []),
      ...(found.kind === 'refused' ? [`the pod may not be looked at: ${found.why}`] : []),
      ...(pod !== null && !isReady(pod) ? ['the pod is not ready'] : []),
      'a yes is for whichever pod has this name by then: between the yes and its use nothing is compared',
    ],
    object: pod === null ? null : stateOf(pod),
    // A connection is judged by no admission policy that knows its pod.
    state: JSON.stringify([textAt(pod, 'metadata', 'uid'), imagesOf(pod)]),
  }
}

function stateOf(pod: unknown): { readonly uid: string; readonly resourceVersion: string } {
  return { uid: textAt(pod, 'metadata', 'uid'), resourceVersion: textAt(pod, 'metadata', 'resourceVersion') }
}

function imagesOf(pod: unknown): readonly string[] {
  return containersOf(pod).map(container => `${textAt(container, 'name')} ${textAt(container, 'image')}`)
}

function summaryOf({ request }: Planning, pod: unknown): string {
  const account = textAt(pod, 'spec', 'serviceAccountName')
  const does = { exec: 'runs a command', attach: 'attaches to a process', portforward: 'opens any port' }
  const what = does[request.info.subresource as keyof typeof does] ?? 'connects'
  return `${what} in pod ${request.info.name}, as service account ${account === '' ? 'default' : account}`
}

function whichFacts({ request, now }: Planning, pod: unknown): Draft['facts'] {
  const container = containerOf(request.stream?.container ?? '', pod)
  const wanted =
    request.stream === null
      ? []
      : [
          { name: 'container', value: textAt(container, 'name') || 'none of this name is in the pod' },
          { name: 'image', value: textAt(container, 'image') },
        ]
  return [{ name: 'pod', value: `${request.info.name} in ${request.info.namespace}` }, ...podFacts(pod, now), ...wanted]
}

/** The one that is named, else the one that Kubernetes takes. */
function containerOf(name: string, pod: unknown): unknown {
  const preferred = textAt(pod, 'metadata', 'annotations', 'kubectl.kubernetes.io/default-container')
  const called = name === '' ? preferred : name
  const containers = containersOf(pod)
  if (name !== '') return containers.find(each => textAt(each, 'name') === name)
  return containers.find(each => textAt(each, 'name') === called) ?? listAt(pod, 'spec', 'containers')[0]
}

function howFacts({ request, sessions }: Planning): Draft['facts'] {
  const { stream, ports } = request
  if (stream === null)
    return [
      { name: 'ports', value: ports === null || ports.length === 0 ? 'any' : ports.join(', ') },
      { name: 'recorded', value: RECORDED['not-recorded'] },
    ]
  return [
    ...(stream.command.length === 0 ? [] : [{ name: 'command', value: shownCommand(stream.command) }]),
    { name: 'stdin', value: stream.stdin ? 'yes: what is typed is compared with nothing' : 'no' },
    { name: 'tty', value: stream.tty ? 'yes' : 'no' },
    { name: 'recorded', value: RECORDED[sessions] },
  ]
}

const RECORDED = {
  recorded: 'yes',
  'not-recorded': 'no: nothing of what goes over it is kept',
  unknown: 'not known: the broker was not told whether sessions are',
} as const satisfies Record<Planning['sessions'], string>
