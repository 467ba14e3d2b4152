import { isShellOfSudo } from '../../../policy/programs/interpreters.ts'
import { mayRunItsInput } from './interpreters.ts'

/** Options whose value is a credential although their names do not say so; by program, because `-p` is a port elsewhere. */
const OPTIONS: readonly { readonly programs: RegExp; readonly behind?: string; readonly options: readonly string[] }[] =
  [
    { programs: /^(mysql|mariadb|mycli|percona|xtrabackup)/, options: ['-p'] },
    {
      programs: /^(sshpass|mongo|mongosh|mongodump|mongorestore|mongoexport|docker|podman|helm|az|oc)$/,
      options: ['-p'],
    },
    {
      programs:
        /^(cqlsh|cypher-shell|beeline|snowsql|rabbitmqadmin|twine|crane|oras|cosign|nerdctl|ncftp|airflow|useradd|usermod)$/,
      options: ['-p'],
    },
    { programs: /^(skopeo|buildah|podman|crictl|nerdctl)$/, options: ['--creds', '--src-creds', '--dest-creds'] },
    { programs: /^(mosquitto_pub|mosquitto_sub|ipmitool)$/, options: ['-P'] },
    { programs: /^(plink|pscp)$/, options: ['-pw'] },
    { programs: /^ssh-keygen$/, options: ['-N', '-P'] },
    { programs: /^snmp/, options: ['-c', '-A', '-X'] },
    { programs: /^(etcdctl|lftp)$/, options: ['-u', '--user'] },
    { programs: /^(redis-cli|valkey-cli)$/, options: ['-a', '--pass'] },
    {
      programs: /^(curl|wget|http|https|xh)$/,
      options: ['-u', '-U', '-E', '-b', '-a', '--user', '--proxy-user', '--oauth2-bearer', '--http-passwd', '--cert'],
    },
    { programs: /^(ldap|kadmin)/, options: ['-w'] },
    { programs: /^ldappasswd$/, options: ['-a', '-s'] },
    { programs: /^(couchbase-cli|cbq|cbbackupmgr)$/, options: ['-p'] },
    { programs: /^doctl$/, options: ['-t'] },
    // What is put into a store of Secrets.
    { programs: /^put-parameter$/, behind: 'aws', options: ['--value'] },
    { programs: /^keyvault$/, behind: 'az', options: ['--value'] },
    { programs: /^secret$/, behind: 'gh', options: ['-b', '--body'] },
    { programs: /^(sqlcmd|bcp|isql)$/, options: ['-P'] },
    { programs: /^(smbclient|net|rpcclient)$/, options: ['-U'] },
    { programs: /^(openssl|gpg|zip|unzip|7z|7za)$/, options: ['-k', '-K', '-P', '-pass', '-passin', '-passout', '-p'] },
  ]

const NONE: readonly string[] = []

