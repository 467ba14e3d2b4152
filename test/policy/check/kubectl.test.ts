import { describe, expect, test } from 'vitest'
import { about, deployments, pods } from './warnings.ts'

describe('checkPolicy', () => {
  test.each([
    {
      name: 'exec without get on pods',
      rules: [{ verbs: ['create'], resources: ['pods/exec'] }],
      want: ['template task, rule 1: kubectl exec reads the pod first and wants get on pods too'],
    },
    { name: 'exec with get on pods', rules: [{ verbs: ['create'], resources: ['pods/exec'] }, pods], want: [] },
    {
      name: 'exec by get alone',
      rules: [{ verbs: ['get'], resources: ['pods/exec', 'pods'] }],
      want: ['template task, rule 1: pods/exec wants create, whichever way it comes; get alone opens nothing'],
    },
    {
      name: 'port-forward without get on pods',
      rules: [{ verbs: ['create'], resources: ['pods/portforward'] }],
      want: ['template task, rule 1: kubectl port-forward reads the pod first and wants get on pods too'],
    },
    {
      name: 'logs without get on pods',
      rules: [{ verbs: ['get'], resources: ['pods/log'] }],
      want: ['template task, rule 1: kubectl logs reads the pod first and wants get on pods too'],
    },
    { name: 'logs with get on pods', rules: [{ verbs: ['get'], resources: ['pods', 'pods/log'] }], want: [] },
    {
      name: 'logs by list',
      rules: [{ verbs: ['list'], resources: ['pods/log'] }, pods],
      want: ['template task, rule 1: kubectl logs wants get on pods/log'],
    },
    {
      name: 'logs where pods/log is meant',
      rules: [{ verbs: ['get'], resources: ['pods', 'pods/logs'] }],
      want: ['template task, rule 1: there is no resource "pods/logs"; kubectl logs wants get on pods/log'],
    },
    {
      name: 'patch without get',
      rules: [{ verbs: ['patch'], fields: ['spec.replicas'], ...deployments }],
      want: ['template task, rule 1: kubectl patch wants get on deployments too'],
    },
    {
      name: 'rollout status without list and watch',
      rules: [{ verbs: ['get', 'patch'], fields: ['spec.replicas'], ...deployments }],
      want: ['template task, rule 1: kubectl rollout status wants list and watch on deployments too'],
    },
    {
      name: 'rollout',
      rules: [{ verbs: ['get', 'list', 'watch', 'patch'], fields: ['spec.replicas'], ...deployments }],
      want: [],
    },
    {
      name: 'scale without get',
      rules: [{ verbs: ['patch'], apiGroups: ['apps'], resources: ['deployments/scale'] }],
      want: ['template task, rule 1: kubectl scale reads the object first and wants get on deployments too'],
    },
    {
      name: 'watch without list',
      rules: [{ verbs: ['watch'], resources: ['pods'] }],
      want: ['template task, rule 1: kubectl get -w lists before it watches and wants list on pods too'],
    },
    {
      name: 'delete of what it may get, and not watch',
      rules: [{ verbs: ['get', 'delete'], resources: ['configmaps'], resourceNames: ['a'] }],
      want: [
        'template task, rule 1: kubectl delete waits until it is gone and wants list and watch on configmaps too, of the same names at least',
      ],
    },
    {
      name: 'delete of certain names, with all that kubectl asks for them',
      rules: [{ verbs: ['get', 'list', 'watch', 'delete'], resources: ['configmaps'], resourceNames: ['a'] }],
      want: [],
    },
    { name: 'delete alone, which kubectl can do', rules: [{ verbs: ['delete'], resources: ['pods'] }], want: [] },
    {
      name: 'wait by get alone',
      rules: [{ verbs: ['get'], resources: ['pods', 'configmaps'] }],
      want: ['template task, rule 1: kubectl wait wants list and watch on pods too'],
    },
    {
      name: 'rollout status by get alone, of what is scaled',
      rules: [
        { verbs: ['get', 'list'], ...deployments },
        { verbs: ['patch'], apiGroups: ['apps'], resources: ['deployments/scale'] },
      ],
      want: ['template task, rule 1: kubectl wait and rollout status want watch on deployments too'],
    },
    {
      name: 'a Deployment that is looked at on the way to its logs',
      rules: [{ verbs: ['get'], ...deployments }, pods, { verbs: ['get'], resources: ['pods/log'] }],
      want: [],
    },
    { name: 'everything', rules: [{ apiGroups: ['*'] }], want: [] },
  ])('kubectl: $name', ({ rules, want }) => {
    expect(about(...rules)).toEqual(want)
  })
})
