import { describe, expect, test } from 'vitest'
import { maskCommand } from '../../../src/record/mask/mask.ts'
import { type Argv, CREDENTIALS, doubleQuoted, quoted, WRAPPERS } from './packed-credentials.ts'

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
