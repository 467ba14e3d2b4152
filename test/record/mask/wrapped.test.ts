import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maskCommand } from '../../../src/record/mask/mask.ts'

type Argv = readonly string[]

const quoted = (argument: string): string =>
  /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`
const doubleQuoted = (argument: string): string => `"${argument.replaceAll(/["\\$`]/g, '\\$&')}"`
const line = (argv: Argv): string => argv.map(quoted).join(' ')

/** How a credential is given to a program; each is masked by itself. */
const CREDENTIALS: Readonly<Record<string, (secret: string) => Argv>> = {
  'an option with =': s => ['app', `--password=${s}`],
  'an option and an argument': s => ['app', '--client-secret', s],
  'a variable': s => ['env', `DB_PASSWORD=${s}`, 'app'],
  'a list of assignments': s => ['helm', 'upgrade', 'x', 'y', '--set', `image=a,db.password=${s},c=d`],
  'a list behind =': s => ['helm', 'upgrade', 'x', 'y', `--set=image=a,db.password=${s}`],
  'a typed list': s => ['helm', 'install', 'x', 'y', `--set-string=a.b.token=${s}`],
  'a literal of a Secret': s => ['kubectl', 'create', 'secret', 'generic', 'x', `--from-literal=password=${s}`],
  'a literal of any name': s => ['kubectl', 'create', 'secret', 'generic', 'x', '--from-literal', `pin=${s}`],
  'a variable of a container': s => ['docker', 'run', `-e=API_KEY=${s}`, 'x'],
  'one as its own argument': s => ['docker', 'run', '-e', `API_KEY=${s}`, 'x'],
  '--env': s => ['kubectl', 'run', 'x', `--env=DB_PASSWORD=${s}`],
  'a property of Java': s => ['java', `-Dspring.datasource.password=${s}`, '-jar', 'x'],
  'user info': s => ['psql', `postgres://app:${s}@db:5432/shop`],
  'user info without a user': s => ['redis-cli', '-u', `redis://:${s}@db:6379`],
  'the first parameter of a URL': s => ['curl', `https://h/?access_token=${s}&x=1`],
  'a later one': s => ['curl', `https://h/a?x=1&client_secret=${s}`],
  'curl -u': s => ['curl', '-u', `bob:${s}`, 'https://h/'],
  'curl -su': s => ['curl', '-su', `bob:${s}`, 'https://h/'],
  'curl -uX': s => ['curl', `-ubob:${s}`, 'https://h/'],
  'curl --user': s => ['curl', '--user', `bob:${s}`, 'https://h/'],
  'curl --user=': s => ['curl', `--user=bob:${s}`, 'https://h/'],
  'a header': s => ['curl', '-H', `Authorization: Bearer ${s}`, 'https://h/'],
  'a header behind =': s => ['curl', `--header=X-Vault-Token: ${s}`, 'https://h/'],
  'a header of two words': s => ['curl', '-H', `Authorization: token ${s}`],
  cookies: s => ['curl', '-H', `Cookie: theme=dark; session=${s}`],
  'a form': s => ['curl', '--data', `user=u&password=${s}`, 'https://h/'],
  'a JSON body': s => ['curl', '-d', `{"user":"u","password":"${s}"}`, 'https://h/'],
  'a JSON body with spaces': s => ['curl', '--data', `{ "token" : "${s}", "a": 1 }`],
  'a Secret as JSON': s => ['kubectl', 'patch', 'secret', 'x', '-p', `{"stringData":{"pin":"${s}"}}`],
  'basic auth in base64': s => ['curl', '-H', `Authorization: Basic ${Buffer.from(`bob:${s}`).toString('base64')}`],
  'a connection string': s => ['sqltool', `Server=db;User Id=sa;Password=${s};`],
  'a DSN': s => ['psql', `host=db user=u password=${s}`],
  SQL: s => ['psql', '-c', `ALTER USER u WITH PASSWORD '${s}'`],
  'SQL of MySQL': s => ['mysql', '-e', `CREATE USER u IDENTIFIED BY '${s}'`],
  'SQL that sets': s => ['mysql', '-e', `SET PASSWORD FOR 'u'='${s}'`],
  'a call': s => ['mongosh', '--eval', `db.auth("u", "${s}")`],
  'mysql -p': s => ['mysql', `-p${s}`],
  'redis-cli -a': s => ['redis-cli', '-a', s, 'info'],
  'a configuration that is set': s => ['redis-cli', 'CONFIG', 'SET', 'requirepass', s],
  'aws configure': s => ['aws', 'configure', 'set', 'aws_secret_access_key', s],
  sshpass: s => ['sshpass', '-p', s, 'ssh', 'host'],
  'vault login': s => ['vault', 'login', s],
  'vault kv put': s => ['vault', 'kv', 'put', 'secret/x', `value=${s}`],
  'cqlsh -p': s => ['cqlsh', '-u', 'bob', '-p', s],
  'skopeo --creds': s => ['skopeo', 'inspect', '--creds', `bob:${s}`, 'docker://x'],
  'mysqladmin password': s => ['mysqladmin', 'password', s],
  'vault unseal': s => ['vault', 'operator', 'unseal', s],
  'htpasswd -b': s => ['htpasswd', '-b', 'users', 'bob', s],
  'htpasswd -nb': s => ['htpasswd', '-nb', 'bob', s],
  rabbitmqctl: s => ['rabbitmqctl', 'change_password', 'u', s],
  netrc: s => ['sh', '-c', `echo "machine h login u password ${s}" > ~/.netrc`],
  export: s => ['sh', '-c', `export TOKEN=${s}; app`],
  'export in quotes': s => ['sh', '-c', `export TOKEN="${s}"; app`],
  'a default value': s => ['sh', '-c', `echo \${DB_PASSWORD:-${s}}`],
  'sudo -S': s => ['sh', '-c', `echo ${s} | sudo -S id`],
  'a here string': s => ['sh', '-c', `docker login --password-stdin <<< ${s}`],
  'a word in pieces': s => ['sh', '-c', `PGPASSWORD=x'${s}' psql`],
  chpasswd: s => ['sh', '-c', `echo "root:${s}" | chpasswd`],
  'passwd --stdin': s => ['sh', '-c', `echo ${s} | passwd --stdin root`],
  'docker login': s => ['sh', '-c', `echo ${s} | docker login -u u --password-stdin h`],
  'a here document': s => ['sh', '-c', `cat <<EOF\nuser: u\npassword: ${s}\nEOF`],
  'a variable of a container in JSON': s => [
    'kubectl',
    'patch',
    'deploy',
    'x',
    '-p',
    `{"env":[{"name":"DB_PASSWORD","value":"${s}"}]}`,
  ],
  'one whose value comes first': s => ['app', `{"value":"${s}","name":"DB_PASSWORD"}`],
  'one in YAML': s => ['app', `env:\n- name: DB_PASSWORD\n  value: ${s}\n`],
  'one in a list of assignments': s => [
    'helm',
    'upgrade',
    'x',
    'y',
    '--set',
    `env[0].name=DB_PASSWORD,env[0].value=${s}`,
  ],
  'a step of a patch': s => [
    'kubectl',
    'patch',
    'x',
    'y',
    '-p',
    `[{"op":"add","path":"/spec/password","value":"${s}"}]`,
  ],
  'a Secret that is patched': s => ['kubectl', 'patch', 'secret', 'x', '-p', `{"data":{"pin":"${btoa(s)}"}}`],
  'a Secret that is patched by a step': s => [
    'kubectl',
    'patch',
    'secret/x',
    '-p',
    `[{"path":"/data/pin","value":"${btoa(s)}"}]`,
  ],
  'a Secret in YAML': s => ['app', `kind: Secret\ndata:\n  pin: ${btoa(s)}\nstringData:\n  other: ${s}\n`],
  'a call with a name': s => ['python3', '-c', `os.putenv("TOKEN", "${s}")`],
  'a call by a name': s => ['python3', '-c', `user.set_password("${s}")`],
  'a user and a password': s => ['python3', '-c', `get(url, auth=("bob", "${s}"))`],
  'a member in braces': s => ['perl', '-e', `$ENV{PASSWORD} = "${s}"`],
  'a text of bytes': s => ['python3', '-c', `connect(password=b"${s}")`],
  'a text of letters beyond ASCII': s => ['sqlcmd', '-Q', `ALTER LOGIN sa WITH PASSWORD = N'${s}'`],
  'a password within a function': s => ['psql', '-c', `UPDATE u SET password = md5('${s}')`],
  'a comparison': s => ['python3', '-c', `assert password == "${s}"`],
  'an escaped sign': s => ['curl', `https://h/?password%3D${s}`],
  'redis AUTH with a user': s => ['redis-cli', 'AUTH', 'bob', s],
  'a key in a store of keys': s => ['etcdctl', 'put', '/db/password', s],
  'a setting by two words': s => ['wp', 'config', 'set', 'DB_PASSWORD', s],
  'a password of a network': s => ['nmcli', 'dev', 'wifi', 'connect', 'x', 'password', s],
  'htpasswd -bnBC': s => ['htpasswd', '-bnBC', '10', 'bob', s],
  '--pw': s => ['app', '--pw', s],
  'a private key': s => [
    'sh',
    '-c',
    `cat <<EOF\n-----BEGIN RSA PRIVATE KEY-----\n${s}\n-----END RSA PRIVATE KEY-----\nEOF`,
  ],
}

