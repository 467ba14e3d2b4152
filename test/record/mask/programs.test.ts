import { describe, expect, test } from 'vitest'
import { maskCommand } from '../../../src/record/mask/mask.ts'

const SECRET = 'correcthorse'
const sh = (script: string) => ['sh', '-c', script]

describe('a credential that its place tells, and no name', () => {
  test.each(
    [
      ['sqlplus', `scott/${SECRET}@db`],
      ['sqlplus', '-s', `scott/${SECRET}@//host:1521/xe`],
      ['sqlldr', `userid=scott/${SECRET}@db`],
      ['rman', 'target', `sys/${SECRET}@db`],
      ['impdp', `'system/${SECRET}@db'`, 'full=y'],
      sh(`sqlplus -s scott/${SECRET}@db @/opt/x.sql`),
      ['app', `jdbc:oracle:thin:scott/${SECRET}@h:1521:x`],
      ['app', `u:${SECRET}@tcp(h:3306)/db`],
      ['app', `u:${SECRET}@unix(/run/mysql.sock)/db`],
      ['couchbase-cli', 'bucket-list', '-p', SECRET],
      ['ldappasswd', '-s', SECRET],
      ['kadmin', '-p', 'admin', '-w', SECRET, '-q', 'listprincs'],
      ['isql', 'dsn', 'user', SECRET],
      ['db2', 'connect', 'to', 'd', 'user', 'u', 'using', SECRET],
      ['doctl', 'auth', 'init', '-t', SECRET],
      ['az', 'keyvault', 'secret', 'set', '--name', 'n', '--value', SECRET],
      ['aws', 'ssm', 'put-parameter', '--name', 'a', '--value', SECRET],
      ['gh', 'secret', 'set', 'A', '--body', SECRET],
      ['gh', 'secret', 'set', 'A', '-b', SECRET],
      ['rclone', 'obscure', SECRET],
      ['mc', 'alias', 'set', 'a', 'http://h', 'KEY', SECRET],
      ['mc', 'admin', 'user', 'add', 'a', 'u', SECRET],
      ['pulumi', 'config', 'set', '--secret', 'dbPassword', SECRET],
      ['sonar-scanner', `-Dsonar.login=${SECRET}`],
      ['fish', '-c', `set -x TOKEN ${SECRET}`],
      ['csh', '-c', `setenv TOKEN ${SECRET}`],
      sh(`curl -H Authorization:\\ Bearer\\ ${SECRET} x`),
      sh(`curl -H X-Api-Key:\\ ${SECRET} x`),
      sh(`echo "h:5432:db:u:${SECRET}" > ~/.pgpass`),
      sh(`echo -n ${SECRET} | gcloud secrets create a --data-file=-`),
      sh(`printf %s ${SECRET} | kubectl create secret generic a --from-file=k=/dev/stdin`),
      sh(`echo ${SECRET} | pass insert -e x`),
      sh(`echo ${SECRET} | docker secret create x -`),
      ['powershell', '-c', `ConvertTo-SecureString "${SECRET}" -AsPlainText -Force`],
      ['sqlite3', 'x', `PRAGMA key='${SECRET}'`],
      ['python', '-c', `User.objects.create_superuser("a","b","${SECRET}")`],
      ['clickhouse-client', '-q', `SELECT * FROM remote('h','db','t','u','${SECRET}')`],
      ['clickhouse-client', '-q', `SELECT * FROM remoteSecure('h', db.t, 'u', '${SECRET}')`],
      ['clickhouse-client', '-q', `INSERT INTO FUNCTION mysql('h:3306','db','t','u','${SECRET}') SELECT 1`],
      ['clickhouse-client', '-q', `SELECT * FROM postgresql('h:5432', 'db', 't', 'u', '${SECRET}', 'public')`],
      ['clickhouse-client', '-q', `SELECT * FROM s3('https://b/x.csv','AKIAIOSFODNN7EXAMPLE','${SECRET}')`],
      sh(`cat > /etc/app.yaml <<EOF\ndb:\n  password: |\n    ${SECRET}\nEOF`),
      sh(`cat > /etc/app.yaml <<'EOF'\npassword: >-\n  ${SECRET}\n  ${SECRET}\nother: x\nEOF`),
      sh(`kubectl apply -f - <<EOF\napp:\n  apiToken: |2-\n      ${SECRET}\nEOF`),
      sh(`kubectl -n shop --context=prod apply -f - <<EOF\npassword: |\n  ${SECRET}\nEOF\nkubectl get x`),
      sh(`cat <<EOF | kubectl apply -n shop -f -\npassword: |\n  ${SECRET}\nEOF`),
      sh(`cat <<EOF > /tmp/s.yaml\npassword: |\n  ${SECRET}\nEOF\nkubectl apply -f /tmp/s.yaml`),
      sh(`tee app.conf <<EOF\npassword: |\n  ${SECRET}\nEOF`),
    ].map(argv => [argv.join(' '), argv] as const),
  )('is masked: %s', (_, argv) => {
    expect(maskCommand(argv).join(' ')).not.toContain(SECRET)
  })

  test('keeps what stands around it', () => {
    expect(maskCommand(['sqlplus', '-s', `scott/${SECRET}@db`, '@/opt/x.sql'])).toEqual([
      'sqlplus',
      '-s',
      'scott/[masked]@db',
      '@/opt/x.sql',
    ])
    expect(maskCommand(['mc', 'alias', 'set', 'a', 'http://h', 'KEY', SECRET]).slice(0, 6)).toEqual([
      'mc',
      'alias',
      'set',
      'a',
      'http://h',
      'KEY',
    ])
    const file = 'cat > /a.yaml <<EOF\npassword: |\n  x\nother: y\nEOF\nrm -rf /data'
    expect(maskCommand(sh(file))).toEqual(sh(file.replace('  x', '  [masked]')))
  })
})

