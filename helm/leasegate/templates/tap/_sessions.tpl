{{/*
Sessions are recorded in the tap. A recorder of its own would be replaced by the same upgrades, with the same image and the same rights in
ClickHouse, and would end as many sessions.
*/}}

{{/* Where each tap has a volume of its own it is known by number: what is in it is one's alone, and is there again for the one that comes after. */}}
{{- define "leasegate.tap.isNumbered" -}}
{{- if not .Values.embedded.enabled -}}
{{- if or (include "leasegate.sessions.claimed" .) .Values.ledger.enabled -}}yes{{- end -}}
{{- end -}}
{{- end -}}

{{/* Whether the spool is such a volume. */}}
{{- define "leasegate.sessions.claimed" -}}
{{- if and .Values.sessions.enabled .Values.sessions.spool.persistent (not .Values.embedded.enabled) -}}yes{{- end -}}
{{- end -}}

{{/* The Secret with keys of sessions, and nothing where a program has them. */}}
{{- define "leasegate.sessions.secret" -}}
{{- if not .Values.sessions.keyCommand -}}
{{- .Values.sessions.existingSecret.name | default (include "leasegate.componentName" (dict "root" . "component" "session-keys")) -}}
{{- end -}}
{{- end -}}

{{/* Whether the job makes it. */}}
{{- define "leasegate.sessions.makesKeys" -}}
{{- if and .Values.sessions.enabled (not .Values.sessions.keyCommand) (not .Values.sessions.existingSecret.name) -}}yes{{- end -}}
{{- end -}}

{{- define "leasegate.sessions.env" -}}
- name: LEASEGATE_RECORDER_LISTEN
  value: {{ include "leasegate.listen" (dict "root" . "port" 9002) | quote }}
- name: LEASEGATE_SESSION_INPUTS
  value: {{ .Values.sessions.inputs | quote }}
# A folder of the volume: its root may have lost+found in it, which is no session.
- name: LEASEGATE_SESSIONS_DIRECTORY
  value: /var/lib/leasegate/sessions/spool
- name: LEASEGATE_SESSIONS_SPOOL_MIB
  value: {{ .Values.sessions.spool.mib | int | quote }}
{{- if .Values.sessions.keyCommand }}
- name: LEASEGATE_SESSION_KEY_COMMAND
  value: {{ .Values.sessions.keyCommand | quote }}
{{- else }}
- name: LEASEGATE_SESSION_KEY_FILE
  value: /etc/leasegate/session-keys/{{ .Values.sessions.existingSecret.key }}
{{- end }}
{{- end -}}

{{- define "leasegate.sessions.mounts" -}}
{{- if not .Values.embedded.enabled }}
- {name: sessions, mountPath: /var/lib/leasegate/sessions}
{{- end }}
{{- if include "leasegate.sessions.secret" . }}
- {name: session-keys, mountPath: /etc/leasegate/session-keys, readOnly: true}
{{- end }}
{{- end -}}

{{- define "leasegate.sessions.volumes" -}}
{{- with include "leasegate.sessions.secret" . }}
- name: session-keys
  secret:
    secretName: {{ . }}
    defaultMode: 0440
    items:
      - {key: {{ $.Values.sessions.existingSecret.key | quote }}, path: {{ $.Values.sessions.existingSecret.key | quote }}}
{{- end }}
{{- if not (or .Values.embedded.enabled (include "leasegate.sessions.claimed" .)) }}
- name: sessions
  # More than the tap writes there at most: beyond it the pod would be evicted.
  emptyDir: {sizeLimit: {{ div (mul .Values.sessions.spool.mib 5) 4 }}Mi}
{{- end }}
{{- end -}}

{{/* One of the volumes of taps that are known by number. */}}
{{- define "leasegate.sessions.claim" -}}
- metadata:
    name: sessions
  spec:
    accessModes: [ReadWriteOnce]
    {{- with .Values.sessions.spool.storageClassName }}
    storageClassName: {{ . | quote }}
    {{- end }}
    resources: {requests: {storage: {{ .Values.sessions.spool.storage }}}}
{{- end -}}