/** What a command may be packed into. */
const WRAPPERS: Readonly<Record<string, (argv: Argv) => Argv>> = {
  'sh -c': argv => ['sh', '-c', line(argv)],
  'bash -lc between others': argv => ['/bin/bash', '-lc', `cd /tmp && ${line(argv)} && ls | wc -l`],
  'double quotes': argv => ['sh', '-c', argv.map(doubleQuoted).join(' ')],
  env: argv => ['env', 'LANG=C', ...argv],
  sudo: argv => ['sudo', '-u', 'root', ...argv],
  'kubectl exec': argv => ['kubectl', 'exec', 'web-0', '-c', 'web', '--', ...argv],
  timeout: argv => ['timeout', '5', ...argv],
  'a pipe': argv => ['sh', '-c', `cat /etc/hosts | ${line(argv)}`],
  'a substitution': argv => ['sh', '-c', `X=$(${line(argv)}); echo $X`],
  'an option': argv => ['app', `--command=${line(argv)}`],
}

const secret = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{11,29}$/)

test.each([
  'PGPASSWORD="x"\'hunter2\'y psql',
  "PGPASSWORD=x'hunter2' psql",
  "PGPASSWORD=$'hunter2' psql",
  'PGPASSWORD=$"hunter2" psql',
  'app --password \\\n hunter2',
])('masks a word whole, in whatever pieces a shell has it: %s', script => {
  expect(maskCommand(['sh', '-c', script])[2]).not.toContain('hunter2')
})