describe('what only looks like one', () => {
  test.each(
    [
      ['sqlplus', '/', 'as', 'sysdba'],
      ['sqlplus', '/nolog', '@/opt/run.sql'],
      ['sqlldr', 'control=ctl/load.ctl'],
      ['ls', 'user/files@old'],
      ['ssh', 'root@tcp'],
      ['aws', 'ecs', 'put-attributes', '--value', 'x'],
      ['kubectl', 'get', 'secret', 'a', '-b', 'x'],
      ['mc', 'ls', 'set', 'a', 'b', 'c', 'd'],
      ['clickhouse-client', '-q', "SELECT * FROM s3('https://b/x.csv','CSV','a String')"],
      ['clickhouse-client', '-q', "SELECT * FROM remote('h', system.one)"],
      ['pg_dump', 'h:5432:db:u:x'],
      // Not in a text that is only written down: a shell would run what stands below.
      sh('password: |\n  rm -rf /data'),
      sh('bash <<EOF\npassword: |\n  rm -rf /data\nEOF'),
      sh('cat <<EOF | sh\npassword: |\n  rm -rf /data\nEOF'),
      sh('cat > /tmp/x <<EOF\npassword: |\n  rm -rf /data\nEOF\nsh /tmp/x'),
      sh('psql <<EOF\npassword: |\n  \\! rm -rf /data\nEOF'),
      sh('cat > /a <<EOF\npassword: |\n  $(rm -rf /data)\nEOF'),
      sh('cat > /a <<EOF\npassword: |\n  `rm -rf /data`\nEOF'),
      sh('cat > /a.yaml <<EOF\npassword: |\nEOF\nrm -rf /data'),
      ...[
        'kubectl exec -i web -- $SHELL <<EOF',
        'kubectl exec -i web -- "$0" <<EOF',
        'kubectl exec -i db psql <<EOF',
        'oc rsh db psql <<EOF',
        'kubectl run x --image=busybox -i <<EOF',
        'cat <<EOF | kubectl exec -i web -- $SHELL',
        'cat <<EOF | kubectl exec -i web -- create',
        'cat <<EOF > >($SHELL)',
        'cat <<EOF | tee >($SHELL)',
        'cat > /tmp/run <<EOF',
        'cat > /etc/cron.d/job <<EOF',
        'cat <<EOF | tee /dev/null >/tmp/y',
        'cat <<EOF > /a.yaml | /tmp/y',
        'kubectl apply -f - <<EOF | /tmp/y',
      ].map(line => sh(`${line}\npassword: |\n  rm -rf /data\nEOF`)),
      sh('(cat <<EOF\npassword: |\n  rm -rf /data\nEOF\n) | /proc/$$/exe'),
      sh('{ cat <<EOF\npassword: |\n  rm -rf /data\nEOF\n} | /tmp/y'),
      sh('cat > /tmp/a.yaml <<EOF\npassword: |\n  rm -rf /data\nEOF\n/tmp/a.yaml'),
      sh('cat > a.yaml <<EOF\npassword: |\n  rm -rf /data\nEOF\nsudo ./a.yaml'),
      ...['/tmp/x.ya?l', 'exec ./*.yaml', 'for f in /tmp/x*; do $f; done', 'cp /tmp/x.y* /job; /job'].map(run =>
        sh(`cat > /tmp/x.yaml <<EOF\npassword: |\n  rm -rf /data\nEOF\n${run}`),
      ),
      ...['tee /job x.yaml', 'cat > /job x.yaml -', 'cat x.yaml -', 'tee a.yaml >/job', 'tee -a x.yaml /job'].map(
        line => sh(`${line} <<EOF\npassword: |\n  rm -rf /data\nEOF\n/job`),
      ),
      // A name that means something else by then.
      ...[
        'kubectl() { "$0"; }',
        'function kubectl { $0; }',
        'alias kubectl=sh',
        'hash -p /bin/sh kubectl',
        'PATH=.:$PATH',
        'export BASH_ENV=/job',
        'KUBECTL_EXTERNAL_DIFF=/job',
      ].map(before => sh(`${before}\nkubectl apply -f - <<EOF\npassword: |\n  rm -rf /data\nEOF`)),
      sh('cat x.yaml - <<EOF > /job\npassword: |\n  rm -rf /data\nEOF\n/job'),
      ['python3', '-c', "import os\ndef create_user(a,b,c): os.system(c)\ncreate_user('x','y','rm -rf /data')"],
      ['node', '-e', "function mysql(a,b,c,d,e){cp.execSync(e)}; mysql(1,2,3,4,'rm -rf /data')"],
    ].map(argv => [argv.join(' '), argv] as const),
  )('stays: %s', (_, argv) => {
    expect(maskCommand(argv)).toEqual(argv)
  })
})
