/**
 * Messages that lead to what a pod is made of: numbers, names and types of their fields, from generated.proto of k8s.io/api 0.36
 * (core/v1, apps/v1, batch/v1) and k8s.io/apimachinery. `any` is not looked into, `...` stands in its parent in JSON, `*` repeats.
 */
export const MESSAGES: Readonly<Record<string, string>> = {
  Pod: '1 metadata ObjectMeta, 2 spec PodSpec, 3 status any',
  ObjectMeta: `
    1 name text, 2 generateName text, 3 namespace text, 4 selfLink text, 5 uid text, 6 resourceVersion text,
    7 generation number, 8 creationTimestamp any, 9 deletionTimestamp any, 10 deletionGracePeriodSeconds number,
    11 labels any*, 12 annotations texts*, 13 ownerReferences any*, 14 finalizers text*, 17 managedFields any*`,
  PodSpec: `
    1 volumes Volume*, 2 containers Container*, 3 restartPolicy text, 4 terminationGracePeriodSeconds number,
    5 activeDeadlineSeconds number, 6 dnsPolicy text, 7 nodeSelector any*, 8 serviceAccountName text,
    9 serviceAccount text, 10 nodeName text, 11 hostNetwork flag, 12 hostPID flag, 13 hostIPC flag,
    14 securityContext PodSecurityContext, 15 imagePullSecrets any*, 16 hostname text, 17 subdomain text,
    18 affinity any, 19 schedulerName text, 20 initContainers Container*, 21 automountServiceAccountToken flag,
    22 tolerations any*, 23 hostAliases any*, 24 priorityClassName text, 25 priority number, 26 dnsConfig any,
    27 shareProcessNamespace flag, 28 readinessGates any*, 29 runtimeClassName text, 30 enableServiceLinks flag,
    31 preemptionPolicy text, 32 overhead any*, 33 topologySpreadConstraints any*,
    34 ephemeralContainers EphemeralContainer*, 35 setHostnameAsFQDN flag, 36 os any, 37 hostUsers flag,
    38 schedulingGates any*, 39 resourceClaims any*, 40 resources any, 41 hostnameOverride text,
    43 schedulingGroup any`,
  Volume: '1 name text, 2 ... VolumeSource',
  VolumeSource: `
    1 hostPath any, 2 emptyDir any, 3 gcePersistentDisk any, 4 awsElasticBlockStore any, 5 gitRepo any, 6 secret any,
    7 nfs any, 8 iscsi ISCSIVolumeSource, 9 glusterfs any, 10 persistentVolumeClaim any, 11 rbd RBDVolumeSource,
    12 flexVolume FlexVolumeSource, 13 cinder CinderVolumeSource, 14 cephfs CephFSVolumeSource, 15 flocker any,
    16 downwardAPI any, 17 fc any, 18 azureFile AzureFileVolumeSource, 19 configMap any, 20 vsphereVolume any,
    21 quobyte any, 22 azureDisk any, 23 photonPersistentDisk any, 24 portworxVolume any,
    25 scaleIO ScaleIOVolumeSource, 26 projected ProjectedVolumeSource, 27 storageos StorageOSVolumeSource,
    28 csi CSIVolumeSource, 29 ephemeral any, 30 image any`,
  ISCSIVolumeSource: `
    1 targetPortal text, 2 iqn text, 3 lun number, 4 iscsiInterface text, 5 fsType text, 6 readOnly flag,
    7 portals text*, 8 chapAuthDiscovery flag, 10 secretRef any, 11 chapAuthSession flag, 12 initiatorName text`,
  RBDVolumeSource: `
    1 monitors text*, 2 image text, 3 fsType text, 4 pool text, 5 user text, 6 keyring text, 7 secretRef any,
    8 readOnly flag`,
  FlexVolumeSource: '1 driver text, 2 fsType text, 3 secretRef any, 4 readOnly flag, 5 options any*',
  CinderVolumeSource: '1 volumeID text, 2 fsType text, 3 readOnly flag, 4 secretRef any',
  CephFSVolumeSource: `
    1 monitors text*, 2 path text, 3 user text, 4 secretFile text, 5 secretRef any, 6 readOnly flag`,
  AzureFileVolumeSource: '1 secretName text, 2 shareName text, 3 readOnly flag',
  ScaleIOVolumeSource: `
    1 gateway text, 2 system text, 3 secretRef any, 4 sslEnabled flag, 5 protectionDomain text, 6 storagePool text,
    7 storageMode text, 8 volumeName text, 9 fsType text, 10 readOnly flag`,
  ProjectedVolumeSource: '1 sources VolumeProjection*, 2 defaultMode number',
  VolumeProjection: `
    1 secret any, 2 downwardAPI any, 3 configMap any, 4 serviceAccountToken any, 5 clusterTrustBundle any,
    6 podCertificate any`,
  StorageOSVolumeSource: `
    1 volumeName text, 2 volumeNamespace text, 3 fsType text, 4 readOnly flag, 5 secretRef any`,
  CSIVolumeSource: `
    1 driver text, 2 readOnly flag, 3 fsType text, 4 volumeAttributes any*, 5 nodePublishSecretRef any`,
  Container: `
    1 name text, 2 image text, 3 command text*, 4 args text*, 5 workingDir text, 6 ports ContainerPort*,
    7 env EnvVar*, 8 resources any, 9 volumeMounts any*, 10 livenessProbe Probe, 11 readinessProbe Probe,
    12 lifecycle Lifecycle, 13 terminationMessagePath text, 14 imagePullPolicy text,
    15 securityContext SecurityContext, 16 stdin flag, 17 stdinOnce flag, 18 tty flag, 19 envFrom EnvFromSource*,
    20 terminationMessagePolicy text, 21 volumeDevices any*, 22 startupProbe Probe, 23 resizePolicy any*,
    24 restartPolicy text, 25 restartPolicyRules any*`,
  ContainerPort: '1 name text, 2 hostPort number, 3 containerPort number, 4 protocol text, 5 hostIP text',
  EnvVar: '1 name text, 2 value text, 3 valueFrom EnvVarSource',
  EnvVarSource: `
    1 fieldRef any, 2 resourceFieldRef any, 3 configMapKeyRef any, 4 secretKeyRef any, 5 fileKeyRef any`,
  Probe: `
    1 ... ProbeHandler, 2 initialDelaySeconds number, 3 timeoutSeconds number, 4 periodSeconds number,
    5 successThreshold number, 6 failureThreshold number, 7 terminationGracePeriodSeconds number`,
  ProbeHandler: '1 exec any, 2 httpGet HTTPGetAction, 3 tcpSocket TCPSocketAction, 4 grpc any',
  HTTPGetAction: '1 path text, 2 port any, 3 host text, 4 scheme text, 5 httpHeaders any*',
  TCPSocketAction: '1 port any, 2 host text',
  Lifecycle: '1 postStart LifecycleHandler, 2 preStop LifecycleHandler, 3 stopSignal text',
  LifecycleHandler: '1 exec any, 2 httpGet HTTPGetAction, 3 tcpSocket TCPSocketAction, 4 sleep any',
  SecurityContext: `
    1 capabilities Capabilities, 2 privileged flag, 3 seLinuxOptions SELinuxOptions, 4 runAsUser number,
    5 runAsNonRoot flag, 6 readOnlyRootFilesystem flag, 7 allowPrivilegeEscalation flag, 8 runAsGroup number,
    9 procMount text, 10 windowsOptions WindowsSecurityContextOptions, 11 seccompProfile SeccompProfile,
    12 appArmorProfile AppArmorProfile`,
  Capabilities: '1 add text*, 2 drop text*',
  SELinuxOptions: '1 user text, 2 role text, 3 type text, 4 level text',
  WindowsSecurityContextOptions: `
    1 gmsaCredentialSpecName text, 2 gmsaCredentialSpec text, 3 runAsUserName text, 4 hostProcess flag`,
  SeccompProfile: '1 type text, 2 localhostProfile text',
  AppArmorProfile: '1 type text, 2 localhostProfile text',
  EnvFromSource: '1 prefix text, 2 configMapRef any, 3 secretRef any',
  PodSecurityContext: `
    1 seLinuxOptions SELinuxOptions, 2 runAsUser number, 3 runAsNonRoot flag, 4 supplementalGroups any*,
    5 fsGroup number, 6 runAsGroup number, 7 sysctls Sysctl*, 8 windowsOptions WindowsSecurityContextOptions,
    9 fsGroupChangePolicy text, 10 seccompProfile SeccompProfile, 11 appArmorProfile AppArmorProfile,
    12 supplementalGroupsPolicy text, 13 seLinuxChangePolicy text`,
  Sysctl: '1 name text, 2 value text',
  EphemeralContainer: '1 ... EphemeralContainerCommon, 2 targetContainerName text',
  EphemeralContainerCommon: `
    1 name text, 2 image text, 3 command text*, 4 args text*, 5 workingDir text, 6 ports ContainerPort*,
    7 env EnvVar*, 8 resources any, 9 volumeMounts any*, 10 livenessProbe Probe, 11 readinessProbe Probe,
    12 lifecycle Lifecycle, 13 terminationMessagePath text, 14 imagePullPolicy text,
    15 securityContext SecurityContext, 16 stdin flag, 17 stdinOnce flag, 18 tty flag, 19 envFrom EnvFromSource*,
    20 terminationMessagePolicy text, 21 volumeDevices any*, 22 startupProbe Probe, 23 resizePolicy any*,
    24 restartPolicy text, 25 restartPolicyRules any*`,
  PodTemplate: '1 metadata ObjectMeta, 2 template PodTemplateSpec',
  PodTemplateSpec: '1 metadata ObjectMeta, 2 spec PodSpec',
  ReplicationController: '1 metadata ObjectMeta, 2 spec ReplicationControllerSpec, 3 status any',
  ReplicationControllerSpec: `
    1 replicas number, 2 selector any*, 3 template PodTemplateSpec, 4 minReadySeconds number`,
  Deployment: '1 metadata ObjectMeta, 2 spec DeploymentSpec, 3 status any',
  DeploymentSpec: `
    1 replicas number, 2 selector any, 3 template PodTemplateSpec, 4 strategy any, 5 minReadySeconds number,
    6 revisionHistoryLimit number, 7 paused flag, 9 progressDeadlineSeconds number`,
  ReplicaSet: '1 metadata ObjectMeta, 2 spec ReplicaSetSpec, 3 status any',
  ReplicaSetSpec: '1 replicas number, 2 selector any, 3 template PodTemplateSpec, 4 minReadySeconds number',
  StatefulSet: '1 metadata ObjectMeta, 2 spec StatefulSetSpec, 3 status any',
  StatefulSetSpec: `
    1 replicas number, 2 selector any, 3 template PodTemplateSpec, 4 volumeClaimTemplates any*, 5 serviceName text,
    6 podManagementPolicy text, 7 updateStrategy any, 8 revisionHistoryLimit number, 9 minReadySeconds number,
    10 persistentVolumeClaimRetentionPolicy any, 11 ordinals any`,
  DaemonSet: '1 metadata ObjectMeta, 2 spec DaemonSetSpec, 3 status any',
  DaemonSetSpec: `
    1 selector any, 2 template PodTemplateSpec, 3 updateStrategy any, 4 minReadySeconds number,
    6 revisionHistoryLimit number`,
  Job: '1 metadata ObjectMeta, 2 spec JobSpec, 3 status any',
  JobSpec: `
    1 parallelism number, 2 completions number, 3 activeDeadlineSeconds number, 4 selector any, 5 manualSelector flag,
    6 template PodTemplateSpec, 7 backoffLimit number, 8 ttlSecondsAfterFinished number, 9 completionMode text,
    10 suspend flag, 11 podFailurePolicy any, 12 backoffLimitPerIndex number, 13 maxFailedIndexes number,
    14 podReplacementPolicy text, 15 managedBy text, 16 successPolicy any`,
  CronJob: '1 metadata ObjectMeta, 2 spec CronJobSpec, 3 status any',
  CronJobSpec: `
    1 schedule text, 2 startingDeadlineSeconds number, 3 concurrencyPolicy text, 4 suspend flag,
    5 jobTemplate JobTemplateSpec, 6 successfulJobsHistoryLimit number, 7 failedJobsHistoryLimit number,
    8 timeZone text`,
  JobTemplateSpec: '1 metadata ObjectMeta, 2 spec JobSpec',
  Secret: '1 metadata ObjectMeta, 2 data any*, 3 type text, 4 stringData any*, 5 immutable flag',
}

/** Which message is sent for which resource. */
export const MESSAGE_OF: Readonly<Record<string, string>> = {
  pods: 'Pod',
  podtemplates: 'PodTemplate',
  replicationcontrollers: 'ReplicationController',
  deployments: 'Deployment',
  replicasets: 'ReplicaSet',
  statefulsets: 'StatefulSet',
  daemonsets: 'DaemonSet',
  jobs: 'Job',
  cronjobs: 'CronJob',
  secrets: 'Secret',
}