test.each([
  ['kubectl', 'create', 'token', 'builder'],
  ['kubectl', 'get', 'secret', 'db', '-o', 'yaml'],
  ['git', 'config', 'credential.helper', 'store'],
  ['grep', '-r', 'password', 'src'],
  ['sh', '-c', ': kind: Secret stringData:\n  rm -rf /data'],
  ['sh', '-c', ': kind: Secret\nstringData:\n  rm: $(rm -rf /data)\n'],
  ['sh', '-c', 'PASSWORD=$(cat /x) app'],
  ['sh', '-c', "printf 'x\\nreboot\\n' | sudo -S sh"],
  ...['xargs', 'lua', 'deno', 'bun', 'Rscript', 'tclsh', 'php8.2', 'su', '-s', '-i'].map(program => [
    'sh',
    '-c',
    `echo reboot | sudo -S ${program}`,
  ]),
  ['app', '{"name":"auth","path":"/x"}'],
])('leaves alone what says no credential: %s %s %s', (...argv) => {
  expect(maskCommand(argv)).toEqual(argv)
})

test('masks a member that is set by its name', () => {
  const argv = ['python3', '-c', `import os; os.environ['DB_PASSWORD']='hunter2'; os.system("ls")`]
  const [, , code = ''] = maskCommand(argv, { names: [], prefixes: [] })
  expect(code).not.toContain('hunter2')
  expect(code).toContain('os.system("ls")')
})

describe('maskCommand', () => {
  test.each(Object.keys(CREDENTIALS))('masks %s, alone and packed twice over', name => {
    const wrap = fc.constantFrom(...Object.values(WRAPPERS))
    fc.assert(
      fc.property(secret, fc.array(wrap, { maxLength: 2 }), (value, wrappers) => {
        const argv = wrappers.reduce((inner, pack) => pack(inner), CREDENTIALS[name]?.(value) ?? [])
        const masked = maskCommand(argv)
        expect(masked).toHaveLength(argv.length)
        const hidden = [value, Buffer.from(`bob:${value}`).toString('base64')]
        for (const each of hidden) expect(masked.join('\n')).not.toContain(each)
      }),
      { numRuns: 60 },
    )
  })
})