/** What the word is called as a program: `/usr/bin/mysql`, `--command="mysql`. */
export function programOf(word: string): string {
  let at = word.length
  while (at > 0 && !/[/="'\\:,]/.test(word[at - 1] ?? '')) at -= 1
  return word.slice(at, at + 64)
}

/** `before`: what was named before it. */
export function secretOptionsOf(program: string, before: ReadonlySet<string>): readonly string[] {
  const found = OPTIONS.filter(
    ({ programs, behind }) => programs.test(program) && (behind === undefined || before.has(behind)),
  )
  return found.length === 0 ? NONE : found.flatMap(({ options }) => options)
}

/** Words after which the credential comes, with so many words between; where `program` was named before, or anywhere. */
interface Announcing {
  readonly program: string | null
  /** Another word that was named before. */
  readonly and?: string
  readonly word: string
  readonly between: number
  /** How many words are the credential, one where it does not say. */
  readonly words?: number
}

const ANNOUNCING: readonly Announcing[] = [
  { program: 'vault', word: 'login', between: 0 },
  { program: 'vault', word: 'unseal', between: 0 },
  { program: 'mysqladmin', word: 'password', between: 0 },
  { program: 'cargo', word: 'login', between: 0 },
  { program: 'bw', word: 'unlock', between: 0 },
  { program: null, word: 'set-initial-password', between: 0 },
  { program: null, word: 'reset-admin-password', between: 0 },
  { program: 'redis-cli', word: 'auth', between: 0, words: 2 },
  { program: 'valkey-cli', word: 'auth', between: 0, words: 2 },
  { program: 'bw', word: 'login', between: 1 },
  { program: 'ngrok', word: 'authtoken', between: 0 },
  { program: 'ngrok', word: 'add-authtoken', between: 0 },
  { program: 'wpa_passphrase', word: 'wpa_passphrase', between: 1 },
  { program: null, word: 'activate-refresh-token', between: 1 },
  { program: 'rabbitmqctl', word: 'change_password', between: 1 },
  { program: 'rabbitmqctl', word: 'add_user', between: 1 },
  { program: 'rabbitmqctl', word: 'authenticate_user', between: 1 },
  { program: 'kinit', word: 'kinit', between: 1 },
  { program: 'rclone', word: 'obscure', between: 0 },
  { program: 'db2', word: 'using', between: 0 },
  { program: 'isql', word: 'isql', between: 2 },
  { program: 'mc', and: 'alias', word: 'set', between: 3 },
  { program: 'mc', and: 'user', word: 'add', between: 2 },
  { program: 'pulumi', word: '--secret', between: 1 },
  { program: null, word: 'requirepass', between: 0 },
  { program: null, word: 'masterauth', between: 0 },
]

/** With the password among its arguments; `-n` has no file before the user, and these two have an argument of their own. */
const HTPASSWD = /^-[A-Za-z]{0,8}b[A-Za-z]{0,8}$/

/** Where the credential stands after the word that announces it. */
export interface Announced {
  readonly between: number
  readonly words: number
}

/** Null where the word announces none. */
export function announcedBy(word: string, programs: ReadonlySet<string>): Announced | null {
  if (programs.has('htpasswd') && HTPASSWD.test(word)) {
    return { between: (word.includes('n') ? 1 : 2) + (/[Cr]/.test(word) ? 1 : 0), words: 1 }
  }
  const lower = word.toLowerCase()
  const isNamed = (program: string | null) => program === null || programs.has(program)
  const found = ANNOUNCING.find(each => each.word === lower && isNamed(each.program) && isNamed(each.and ?? null))
  return found === undefined ? null : { between: found.between, words: found.words ?? 1 }
}

/** Who sets something: what is called by such a word, or ends in one, is followed by what it is set to. */
const SETS: ReadonlySet<string> = new Set(['set', 'put', 'config', 'connect', 'create', 'add', 'modify', 'setx'])
const SET_TO_SECRET =
  /(?:^|[._/:-])(?:password|passwd|passphrase|secret[_-]access[_-]key|secret[_-]key|api[_-]?key|auth[_-]?token|access[_-]token|private[_-]key)$|[._/:-]token$/i

export function isSetToSecret(word: string, before: ReadonlySet<string>): boolean {
  return SET_TO_SECRET.test(word.slice(-128)) && [...SETS].some(verb => before.has(verb))
}

/** What reads a password from what is piped to it. */
export function readsPassword(words: readonly string[]): boolean {
  // sudo takes the first line alone: the rest is for what it runs.
  const isSudo =
    words.some(word => programOf(word) === 'sudo') &&
    !words.some((word, index) => mayRunItsInput(programOf(word), words.slice(index + 1)) || isShellOfSudo(word))
  if (storesItsInput(words)) return true
  return words.some(
    word =>
      /^--?(?:password-stdin|passphrase-fd|stdin|with-token)$/.test(word) ||
      /^(?:ch|smb)?passwd$/.test(programOf(word)) ||
      (isSudo && /^-[A-Za-z]{0,8}S$/.test(word)),
  )
}

/** What keeps what is piped to it as a Secret. */
function storesItsInput(words: readonly string[]): boolean {
  const has = (...all: readonly string[]) => all.every(each => words.some(word => programOf(word) === each))
  return (
    words.some(word => /^--(?:data-file=-|from-file=(?:[\w.-]{1,253}=)?(?:\/dev\/stdin|-))$/.test(word)) ||
    has('pass', 'insert') ||
    has('gh', 'secret', 'set') ||
    ((has('docker', 'secret', 'create') || has('podman', 'secret', 'create')) && words.includes('-'))
  )
}
