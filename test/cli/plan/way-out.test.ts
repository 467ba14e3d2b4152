import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ensureToolchain } from '../../../local/toolchain/toolchain.ts'
import { wayOut, withoutWayOut } from '../../../src/cli/plan/way-out.ts'

const split = (line: string) => {
  const [program = '', ...args] = line.split(' ')
  return wayOut(program, args)
}

describe('wayOut', () => {
  test.each([
    ['kubectl --kubeconfig admin.yaml apply -f x', '--kubeconfig'],
    ['kubectl apply -f x --kubeconfig=admin.yaml', '--kubeconfig'],
    ['/usr/bin/kubectl apply --server https://10.0.0.1 -f x', '--server'],
    ['kubectl apply -s https://10.0.0.1 -f x', '-s'],
    ['kubectl apply -shttps://10.0.0.1 -f x', '-s'],
    ['kubectl apply -Rs https://10.0.0.1 -f x', '-s'],
    ['kubectl delete pod web --token=abc', '--token'],
    ['kubectl delete pod web --client_key=k --client_certificate=c', '--client-key'],
    ['kubectl delete pod web --insecure_skip_tls_verify', '--insecure-skip-tls-verify'],
    ['kubectl --context production delete pod web', '--context'],
    ['kubectl --cluster production delete pod web', '--cluster'],
    ['kubectl --user admin delete pod web', '--user'],
    ['kubectl delete pod web --as root --as-group=system:masters', '--as'],
    ['kubectl delete pod web --kuberc mine.yaml', '--kuberc'],
    ['kubectl-1.30 delete pod web --context=production', '--context'],
    ['helm upgrade web ./web --kubeconfig admin.yaml', '--kubeconfig'],
    ['helm upgrade web ./web --kube-context=production', '--kube-context'],
    ['helm --kube-apiserver https://10.0.0.1 uninstall web', '--kube-apiserver'],
    ['helm --kube-token abc --kube-as-user root uninstall web', '--kube-token'],
  ])('%s: %s leads elsewhere', (line, option) => {
    expect(split(line)).toContain(`leave ${option} out: `)
  })

  test.each([
    ['env KUBECONFIG=admin.yaml kubectl apply -f x', 'env is neither kubectl nor helm'],
    ['sh -c kubectl', 'sh is neither kubectl nor helm'],
    ['./deploy.sh', 'deploy.sh is neither kubectl nor helm'],
    ['kubectl-neat apply', 'kubectl-neat is neither kubectl nor helm'],
    ['kubectl neat apply -f x', 'kubectl neat is a plugin'],
    ['helm upgrade web ./web --post-renderer ./render.sh', '--post-renderer starts'],
    ['helm upgrade web ./web --post-renderer=./render.sh', '--post-renderer starts'],
    ['helm upgrade web ./web --post-renderer-args x', '--post-renderer starts'],
    ['kubectl kustomize ./web --enable-helm', 'kustomize starts'],
    ['kubectl kustomize --enable_helm ./web', 'kustomize starts'],
    ['kubectl kustomize ./web --enable-alpha-plugins --enable-exec', 'kustomize starts'],
    ['kubectl kustomize ./web --enable-helm=true --helm-command=./helm', 'kustomize starts'],
  ])('%s: nobody knows where it goes', (line, says) => {
    expect(split(line)).toContain(says)
  })

  test.each([
    'kubectl apply -f x',
    'kubectl -n shop apply -fsettings.yaml --server-side',
    'kubectl delete pod -lapp=s',
    'kubectl create rolebinding look --clusterrole=view --user=ada',
    'kubectl set subject clusterrolebinding look --user ada',
    'kubectl run web --image web:1 -- serve --server=0.0.0.0 -s --token t',
    'helm upgrade --install web ./web --kube-version 1.36 --username ada',
    'helm template web ./web -s templates/web.yaml',
  ])('%s goes where KUBECONFIG says', line => {
    expect(split(line)).toBeNull()
  })
})

test('a client gets nothing by which it would go or write elsewhere', () => {
  const env = {
    PATH: '/bin',
    HELM_NAMESPACE: 'shop',
    HELM_KUBEAPISERVER: 'https://10.0.0.1',
    HELM_KUBETOKEN: 'abc',
    KUBECTL_EXTERNAL_DIFF: './compare.sh',
    HELM_DRIVER_SQL_CONNECTION_STRING: 'postgresql://db',
    KUBECONFIG: 'admin.yaml',
    KUBERC: 'mine.yaml',
  }
  expect(withoutWayOut(env, '/tmp/config')).toEqual({
    PATH: '/bin',
    HELM_NAMESPACE: 'shop',
    KUBECONFIG: '/tmp/config',
    KUBERC: 'off',
    KUBECTL_KUBERC: 'false',
    KUBECTL_ENABLE_CMD_SHADOW: 'false',
    HELM_NO_PLUGINS: '1',
  })
})

test('what a folder of kustomize names as a program is not started by kubectl itself', async () => {
  const { kubectl } = await ensureToolchain(() => undefined)
  const folder = await mkdtemp(join(tmpdir(), 'lg-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const write = (name: string, text: string, mode = 0o600) => writeFile(join(folder, name), text, { mode })
  await write('settings.yaml', '{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}')
  await write('mark.sh', `#!/bin/sh\ntouch ${join(folder, 'was-started')}\ncat\n`, 0o700)
  const named = 'config.kubernetes.io/function: "exec: {path: ./mark.sh}"'
  await write('named.yaml', `{apiVersion: example.com/v1, kind: Mark, metadata: {name: m, annotations: {${named}}}}`)
  for (const kind of [
    'transformers: [named.yaml]',
    'generators: [named.yaml]',
    'helmCharts: [{name: web, repo: "http://127.0.0.1:1", version: "1"}]',
  ]) {
    await write('kustomization.yaml', `resources: [settings.yaml]\n${kind}\n`)
    const server = ['--server', 'http://127.0.0.1:1', '--validate=false']
    for (const args of [
      ['kustomize', folder],
      ['apply', '-k', folder, ...server],
    ])
      expect(await promisify(execFile)(kubectl, args).catch(({ stderr }) => stderr)).toMatch(/plugin|enable-helm|exec/)
  }
  expect(await readdir(folder)).not.toContain('was-started')
})
