import { basename } from 'node:path'
import type { Environment } from '../../config/read-config.ts'

/** A client that is known to go where KUBECONFIG says. */
interface KnownClient {
  readonly named: RegExp
  /** Says why this word would lead it to somewhere or somebody else; null where it does not. `words` are all of its options and arguments. */
  readonly leaves: (word: string, words: readonly string[]) => string | null
  /** Says why it would start a program of somebody else's. */
  readonly startsAnother: (words: readonly string[]) => string | null
}

/** Of kubectl's own, which reads no plugin of one of these names. */
const OF_KUBECTL = new Set(
  (
    'alpha annotate api-resources api-versions apply attach auth autoscale certificate cluster-info completion config cordon cp create debug ' +
    'delete describe diff drain edit events exec explain expose get help kuberc kustomize label logs options patch plugin port-forward proxy ' +
    'replace rollout run scale set taint top uncordon version wait'
  ).split(' '),
)
/** Server, credential, and whom to be: https://kubernetes.io/docs/reference/kubectl/kubectl/#options */
const OPTIONS_OF_KUBECTL = new Set(
  (
    'as as-group as-uid as-user-extra certificate-authority client-certificate client-key cluster context insecure-skip-tls-verify kubeconfig ' +
    'kuberc password server tls-server-name token user username'
  ).split(' '),
)
/** Of these `--user` is whom they give rights to. */
const BINDS = new Set(['clusterrolebinding', 'rolebinding', 'subject'])
/** By these `kubectl kustomize` starts helm, containers and programs that a folder names; without them it refuses such a folder, as `-k` always does. */
const OF_KUSTOMIZE = new Set(['enable-helm', 'helm-command', 'enable-exec', 'enable-alpha-plugins', 'network'])
/** `-s` is `--server`, and may stand behind those that take no value. */
const SERVER_IN_SHORT = /^-[AaRhiqrtw]*s/

const CLIENTS: readonly KnownClient[] = [
  {
    named: /^kubectl([-_.v]?\d[\w.-]*)?(\.exe)?$/,
    leaves: (word, words) => {
      const option = optionOf(word)
      if (option === 'user' && words.some(one => BINDS.has(one))) return null
      if (option !== undefined && OPTIONS_OF_KUBECTL.has(option)) return `--${option}`
      return SERVER_IN_SHORT.test(word) ? '-s' : null
    },
    // kubectl looks for one where the first word is none of its own.
    startsAnother: words => {
      const [first = '-'] = words
      if (!first.startsWith('-') && !OF_KUBECTL.has(first)) return `kubectl ${first} is a plugin`
      return words.some(word => OF_KUSTOMIZE.has(optionOf(word) ?? ''))
        ? 'what kustomize starts is a program of its own'
        : null
    },
  },
  {
    named: /^helm([-_.v]?\d[\w.-]*)?(\.exe)?$/,
    leaves: word => {
      const option = optionOf(word)
      const isElsewhere = option === 'kubeconfig' || option?.startsWith('kube-') === true
      return isElsewhere && option !== 'kube-version' ? `--${option}` : null
    },
    // Plugins it is told not to start, by its environment.
    startsAnother: words =>
      words.some(word => optionOf(word)?.startsWith('post-renderer') === true)
        ? 'what --post-renderer starts is a program of its own'
        : null,
  },
]

/** kubectl takes `_` for `-`. */
function optionOf(word: string): string | undefined {
  return /^--([^=]+)/.exec(word)?.[1]?.replaceAll('_', '-')
}

/**
 * Why this command could reach a cluster beside what stands in for the API server, as a sentence; null where nothing in it says so. It would not be
 * planned then but done.
 */
export function wayOut(program: string, args: readonly string[]): string | null {
  const name = basename(program)
  const client = CLIENTS.find(({ named }) => named.test(name))
  if (client === undefined)
    return `${name} is neither kubectl nor helm, and may go to a cluster by itself: it would be done, not planned`
  // What follows is for a program in a pod.
  const end = args.indexOf('--')
  const words = end === -1 ? args : args.slice(0, end)
  const other = client.startsAnother(words)
  if (other !== null) return `${other}, and may go to a cluster by itself: it would be done, not planned`
  const option = words.map(word => client.leaves(word, words)).find(one => one !== null)
  return option === undefined
    ? null
    : `leave ${option} out: with it ${name} goes where that says, and it would be done, not planned. Plan by the kubeconfig that KUBECONFIG names`
}

/** The program by which kubectl compares is one of its own. */
const LEADS_ELSEWHERE = /^(HELM_KUBE|HELM_DRIVER_SQL|KUBECTL_EXTERNAL_DIFF$)/

/** What a client may have of ours: what would lead it elsewhere, or makes it write elsewhere, is not there. */
export function withoutWayOut(env: Environment, kubeconfig: string): Environment {
  const kept = Object.entries(env).filter(([name]) => !LEADS_ELSEWHERE.test(name))
  // What kubectl's own preferences add may be any option. Plugins of helm are programs of their own.
  const said = {
    KUBECONFIG: kubeconfig,
    KUBERC: 'off',
    KUBECTL_KUBERC: 'false',
    // `kubectl create NAME` would run a program of that name.
    KUBECTL_ENABLE_CMD_SHADOW: 'false',
    HELM_NO_PLUGINS: '1',
  }
  return { ...Object.fromEntries(kept), ...said }
}
