{{/*
The pod of a component, restricted as Pod Security wants it.
Call with (dict "root" $ "component" "tap" "values" .Values.tap "container" (string, YAML) "volumes" (string, YAML list) "initContainers" (string, YAML list), "sidecars" (string, YAML list), "checksums" (dict), "revisionLabel" (string)).
*/}}
{{- define "leasegate.pod" -}}
metadata:
  labels: {{- merge (include "leasegate.podLabels" (dict "root" .root "component" .component) | fromYaml) .values.podLabels | toYaml | nindent 4 }}
  annotations: {{- merge dict (.checksums | default dict) .values.podAnnotations (dict "kubectl.kubernetes.io/default-container" .component) | toYaml | nindent 4 }}
spec:
  serviceAccountName: {{ include "leasegate.serviceAccountName" (dict "root" .root "component" .component) }}
  # Whoever needs a token mounts one with a purpose and an end.
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- include "leasegate.pullSecrets" .root | nindent 2 }}
  securityContext: {{- include "leasegate.podSecurityContext" (dict "root" .root "own" .values.podSecurityContext) | nindent 4 }}
  terminationGracePeriodSeconds: {{ .values.terminationGracePeriodSeconds }}
  {{- include "leasegate.scheduling" (dict "root" .root "values" .values) | nindent 2 }}
  topologySpreadConstraints:
  {{- with .values.topologySpreadConstraints | default .root.Values.global.topologySpreadConstraints }}
  {{- toYaml . | nindent 4 }}
  {{- else }}
  {{- range $key := list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
    - maxSkew: 1
      topologyKey: {{ $key }}
      whenUnsatisfiable: ScheduleAnyway
      matchLabelKeys: [{{ $.revisionLabel | default "pod-template-hash" }}]
      labelSelector:
        matchLabels: {{- include "leasegate.selectorLabels" (dict "root" $.root "component" $.component) | nindent 10 }}
  {{- end }}
  {{- end }}
  {{- if or .initContainers .values.extraInitContainers }}
  initContainers:
    {{- with .initContainers }}{{- . | nindent 4 }}{{- end }}
    {{- with .values.extraInitContainers }}{{- toYaml . | nindent 4 }}{{- end }}
  {{- end }}
  containers:
    - name: {{ .component }}
      {{- .container | nindent 6 }}
      {{- with include "leasegate.resources" (dict "root" .root "resources" .values.resources) }}
      resources: {{- . | nindent 8 }}
      {{- end }}
      securityContext: {{- include "leasegate.securityContext" (dict "root" .root "own" .values.securityContext) | nindent 8 }}
      {{- with .values.extraEnvFrom }}
      envFrom: {{- toYaml . | nindent 8 }}
      {{- end }}
      volumeMounts:
        {{- .mounts | nindent 8 }}
        {{- with .values.extraVolumeMounts }}{{- toYaml . | nindent 8 }}{{- end }}
    {{- with .sidecars }}{{- . | nindent 4 }}{{- end }}
    {{- with .values.extraContainers }}{{- toYaml . | nindent 4 }}{{- end }}
  volumes:
    {{- .volumes | nindent 4 }}
    {{- with .values.extraVolumes }}{{- toYaml . | nindent 4 }}{{- end }}
{{- end -}}

{{/* On which nodes, and how a pod finds its way: its own wish, else what global says for all of them. Call with (dict "root" $ "values" …). */}}
{{- define "leasegate.scheduling" -}}
{{- $spec := dict -}}
{{- range $key := list "nodeSelector" "tolerations" "affinity" "priorityClassName" "runtimeClassName" "schedulerName" "dnsPolicy" "dnsConfig" "hostAliases" -}}
{{- with get $.values $key | default (get $.root.Values.global $key) -}}{{- $_ := set $spec $key . -}}{{- end -}}
{{- end -}}
{{- with $spec -}}{{- toYaml . -}}{{- end -}}
{{- end -}}

{{/* Where it is only tried out, a small node must do. Call with (dict "root" $ "resources" …). */}}
{{- define "leasegate.resources" -}}
{{- $resources := .resources -}}
{{- with and .root.Values.embedded.enabled .root.Values.embedded.cpu -}}
{{- $resources = mergeOverwrite (deepCopy $.resources) (dict "requests" (dict "cpu" .)) -}}
{{- end -}}
{{- with $resources -}}{{- toYaml . -}}{{- end -}}
{{- end -}}

{{- define "leasegate.pullSecrets" -}}
{{- with concat (.Values.global.imagePullSecrets | default list) (.Values.imagePullSecrets | default list) -}}
imagePullSecrets:
{{- range . }}
  - name: {{ if kindIs "string" . }}{{ . }}{{ else }}{{ .name }}{{ end }}
{{- end }}
{{- end -}}
{{- end -}}

{{/* The user is the image's, 65532: OpenShift gives its own. */}}
{{- define "leasegate.podSecurityContext" -}}
{{- $ours := dict "runAsNonRoot" true "seccompProfile" (dict "type" "RuntimeDefault") -}}
{{- if not (include "leasegate.openshift" .root) -}}
{{- $ours = merge $ours (dict "fsGroup" 65532 "fsGroupChangePolicy" "OnRootMismatch") -}}
{{- end -}}
{{- toYaml (mergeOverwrite $ours (.own | default dict)) -}}
{{- end -}}

{{- define "leasegate.securityContext" -}}
{{- $ours := dict "allowPrivilegeEscalation" false "readOnlyRootFilesystem" true "runAsNonRoot" true "capabilities" (dict "drop" (list "ALL")) "seccompProfile" (dict "type" "RuntimeDefault") -}}
{{- if not (include "leasegate.openshift" .root) -}}
{{- $ours = merge $ours (dict "runAsUser" 65532 "runAsGroup" 65532) -}}
{{- end -}}
{{- toYaml (mergeOverwrite $ours (.own | default dict)) -}}
{{- end -}}

{{- define "leasegate.openshift" -}}
{{- if or .Values.openshift (.Capabilities.APIVersions.Has "security.openshift.io/v1") -}}yes{{- end -}}
{{- end -}}

{{/* Deployment metadata and the parts of its spec that are not the pod. */}}
{{- define "leasegate.deployment.head" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "leasegate.componentName" . }}
  namespace: {{ include "leasegate.namespace" .root }}
  labels: {{- include "leasegate.labels" . | nindent 4 }}
  {{- with .values.annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- with include "leasegate.replicas" . }}
  replicas: {{ . }}
  {{- end }}
  revisionHistoryLimit: {{ .values.revisionHistoryLimit }}
  {{- if eq .component "envoy" }}
  minReadySeconds: {{ .values.minReadySeconds }}
  {{- end }}
  selector:
    matchLabels: {{- include "leasegate.selectorLabels" . | nindent 6 }}
  strategy:
    {{- if .recreate }}
    type: Recreate
    {{- else }}
    {{- toYaml .values.strategy | nindent 4 }}
    {{- end }}
{{- end -}}

{{/* The same for pods that are known by number. Not one after the other at the start: one that never comes up would hold up its own mending. */}}
{{- define "leasegate.statefulSet.head" -}}
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ include "leasegate.componentName" . }}
  namespace: {{ include "leasegate.namespace" .root }}
  labels: {{- include "leasegate.labels" . | nindent 4 }}
  {{- with .values.annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  replicas: {{ include "leasegate.replicas" . }}
  revisionHistoryLimit: {{ .values.revisionHistoryLimit }}
  serviceName: {{ include "leasegate.componentName" . }}
  podManagementPolicy: Parallel
  selector:
    matchLabels: {{- include "leasegate.selectorLabels" . | nindent 6 }}
{{- end -}}

{{/* What scales by itself keeps what it has: without a number Kubernetes would make it one, for as long as its scaler needs to look. */}}
{{- define "leasegate.replicas" -}}
{{- if not (dig "autoscaling" "enabled" false .values) -}}
{{- if .root.Values.embedded.enabled -}}
{{- min .values.replicas .root.Values.embedded.replicas -}}
{{- else -}}
{{- .values.replicas -}}
{{- end -}}
{{- else -}}
{{- $there := lookup "apps/v1" "Deployment" (include "leasegate.namespace" .root) (include "leasegate.componentName" .) -}}
{{- with dig "spec" "replicas" 0 ($there | default dict) -}}{{- max (int .) $.values.autoscaling.minReplicas -}}{{- end -}}
{{- end -}}
{{- end -}}

{{- define "leasegate.serviceAccount" -}}
{{- if .values.serviceAccount.create -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "leasegate.serviceAccountName" . }}
  namespace: {{ include "leasegate.namespace" .root }}
  labels: {{- include "leasegate.labels" . | nindent 4 }}
  {{- with .values.serviceAccount.annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: false
{{- end -}}
{{- end -}}

{{- define "leasegate.pdb" -}}
{{- $most := dig "autoscaling" "maxReplicas" 0 .values -}}
{{- if not (dig "autoscaling" "enabled" false .values) -}}{{- $most = include "leasegate.replicas" . -}}{{- end -}}
{{- if and .values.pdb.enabled (gt (int $most) 1) -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "leasegate.componentName" . }}
  namespace: {{ include "leasegate.namespace" .root }}
  labels: {{- include "leasegate.labels" . | nindent 4 }}
spec:
  maxUnavailable: {{ .values.pdb.maxUnavailable }}
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels: {{- include "leasegate.selectorLabels" . | nindent 6 }}
{{- end -}}
{{- end -}}

{{- define "leasegate.hpa" -}}
{{- with .values.autoscaling -}}
{{- if .enabled -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ include "leasegate.componentName" $ }}
  namespace: {{ include "leasegate.namespace" $.root }}
  labels: {{- include "leasegate.labels" $ | nindent 4 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "leasegate.componentName" $ }}
  minReplicas: {{ .minReplicas }}
  maxReplicas: {{ .maxReplicas }}
  {{- with .behavior }}
  behavior: {{- toYaml . | nindent 4 }}
  {{- end }}
  metrics:
  {{- if .metrics }}
  {{- toYaml .metrics | nindent 4 }}
  {{- else }}
    - type: Resource
      resource:
        name: cpu
        target: {type: Utilization, averageUtilization: {{ .targetCPUUtilizationPercentage | default 70 }}}
  {{- end }}
{{- end -}}
{{- end -}}
{{- end -}}
