import { at, listAt, membersAt, textAt } from './json.ts'

export function isReady(pod: unknown): boolean {
  const condition = listAt(pod, 'status', 'conditions').find(each => textAt(each, 'type') === 'Ready')
  return textAt(condition, 'status') === 'True'
}

/** All that may be entered. */
export function containersOf(pod: unknown): readonly unknown[] {
  return ['containers', 'initContainers', 'ephemeralContainers'].flatMap(list => listAt(pod, 'spec', list))
}

/** `ReplicaSet web-5d4f`, or that there is none. */
export function ownerOf(object: unknown): string {
  const owners = listAt(object, 'metadata', 'ownerReferences')
  const owner = owners.find(each => at(each, 'controller') === true) ?? owners[0]
  return owner === undefined
    ? 'nobody: nothing would start it again'
    : `${textAt(owner, 'kind')} ${textAt(owner, 'name')}`
}

/** Claims that a pod mounts. */
export function claimsOf(pod: unknown): readonly string[] {
  return listAt(pod, 'spec', 'volumes')
    .map(volume => textAt(volume, 'persistentVolumeClaim', 'claimName'))
    .filter(name => name !== '')
}

/** The service account whose token it has; '' where it does not say. */
export function runsAs(pod: unknown): string {
  return textAt(pod, 'spec', 'serviceAccountName')
}

export function usesConfigMap(pod: unknown, name: string): boolean {
  const isMounted = listAt(pod, 'spec', 'volumes').some(
    volume =>
      textAt(volume, 'configMap', 'name') === name ||
      listAt(volume, 'projected', 'sources').some(source => textAt(source, 'configMap', 'name') === name),
  )
  const inEnvironment = (container: unknown) =>
    listAt(container, 'env').some(each => textAt(each, 'valueFrom', 'configMapKeyRef', 'name') === name) ||
    listAt(container, 'envFrom').some(each => textAt(each, 'configMapRef', 'name') === name)
  return isMounted || containersOf(pod).some(inEnvironment)
}

/** csi, azureFile, cephfs, rbd, flexVolume, iscsi, scaleIO and storageos say it in three ways. */
function opensBy(source: unknown): string {
  const refs = ['secretRef', 'nodePublishSecretRef'].map(ref => textAt(source, ref, 'name'))
  return [textAt(source, 'secretName'), ...refs].find(name => name !== '') ?? ''
}

/** How this pod comes to a Secret of this name; '' when it does not. */
export function usesSecret(pod: unknown, name: string): string {
  const volumes = listAt(pod, 'spec', 'volumes')
  const isMounted = volumes.some(
    volume =>
      textAt(volume, 'secret', 'secretName') === name ||
      listAt(volume, 'projected', 'sources').some(source => textAt(source, 'secret', 'name') === name),
  )
  const opens = volumes.some(volume =>
    membersAt(volume).some(([kind, of]) => kind !== 'secret' && opensBy(of) === name),
  )
  const inEnvironment = containersOf(pod).some(
    container =>
      listAt(container, 'env').some(each => textAt(each, 'valueFrom', 'secretKeyRef', 'name') === name) ||
      listAt(container, 'envFrom').some(each => textAt(each, 'secretRef', 'name') === name),
  )
  const pulls = listAt(pod, 'spec', 'imagePullSecrets').some(each => textAt(each, 'name') === name)
  const ways = [
    isMounted ? 'mounts it' : '',
    opens ? 'has a volume that is opened with it' : '',
    inEnvironment ? 'has it in its environment' : '',
    pulls ? 'pulls its image with it' : '',
  ]
  return ways.filter(way => way !== '').join(', ')
}
