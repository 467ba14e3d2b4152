{{/* Ledgers are their tap's alone: a volume for each, or that of the one tap with the engine in it. */}}
{{- define "leasegate.ledger.env" -}}
{{- with .Values.ledger -}}
# A folder of the volume: its root may have lost+found in it, which is no ledger.
- name: LEASEGATE_LEDGER_DIRECTORY
  value: /var/lib/leasegate/ledger/ledgers
- name: LEASEGATE_LEDGER_KEY_FILE
  value: /etc/leasegate/ledger-key/{{ .existingSecret.key }}
{{- if .s3.url }}
- name: LEASEGATE_LEDGER_S3_URL
  value: {{ .s3.url | quote }}
- name: LEASEGATE_LEDGER_S3_BUCKET
  value: {{ .s3.bucket | quote }}
{{- with .s3.prefix }}
- name: LEASEGATE_LEDGER_S3_PREFIX
  value: {{ . | quote }}
{{- end }}
- name: LEASEGATE_LEDGER_S3_REGION
  value: {{ .s3.region | quote }}
- name: LEASEGATE_LEDGER_S3_CREDENTIALS_FILE
  value: /etc/leasegate/ledger-s3/{{ .s3.existingSecret.key }}
{{- if .s3.ca.name }}
- name: LEASEGATE_LEDGER_S3_CA_FILE
  value: /etc/leasegate/ledger-s3-ca/{{ .s3.ca.key }}
{{- end }}
- name: LEASEGATE_LEDGER_S3_LOCK
  value: {{ .s3.lock | quote }}
- name: LEASEGATE_LEDGER_S3_KEPT
  value: {{ .s3.kept | quote }}
{{- end }}
{{- if .witnesses.existingConfigMap.name }}
- name: LEASEGATE_LEDGER_WITNESSES_FILE
  value: /etc/leasegate/ledger-witnesses/{{ .witnesses.existingConfigMap.key }}
{{- if .witnesses.ca.name }}
- name: LEASEGATE_LEDGER_WITNESSES_CA_FILE
  value: /etc/leasegate/ledger-witnesses-ca/{{ .witnesses.ca.key }}
{{- end }}
{{- end }}
{{- end -}}
{{- end -}}

{{- define "leasegate.ledger.mounts" -}}
{{- if not .Values.embedded.enabled }}
- {name: ledger, mountPath: /var/lib/leasegate/ledger}
{{- end }}
{{- range $name, $_ := include "leasegate.ledger.files" . | fromYaml }}
- {name: {{ $name }}, mountPath: /etc/leasegate/{{ $name }}, readOnly: true}
{{- end }}
{{- end -}}

{{/* Where its files come from, by the name of the volume. */}}
{{- define "leasegate.ledger.files" -}}
{{- with .Values.ledger -}}
ledger-key: {secret: {{ .existingSecret.name | quote }}}
{{- if .s3.url }}
ledger-s3: {secret: {{ .s3.existingSecret.name | quote }}}
{{- if .s3.ca.name }}
ledger-s3-ca: {secret: {{ .s3.ca.name | quote }}}
{{- end }}
{{- end }}
{{- if .witnesses.existingConfigMap.name }}
ledger-witnesses: {configMap: {{ .witnesses.existingConfigMap.name | quote }}}
{{- if .witnesses.ca.name }}
ledger-witnesses-ca: {secret: {{ .witnesses.ca.name | quote }}}
{{- end }}
{{- end }}
{{- end -}}
{{- end -}}

{{- define "leasegate.ledger.volumes" -}}
{{- range $name, $from := include "leasegate.ledger.files" . | fromYaml }}
- name: {{ $name }}
  {{- if $from.secret }}
  secret: {secretName: {{ $from.secret }}, defaultMode: 0440}
  {{- else }}
  configMap: {name: {{ $from.configMap }}}
  {{- end }}
{{- end }}
{{- end -}}

{{/* One of the volumes of taps that are known by number. */}}
{{- define "leasegate.ledger.claim" -}}
- metadata:
    name: ledger
  spec:
    accessModes: [ReadWriteOnce]
    {{- with .Values.ledger.storageClassName }}
    storageClassName: {{ . | quote }}
    {{- end }}
    resources: {requests: {storage: {{ .Values.ledger.storage }}}}
{{- end -}}
