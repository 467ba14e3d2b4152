{{/*
A job that prepares an install or an upgrade, with our own image.
Call with (dict "root" $ "component" "setup" "weight" "-5" "args" (list …) "env" (string) "mounts" (string) "volumes" (string) "token" true).
*/}}
{{- define "leasegate.job.annotations" -}}
{{- if .root.Values.jobs.hooks -}}
helm.sh/hook: pre-install,pre-upgrade
helm.sh/hook-weight: {{ .weight | quote }}
helm.sh/hook-delete-policy: {{ .policy | default "before-hook-creation,hook-succeeded" }}
{{- end -}}
{{- end -}}

{{- define "leasegate.job" -}}
apiVersion: batch/v1
kind: Job
metadata:
  # A job cannot be changed: without hooks each revision has one of its own.
  name: {{ include "leasegate.componentName" . }}{{ if not .root.Values.jobs.hooks }}-{{ .root.Release.Revision }}{{ end }}
  namespace: {{ include "leasegate.namespace" .root }}
  labels: {{- include "leasegate.labels" . | nindent 4 }}
  {{- with include "leasegate.job.annotations" . }}
  annotations: {{- . | nindent 4 }}
  {{- end }}
spec:
  backoffLimit: 5
  ttlSecondsAfterFinished: {{ .root.Values.jobs.ttlSecondsAfterFinished }}
  template:
    metadata:
      labels: {{- include "leasegate.podLabels" . | nindent 8 }}
      {{- with .root.Values.jobs.podAnnotations }}
      annotations: {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      restartPolicy: OnFailure
      serviceAccountName: {{ include "leasegate.componentName" . }}
      automountServiceAccountToken: {{ .token | default false }}
      enableServiceLinks: false
      {{- include "leasegate.pullSecrets" .root | nindent 6 }}
      securityContext: {{- include "leasegate.podSecurityContext" (dict "root" .root) | nindent 8 }}
      {{- with .root.Values.jobs.nodeSelector }}
      nodeSelector: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .root.Values.jobs.tolerations }}
      tolerations: {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: {{ .component }}
          image: {{ include "leasegate.image" (dict "root" .root "image" .root.Values.image) }}
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          args: {{- toYaml .args | nindent 12 }}
          {{- with .env }}
          env: {{- . | nindent 12 }}
          {{- end }}
          resources: {{- toYaml .root.Values.jobs.resources | nindent 12 }}
          securityContext: {{- include "leasegate.securityContext" (dict "root" .root) | nindent 12 }}
          volumeMounts:
            - {name: tmp, mountPath: /tmp}
            {{- with .mounts }}{{- . | nindent 12 }}{{- end }}
      volumes:
        - name: tmp
          emptyDir: {sizeLimit: 64Mi}
        {{- with .volumes }}{{- . | nindent 8 }}{{- end }}
{{- end -}}

{{- define "leasegate.job.serviceAccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "leasegate.componentName" . }}
  namespace: {{ include "leasegate.namespace" .root }}
  labels: {{- include "leasegate.labels" . | nindent 4 }}
  {{- with include "leasegate.job.annotations" (merge (dict "weight" "-20" "policy" "before-hook-creation,hook-succeeded") .) }}
  annotations: {{- . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: false
{{- end -}}