describe('a mask', () => {
  const COMMAND = 'rm -rf /data'
  const before = [
    'echo Authorization: Bearer',
    'echo Authorization: Basic abcdefgh',
    'echo password:',
    'echo password=',
    'echo password=x',
    'PASSWORD=',
    'export TOKEN="x',
    "export TOKEN='x",
    'mysql -p',
    'mysql -px',
    'mysql --password',
    'curl -u',
    'curl -H "Cookie: a=b',
    'curl https://a:b',
    'echo "machine h login u password',
    'psql -c "ALTER USER u PASSWORD \'x',
    'echo -----BEGIN PRIVATE KEY-----',
    'echo stringData: {a: b',
    'aws configure set aws_secret_access_key',
    'echo eyJhbGciOiJIUzI1NiJ9.e30.x',
    'token: bearer basic',
    "PGPASSWORD=a'x",
    'PGPASSWORD="a"x',
    "PGPASSWORD=$'x",
    "echo password=N'x",
    'echo password=md5(x',
    'echo name=PASSWORD,value=',
    'echo name=PASSWORD value=x',
    'echo value=x name=PASSWORD',
    'echo kind: Secret stringData: {a: b',
    'echo putenv("TOKEN", "x',
    'echo auth=("bob", "x',
    'echo set password',
    'etcdctl put /db/password',
    'redis-cli auth',
    'kinit',
    'rabbitmqctl add_user bob --x=y',
    'rabbitmqctl add_user',
    'bw login',
    'redis-cli auth bob',
    'docker login --password-stdin <<<',
    'docker login --password-stdin <<< x',
    'htpasswd -nb bob',
    'echo password%3D',
  ]
  const joined: readonly ((text: string) => string)[] = [
    text => `${text} $(${COMMAND})`,
    text => `${text}$(${COMMAND})`,
    text => `${text} \`${COMMAND}\``,
    text => `${text}|${COMMAND}`,
    text => `${text} | ${COMMAND}`,
    text => `${text};${COMMAND}`,
    text => `${text} ; ${COMMAND}`,
    text => `${text}&&${COMMAND}`,
    text => `${text} && ${COMMAND}`,
    text => `${text} || ${COMMAND}`,
    text => `${text}\n${COMMAND}`,
    text => `${text} <(${COMMAND})`,
  ]

  test('does not hide what a shell would run', () => {
    const inArguments: readonly ((script: string) => Argv)[] = [
      script => ['sh', '-c', script],
      script => ['sh', '-c', `sh -c ${quoted(script)}`],
      script => ['sh', '-c', `sh -c ${doubleQuoted(script)}`],
      script => [script],
      script => ['mysql', '-p', script],
    ]
    for (const text of before) {
      for (const join of joined) {
        for (const pack of inArguments) expect(maskCommand(pack(join(text))).join(' ')).toContain(COMMAND)
      }
    }
  })

  test.each(Object.keys(CREDENTIALS))('does not hide what a shell would run in the place of %s', name => {
    const places = ['x', ''].flatMap(value => joined.map(join => join(value)))
    for (const pack of Object.values(WRAPPERS)) {
      for (const packed of [pack, (argv: Argv) => ['sh', '-c', pack(argv).map(doubleQuoted).join(' ')]]) {
        for (const text of places) {
          const argv = packed(CREDENTIALS[name]?.(text) ?? [])
          // What is encoded shows no command in any case.
          if (argv.join(' ').includes(COMMAND)) expect(maskCommand(argv).join(' ')).toContain(COMMAND)
        }
      }
    }
  })

  test('does not hide what is piped to whoever reads a password', () => {
    const script = `curl -o /tmp/x http://h/y | docker login --password-stdin`
    expect(maskCommand(['sh', '-c', script])).toEqual(['sh', '-c', script])
    expect(maskCommand(['sh', '-c', `${COMMAND} | chpasswd`])[2]).toContain(COMMAND)
  })

  test('does not hide what a shell would run beside it', () => {
    for (const text of ['echo X-Auth-Token: ok', 'curl -u a:b', 'vault login x', 'docker login -p x', 'mysql -px']) {
      for (const script of [`${text}&${COMMAND}`, `${text} & ${COMMAND}`]) {
        expect(maskCommand(['sh', '-c', script])[2]).toContain(COMMAND)
      }
    }
  })

  const run = ['system', 'os.system', 'os.popen', 'execSync', 'cp.spawn', 'eval', 'qx', 'sys_exec', 'os.execlp', 'do']
  const inCode: readonly ((call: string) => string)[] = [
    call => `BEGIN{token=${call}("${COMMAND}")}`,
    call => `password = ${call} ('${COMMAND}')`,
    call => `password=${call}(b"${COMMAND}")`,
    call => `$token=${call}(${COMMAND})`,
    call => `{"token": ${call}("${COMMAND}")}`,
    call => `token="${COMMAND}"; ${call}(token)`,
    call => `$token="${COMMAND}"; ${call}($token)`,
    call => `${call}("passwd", "${COMMAND}")`,
    call => `${call}(*("passwd", "${COMMAND}"))`,
    call => `${call}(0,"passwd","${COMMAND}")`,
    call => `set("token", "${COMMAND}"); ${call}(get("token"))`,
    call => `${call}({"name": "token", "value": "${COMMAND}"}["value"])`,
    call => `x = {"value": "${COMMAND}", "name": "token"}; ${call}(x["value"])`,
    call => `${call}({"stringData": {"x": "${COMMAND}"}}["stringData"]["x"])`,
    call => `x = yaml("stringData:\n  x: ${COMMAND}\n"); ${call}(x)`,
  ]

  const timesShown = (argv: Argv): number => argv.join(' ').split(COMMAND).length - 1

  test.each(run)('does not hide what code runs by %s(', call => {
    for (const text of inCode) {
      for (const pack of Object.values(WRAPPERS)) {
        const argv = pack(['app', '-c', text(call)])
        expect(timesShown(maskCommand(argv)), argv.join(' ')).toBe(timesShown(argv))
      }
    }
  })

  test.each([
    ['python3', '-c', `f(*("token","${COMMAND}")[1:])`],
    ['python3', '-c', `subprocess.run(["passwd","${COMMAND}"])`],
    ['perl', '-e', `$token=system "${COMMAND}"`],
    ['python3', '-c', `spawn_auth("${COMMAND}")`],
    ['python3', '-c', `getattr(os, "sys" + "tem")({"name":"token","value":"${COMMAND}"}["value"])`],
    ['python3', '-c', `from os import system as s; s({"name":"token","value":"${COMMAND}"}["value"])`],
    ['python3', '-c', 'os.system(loads(argv[1])["value"])', `{"name":"token","value":"${COMMAND}"}`],
    ['ruby', '-e', `h={name: "token", value: "${COMMAND}"}; exec h[:value]`],
    ['php', '-r', `$x=["token","${COMMAND}"]; $f="sys"."tem"; $f({"name":"token","value":"${COMMAND}"})`],
    ['sh', '-c', `name=token value=rm\n$value -rf /data`],
    ['sh', '-c', `value=rm name=token; \${value} -rf /data`],
    ['sh', '-c', `set -- name=token value=rm\n\${2#value=} -rf /data`],
    ['sh', '-c', `token=rm\n$token -rf /data`],
    ['sh', '-c', `token='${COMMAND}'; $token`],
    ['sh', '-c', `token='${COMMAND}'; eval "$token"`],
    ['sh', '-c', `token='${COMMAND}'; sh -c "$token"`],
    ['sh', '-c', `echo '{"name":"token","value":"${COMMAND}"}' | jq -r .value | sh`],
    ...[
      'bash -e',
      'python3 -E -',
      'python3 -m code',
      'bash -c "$(cat)"',
      'sudo -u root $SHELL',
      'while read a b; do $b; done',
      'ssh x sh',
      'at now',
      'batch',
      'sudo -u root sh',
      'xargs -I{} sh -c {}',
      'env A=b lua -',
      'kubectl exec -i x -- bash',
      ...[
        'perl5.36',
        'node22',
        'ruby3.1',
        'pwsh.exe -NoProfile',
        'nu',
        'elvish',
        'tclsh',
        'luajit',
        'guile',
        'julia',
        'jshell',
        'irb',
      ],
      ...[
        'ipython',
        'pypy3',
        'psql',
        'mysql shop',
        'mongosh',
        'cqlsh',
        'sqlite3 /x',
        'redis-cli',
        'gdb',
        'ed -s x',
        'awk -f -',
        'sed -f -',
      ],
      ...[
        'kubectl exec -i x -- psql',
        'sudo -u postgres psql',
        'psql -c "$(cat)"',
        'ssh host',
        'newsh',
        'busybox sh',
        'expect',
      ],
    ].map(program => ['sh', '-c', `cat <<E | ${program}\nstringData:\n  x: ${COMMAND}\nE`]),
    ['sh', '-c', `sh <<E\nkind: Secret\ndata:\n  x: ${COMMAND}\nE`],
    ['sh', '-c', `cat > /tmp/x <<E\nstringData:\n  x: ${COMMAND}\nE\n. /tmp/x`],
    ['sh', '-c', `sh -c "cat <<E | sh\nstringData:\n  x: ${COMMAND}\nE\n"`],
  ])('shows what may run: %s %s %s', (...argv) => {
    expect(maskCommand(argv)).toEqual(argv)
  })

  test('does not hide what a call is given that may run it', () => {
    for (const call of ['run("', 'run(b"', "x.run('", 'run(1"', '(("']) {
      expect(maskCommand(['python3', '-c', `token=${call}/data/x.sh`])[2]).toContain('/data/x.sh')
    }
  })

  test('hides a credential that only reads like what runs', () => {
    for (const value of ['do-hunter2', 'qx-hunter2', 'system.hunter2', 'exec=hunter2', 'eval/hunter2']) {
      expect(maskCommand(['sh', '-c', `TOKEN=${value} sh -c 'app "$TOKEN"'`])[2]).not.toContain('hunter2')
    }
  })

  test('hides a Secret that is written down beside what runs no input', () => {
    for (const script of [
      'git push && cat <<E | kubectl apply -f -\nstringData:\n  x: hunter2\nE',
      'kubectl get x | perl -ne print; kubectl apply -f - <<E\nstringData:\n  x: hunter2\nE',
      'kubectl get x | python3 -m json.tool; kubectl apply -f - <<E\nstringData:\n  x: hunter2\nE',
      `kubectl exec "$POD" -- app '{"name":"DB_PASSWORD","value":"hunter2"}'`,
      `python3 app.py --env '{"name":"DB_PASSWORD","value":"hunter2"}'`,
      'kubectl apply -n mysql -f - <<E\nkind: Secret\nstringData:\n  x: hunter2\nE',
      'psql -c "select 1" && cat <<E | kubectl apply -f -\nstringData:\n  x: hunter2\nE',
      "awk '{print}' x > y; mysql -e 'select 1' > z; kubectl apply -f - <<E\nstringData:\n  x: hunter2\nE",
      'git stash; kubectl apply -f - <<E\nstringData:\n  x: hunter2\nE',
      `kubectl exec x -n kube-system -- app '{"name":"DB_PASSWORD","value":"hunter2"}'`,
    ]) {
      expect(maskCommand(['sh', '-c', script])[2]).not.toContain('hunter2')
    }
  })

  test.each(['pwsh', 'mksh', 'python3.12', 'lua5.4', 'php8.2', 'julia', 'psql', 'at now', '/opt/x/bin/tclsh8.6'])(
    'does not hide what is decoded and run by %s',
    program => {
      const packed = Buffer.from([...Array(48).keys()].map(n => (n * 151) % 256)).toString('base64')
      const script = `echo ${packed} | base64 -d | sudo -u root ${program}`
      expect(maskCommand(['sh', '-c', script])).toEqual(['sh', '-c', script])
    },
  )

  test('does not hide code that is decoded and run, and hides a credential that is only printed', () => {
    const code = Buffer.from('rm -rf /data --no-preserve-root').toString('base64')
    const packed = Buffer.from([...Array(48).keys()].map(n => (n * 151) % 256)).toString('base64')
    for (const shown of [
      `echo ${code}|base64 -d|sh`,
      `echo ${packed} | base64 -d | bash`,
      `eval $(base64 -d <<< ${packed})`,
    ]) {
      expect(maskCommand(['sh', '-c', shown])).toEqual(['sh', '-c', shown])
    }
    expect(maskCommand(['sh', '-c', `echo ${packed} > /tmp/x`])).toEqual(['sh', '-c', 'echo [masked] > /tmp/x'])
    const words = Buffer.from('password=hunter2hunter2 and more').toString('base64')
    expect(maskCommand(['sh', '-c', `echo ${words}|base64 -d`]).join()).not.toContain(words)
  })
})
