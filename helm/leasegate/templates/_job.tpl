{{/*
A job that prepares an install or an upgrade, with our own image.
Call with (dict "root" $ "component" "setup" "weight" "-5" "args" (list …) "env" (string) "mounts" (string) "volumes" (string) "initContainers" (string) "token" true).
*/}}
{{- define "leasegate.job.annotations" -}}
{{- $all := deepCopy .root.Values.jobs.annotations -}}
{{- if .root.Values.jobs.hooks -}}
{{- /* What is wrong is said by Helm itself. */ -}}
{{- $all = merge $all (dict "helm.sh/hook" "pre-install,pre-upgrade" "helm.sh/hook-weight" .weight "helm.sh/hook-delete-policy" "before-hook-creation,hook-succeeded" "helm.sh/hook-output-log-policy" "hook-failed") -}}
{{- end -}}
{{- with $all -}}{{- toYaml . -}}{{- end -}}
{{- end -}}

{{/* What jobs need is there before them: where nothing is allowed by itself, not even names would be found. Call as for a job. */}}
{{- define "leasegate.job.before" -}}
{{- include "leasegate.job.annotations" (merge (dict "weight" "-20") .) -}}
{{- end -}}

{{- define "leasegate.job" -}}
{{- $spec := include "leasegate.job.spec" . -}}
apiVersion: batch/v1
kind: Job
metadata:
  # A job cannot be changed, and platforms that only render know no revision: another content is another job, the same one is done.
  name: {{ include "leasegate.componentName" . | trunc 52 | trimSuffix "-" }}-{{ $spec | sha256sum | trunc 10 }}
  namespace: {{ include "leasegate.namespace" .root }}
  labels: {{- include "leasegate.labels" . | nindent 4 }}
  {{- with include "leasegate.job.annotations" . }}
  annotations: {{- . | nindent 4 }}
  {{- end }}
spec:
  {{- $spec | nindent 2 }}
{{- end -}}

{{- define "leasegate.job.spec" -}}
{{- $jobs := .root.Values.jobs -}}
backoffLimit: 5
{{- if $jobs.hooks }}
# Within the five minutes that Helm waits: nothing of a release that was given up runs later.
activeDeadlineSeconds: {{ $jobs.activeDeadlineSeconds | default 240 }}
ttlSecondsAfterFinished: {{ $jobs.ttlSecondsAfterFinished }}
{{- else }}
{{- with $jobs.activeDeadlineSeconds }}
activeDeadlineSeconds: {{ . }}
{{- end }}
# Without an end of its own: who compares what is there with what should be would make it again, and again.
{{- end }}
# What no second try mends is said at once.
podFailurePolicy:
  rules:
    - action: FailJob
      onExitCodes: {operator: In, values: [2]}
template:
  {{- include "leasegate.job.pod" . | nindent 2 }}
{{- end -}}

{{- define "leasegate.job.pod" -}}
{{- $jobs := .root.Values.jobs -}}
metadata:
  labels: {{- include "leasegate.podLabels" . | nindent 4 }}
  {{- $annotations := deepCopy $jobs.podAnnotations }}
  {{- with .checksum }}{{- $_ := set $annotations "checksum/policy" . }}{{- end }}
  {{- with $annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  restartPolicy: Never
  serviceAccountName: {{ include "leasegate.componentName" . }}
  automountServiceAccountToken: {{ .token | default false }}
  enableServiceLinks: false
  {{- include "leasegate.pullSecrets" .root | nindent 2 }}
  securityContext: {{- include "leasegate.podSecurityContext" (dict "root" .root) | nindent 4 }}
  {{- include "leasegate.scheduling" (dict "root" .root "values" $jobs) | nindent 2 }}
  {{- with .initContainers }}
  initContainers: {{- . | nindent 4 }}
  {{- end }}
  containers:
    - name: {{ .component }}
      {{- include "leasegate.job.container" . | nindent 6 }}
  volumes:
    - name: tmp
      emptyDir: {sizeLimit: 64Mi}
    {{- with .volumes }}{{- . | nindent 4 }}{{- end }}
{{- end -}}

{{- define "leasegate.job.container" -}}
image: {{ include "leasegate.image" (dict "root" .root "image" .root.Values.image) }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
args: {{- toYaml .args | nindent 2 }}
{{- with .env }}
env: {{- . | nindent 2 }}
{{- end }}
resources: {{- toYaml .root.Values.jobs.resources | nindent 2 }}
securityContext: {{- include "leasegate.securityContext" (dict "root" .root) | nindent 2 }}
# Why it failed stands in the status of its pod.
terminationMessagePolicy: FallbackToLogsOnError
volumeMounts:
  - {name: tmp, mountPath: /tmp}
  {{- with .mounts }}{{- . | nindent 2 }}{{- end }}
{{- end -}}

{{- define "leasegate.job.serviceAccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "leasegate.componentName" . }}
  namespace: {{ include "leasegate.namespace" .root }}
  labels: {{- include "leasegate.labels" . | nindent 4 }}
  {{- with include "leasegate.job.before" . }}
  annotations: {{- . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: false
{{- end -}}

{{/* Call with (dict "root" $ "component" "migrate" "egress" (string)). */}}
{{- define "leasegate.job.networkPolicy" -}}
{{- if .root.Values.networkPolicy.enabled -}}
{{- include "leasegate.job.policy" (merge (dict "annotations" (include "leasegate.job.before" .)) .) -}}
{{- end -}}
{{- end -}}

{{- define "leasegate.job.policy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "leasegate.componentName" . }}
  namespace: {{ include "leasegate.namespace" .root }}
  labels: {{- include "leasegate.labels" . | nindent 4 }}
  {{- with .annotations }}
  annotations: {{- . | nindent 4 }}
  {{- end }}
spec:
  podSelector:
    matchLabels: {{- include "leasegate.selectorLabels" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress: []
  egress:
    {{- include "leasegate.network.dns" .root | nindent 4 }}
    {{- .egress | nindent 4 }}
{{- end -}}
