/** Options whose value is a credential although their names do not say so; by program, because `-p` is a port elsewhere. */
const OPTIONS: readonly { readonly programs: RegExp; readonly options: readonly string[] }[] = [
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
  { programs: /^ldap/, options: ['-w'] },
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

export function secretOptionsOf(program: string): readonly string[] {
  const found = OPTIONS.filter(({ programs }) => programs.test(program))
  return found.length === 0 ? NONE : found.flatMap(({ options }) => options)
}

/** Words after which the credential comes, with so many words between; where `program` was named before, or anywhere. */
const ANNOUNCING: readonly { readonly program: string | null; readonly word: string; readonly between: number }[] = [
  { program: 'vault', word: 'login', between: 0 },
  { program: 'vault', word: 'unseal', between: 0 },
  { program: 'mysqladmin', word: 'password', between: 0 },
  { program: 'cargo', word: 'login', between: 0 },
  { program: 'bw', word: 'unlock', between: 0 },
  { program: null, word: 'set-initial-password', between: 0 },
  { program: null, word: 'reset-admin-password', between: 0 },
  { program: 'redis-cli', word: 'auth', between: 0 },
  { program: 'valkey-cli', word: 'auth', between: 0 },
  { program: 'rabbitmqctl', word: 'change_password', between: 1 },
  { program: 'rabbitmqctl', word: 'add_user', between: 1 },
  { program: 'rabbitmqctl', word: 'authenticate_user', between: 1 },
  { program: 'kinit', word: 'kinit', between: 1 },
  { program: 'htpasswd', word: '-b', between: 2 },
  { program: 'htpasswd', word: '-cb', between: 2 },
  { program: 'htpasswd', word: '-bc', between: 2 },
  { program: 'htpasswd', word: '-nb', between: 1 },
  { program: 'htpasswd', word: '-bn', between: 1 },
  { program: null, word: 'requirepass', between: 0 },
  { program: null, word: 'masterauth', between: 0 },
]

/** How many words stand before the credential that this one announces; null when it announces none. */
export function wordsBeforeSecret(word: string, programs: ReadonlySet<string>): number | null {
  const lower = word.toLowerCase()
  const found = ANNOUNCING.find(each => each.word === lower && (each.program === null || programs.has(each.program)))
  return found?.between ?? null
}

/** What reads a password from what is piped to it. */
export function readsPassword(words: readonly string[]): boolean {
  return words.some(
    word => /^--?(?:password-stdin|passphrase-fd|stdin)$/.test(word) || /^(?:ch|smb)?passwd$/.test(programOf(word)),
  )
}
