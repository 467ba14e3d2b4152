{{/* What the doctor is told of: the stores, the policy, the public keys, and Envoy as agents see it. Private keys it does not get. */}}
{{- define "leasegate.doctor.env" -}}
{{- $host := include "leasegate.urlHost" (.Values.tests.host | default (include "leasegate.host" .)) -}}
{{ include "leasegate.env.redis" (dict "root" . "component" "operator") }}
{{ include "leasegate.env.journal" . }}
{{- if not .Values.embedded.enabled }}
{{ include "leasegate.env.clickhouse" . }}
{{- end }}
- name: LEASEGATE_POLICY_FILE
  value: {{ include "leasegate.policy.file" . }}
- name: LEASEGATE_PUBLIC_KEYS_FILE
  value: /etc/leasegate/keys/{{ .Values.keys.existingSecret.publicKey }}
- name: LEASEGATE_BOUNDARY_URL
  value: {{ printf "https://%s:%d" $host (int .Values.envoy.service.boundaryPort) | quote }}
- name: LEASEGATE_BROKER_URL
  value: {{ printf "https://%s:%d" $host (int .Values.envoy.service.brokerPort) | quote }}
{{- if not .Values.tests.publicCa }}
- name: LEASEGATE_BOUNDARY_CA_FILE
  value: /etc/leasegate/server/ca.crt
- name: LEASEGATE_BROKER_CA_FILE
  value: /etc/leasegate/server/ca.crt
{{- end }}
{{- end -}}

{{- define "leasegate.doctor.mounts" -}}
- {name: tmp, mountPath: /tmp}
- {name: config, mountPath: /etc/envoy, readOnly: true}
- {name: policy, mountPath: /etc/leasegate/policy, readOnly: true}
- {name: keys, mountPath: /etc/leasegate/keys, readOnly: true}
{{- if not .Values.tests.publicCa }}
- {name: server, mountPath: /etc/leasegate/server, readOnly: true}
{{- end }}
{{ include "leasegate.mounts.redis" . }}
{{- if not .Values.embedded.enabled }}
{{ include "leasegate.mounts.clickhouse" . }}
{{- end }}
{{- end -}}

{{- define "leasegate.doctor.volumes" -}}
- name: tmp
  emptyDir: {sizeLimit: 64Mi}
{{ include "leasegate.envoy.files.volumes" . }}
{{ include "leasegate.policy.volume" . }}
- name: keys
  secret:
    secretName: {{ include "leasegate.keys.secret" . }}
    defaultMode: 0440
    items:
      - {key: {{ .Values.keys.existingSecret.publicKey }}, path: {{ .Values.keys.existingSecret.publicKey }}}
{{- if not .Values.tests.publicCa }}
# The CA alone: the key stays with Envoy. Of a public issuer there is none beside it: the doctor says so, where a pod would wait for ever.
- name: server
  secret:
    optional: true
    secretName: {{ include "leasegate.tlsSecret" (dict "root" . "component" "server") }}
    defaultMode: 0440
    items:
      - {key: ca.crt, path: ca.crt}
{{- end }}
{{ include "leasegate.volumes.redis" . }}
{{- if not .Values.embedded.enabled }}
{{ include "leasegate.volumes.clickhouse" . }}
{{- end }}
{{- end -}}
