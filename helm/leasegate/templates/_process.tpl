{{/* Environment that every process of ours has. Call with (dict "root" $ "component" "tap"). No secret is in it: passwords and keys are files. */}}
{{- define "leasegate.env" -}}
{{- $values := .root.Values -}}
- name: LEASEGATE_LOG_LEVEL
  value: {{ $values.logLevel | quote }}
- name: LEASEGATE_HEALTH_LISTEN
  value: {{ include "leasegate.listen" (dict "root" .root "port" 9090) | quote }}
- name: LEASEGATE_TLS_CERT_FILE
  value: /etc/leasegate/tls/tls.crt
- name: LEASEGATE_TLS_KEY_FILE
  value: /etc/leasegate/tls/tls.key
- name: LEASEGATE_TLS_CLIENT_CA_FILE
  value: /etc/leasegate/tls/ca.crt
- name: LEASEGATE_TLS_CLIENT_NAME
  value: envoy.leasegate.internal
{{ include "leasegate.env.redis" . }}
{{- end -}}

{{/* Call with (dict "root" $ "component" "tap"): each part may have a user of its own in the store. */}}
{{- define "leasegate.env.redis" -}}
{{- $redis := .root.Values.redis -}}
{{- $embedded := .root.Values.embedded.enabled -}}
{{- $own := get $redis.users .component -}}
{{- $username := $own.username | default $redis.username -}}
- name: LEASEGATE_REDIS_URL
  value: {{ include "leasegate.redis.url" .root | quote }}
{{- if and $username (not $embedded) }}
- name: LEASEGATE_REDIS_USERNAME
  value: {{ $username | quote }}
{{- end }}
{{- if and $redis.existingSecret.name (not $embedded) }}
- name: LEASEGATE_REDIS_PASSWORD_FILE
  value: /etc/leasegate/redis/{{ $own.passwordKey | default $redis.existingSecret.passwordKey }}
{{- end }}
{{- if and $redis.ca.name (not $embedded) }}
- name: LEASEGATE_REDIS_CA_FILE
  value: /etc/leasegate/redis-ca/{{ $redis.ca.key }}
{{- end }}
{{- if and $redis.sentinel.addresses (not $embedded) }}
{{ include "leasegate.env.sentinel" $redis.sentinel }}
{{- end }}
{{- if and $redis.cluster (not $embedded) }}
- name: LEASEGATE_REDIS_CLUSTER
  value: "yes"
{{- end }}
- name: LEASEGATE_PARTITIONS
  value: {{ $redis.partitions | quote }}
- name: LEASEGATE_DURABILITY
  value: {{ $redis.durability | quote }}
{{- with $redis.durableReplicas }}
- name: LEASEGATE_REDIS_REPLICAS
  value: {{ . | int | quote }}
{{- end }}
{{- end -}}

{{/* Who tells where the primary is: the same for every part. */}}
{{- define "leasegate.env.sentinel" -}}
- name: LEASEGATE_REDIS_SENTINELS
  value: {{ join "," .addresses | quote }}
{{- with .username }}
- name: LEASEGATE_REDIS_SENTINEL_USERNAME
  value: {{ . | quote }}
{{- end }}
{{- if .existingSecret.name }}
- name: LEASEGATE_REDIS_SENTINEL_PASSWORD_FILE
  value: /etc/leasegate/redis-sentinel/{{ .existingSecret.passwordKey }}
{{- end }}
{{- if ne .tls "auto" }}
- name: LEASEGATE_REDIS_SENTINEL_TLS
  value: {{ .tls | quote }}
{{- end }}
{{- if .ca.name }}
- name: LEASEGATE_REDIS_SENTINEL_CA_FILE
  value: /etc/leasegate/redis-sentinel-ca/{{ .ca.key }}
{{- end }}
{{- end -}}

{{/* Where a full journal begins. An embedded store has little memory: half of it is for the journal. */}}
{{- define "leasegate.env.journal" -}}
{{- $redis := .Values.redis -}}
{{- $hardBytes := $redis.journalHardBytes | int64 -}}
{{- $highBytes := $redis.journalHighBytes | int64 -}}
{{- if .Values.embedded.enabled -}}
{{- $hardBytes = div (include "leasegate.valkey.maxmemory" . | int64) (mul 2 (int64 $redis.partitions)) -}}
{{- $highBytes = div (mul $hardBytes 9) 10 -}}
{{- end -}}
- name: LEASEGATE_JOURNAL_HIGH_MARK
  value: {{ $redis.journalHighMark | int | quote }}
- name: LEASEGATE_JOURNAL_HARD_LIMIT
  value: {{ $redis.journalHardLimit | int | quote }}
- name: LEASEGATE_JOURNAL_HIGH_BYTES
  value: {{ $highBytes | quote }}
- name: LEASEGATE_JOURNAL_HARD_BYTES
  value: {{ $hardBytes | quote }}
{{- end -}}

{{/* Bytes that the embedded store may hold. At this it says no; at the limit of its container it would be killed, and again while it reads its file. */}}
{{- define "leasegate.valkey.maxmemory" -}}
{{- div (mul (include "leasegate.bytes" (dict "of" "embedded.valkey" "resources" .Values.embedded.valkey.resources "fallback" "1Gi")) 3) 5 -}}
{{- end -}}

{{/* Bytes of a memory limit. Call with (dict "of" "envoy" "resources" … "fallback" "1Gi"). */}}
{{- define "leasegate.bytes" -}}
{{- $limit := dig "limits" "memory" .fallback (.resources | default dict) | toString -}}
{{- if not (regexMatch "^[0-9]+(Ki|Mi|Gi|k|M|G)?$" $limit) -}}
{{- fail (printf "%s.resources.limits.memory must be a whole number of bytes, Ki, Mi, Gi, k, M or G" .of) -}}
{{- end -}}
{{- include "leasegate.quantity" $limit -}}
{{- end -}}

{{/* Bytes of a quantity that is a whole number. */}}
{{- define "leasegate.quantity" -}}
{{- $units := dict "" 1 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000 -}}
{{- mul (regexFind "^[0-9]+" . | int64) (get $units (regexFind "[A-Za-z]*$" .) | int64) -}}
{{- end -}}

{{/* Envoy sheds load before its container is killed: a third of the memory is for what is no heap. */}}
{{- define "leasegate.envoy.heap" -}}
{{- div (mul (include "leasegate.bytes" (dict "of" "envoy" "resources" .Values.envoy.resources "fallback" "1536Mi")) 2) 3 -}}
{{- end -}}

{{/* Each family of addresses that a pod may have. Call with (dict "root" $ "port" 9001). */}}
{{- define "leasegate.listen" -}}
{{- printf "%s:%d" (ternary "[::]" "0.0.0.0" .root.Values.ipv6) (int .port) -}}
{{- end -}}

{{/* How long the record is kept. */}}
{{- define "leasegate.env.retention" -}}
{{- with .Values.clickhouse.retention -}}
- name: LEASEGATE_RETENTION_REQUESTS
  value: {{ .requests | quote }}
- name: LEASEGATE_RETENTION_EVENTS
  value: {{ .events | quote }}
- name: LEASEGATE_RETENTION_MINUTES
  value: {{ .minutes | quote }}
- name: LEASEGATE_RETENTION_SESSIONS
  value: {{ .sessions | quote }}
- name: LEASEGATE_RETENTION_SHORTEN
  value: {{ ternary "yes" "no" .shorten | quote }}
{{- end -}}
{{- end -}}

{{- define "leasegate.redis.url" -}}
{{- if .Values.embedded.enabled -}}
redis://{{ include "leasegate.componentName" (dict "root" . "component" "valkey") }}:6379
{{- else -}}
{{- .Values.redis.url -}}
{{- end -}}
{{- end -}}

{{- define "leasegate.env.clickhouse" -}}
{{- if .Values.embedded.enabled -}}
- name: LEASEGATE_CLICKHOUSE_DIRECTORY
  value: /var/lib/leasegate/clickhouse
{{- else -}}
- name: LEASEGATE_CLICKHOUSE_URL
  value: {{ .Values.clickhouse.url | quote }}
{{- with .Values.clickhouse.cluster }}
- name: LEASEGATE_CLICKHOUSE_CLUSTER
  value: {{ . | quote }}
{{- end }}
{{- with .Values.clickhouse.existingSecret }}
{{- if .name }}
- name: LEASEGATE_CLICKHOUSE_USER_FILE
  value: /etc/leasegate/clickhouse/{{ .userKey }}
- name: LEASEGATE_CLICKHOUSE_PASSWORD_FILE
  value: /etc/leasegate/clickhouse/{{ .passwordKey }}
{{- end }}
{{- end }}
{{- with .Values.clickhouse.ca }}
{{- if .name }}
- name: LEASEGATE_CLICKHOUSE_CA_FILE
  value: /etc/leasegate/clickhouse-ca/{{ .key }}
{{- end }}
{{- end }}
{{- end -}}
{{- end -}}

{{/* Whether pages show the record: an account of its own is there for it, and a server that more than the tap can reach. */}}
{{- define "leasegate.console.record" -}}
{{- if and .Values.console.url .Values.console.existingRecordSecret.name (not .Values.embedded.enabled) -}}true{{- end -}}
{{- end -}}

{{/* What each of our processes mounts: its certificate, and the secrets of the stores it talks to. */}}
{{- define "leasegate.mounts" -}}
- {name: tls, mountPath: /etc/leasegate/tls, readOnly: true}
- {name: tmp, mountPath: /tmp}
{{ include "leasegate.mounts.redis" .root }}
{{- end -}}

{{- define "leasegate.mounts.redis" -}}
{{- if not .Values.embedded.enabled -}}
{{- if .Values.redis.existingSecret.name -}}
- {name: redis, mountPath: /etc/leasegate/redis, readOnly: true}
{{ end -}}
{{- if .Values.redis.ca.name -}}
- {name: redis-ca, mountPath: /etc/leasegate/redis-ca, readOnly: true}
{{ end -}}
{{- if .Values.redis.sentinel.existingSecret.name -}}
- {name: redis-sentinel, mountPath: /etc/leasegate/redis-sentinel, readOnly: true}
{{ end -}}
{{- if .Values.redis.sentinel.ca.name -}}
- {name: redis-sentinel-ca, mountPath: /etc/leasegate/redis-sentinel-ca, readOnly: true}
{{ end -}}
{{- end -}}
{{- end -}}

{{- define "leasegate.mounts.clickhouse" -}}
{{- if .Values.embedded.enabled -}}
- {name: data, mountPath: /var/lib/leasegate}
{{- else -}}
{{- if .Values.clickhouse.existingSecret.name -}}
- {name: clickhouse, mountPath: /etc/leasegate/clickhouse, readOnly: true}
{{ end -}}
{{- if .Values.clickhouse.ca.name -}}
- {name: clickhouse-ca, mountPath: /etc/leasegate/clickhouse-ca, readOnly: true}
{{ end -}}
{{- end -}}
{{- end -}}

{{- define "leasegate.volumes" -}}
- name: tls
  secret: {secretName: {{ include "leasegate.tlsSecret" . }}, defaultMode: 0440}
- name: tmp
  emptyDir: {sizeLimit: 64Mi}
{{ include "leasegate.volumes.redis" .root }}
{{- end -}}

{{- define "leasegate.volumes.redis" -}}
{{- if not .Values.embedded.enabled -}}
{{- with .Values.redis.existingSecret.name -}}
- name: redis
  secret: {secretName: {{ . }}, defaultMode: 0440}
{{ end -}}
{{- with .Values.redis.ca.name -}}
- name: redis-ca
  secret: {secretName: {{ . }}, defaultMode: 0440}
{{ end -}}
{{- with .Values.redis.sentinel.existingSecret.name -}}
- name: redis-sentinel
  secret: {secretName: {{ . }}, defaultMode: 0440}
{{ end -}}
{{- with .Values.redis.sentinel.ca.name -}}
- name: redis-sentinel-ca
  secret: {secretName: {{ . }}, defaultMode: 0440}
{{ end -}}
{{- end -}}
{{- end -}}

{{- define "leasegate.volumes.clickhouse" -}}
{{- if not .Values.embedded.enabled -}}
{{- with .Values.clickhouse.existingSecret.name -}}
- name: clickhouse
  secret: {secretName: {{ . }}, defaultMode: 0440}
{{ end -}}
{{- with .Values.clickhouse.ca.name -}}
- name: clickhouse-ca
  secret: {secretName: {{ . }}, defaultMode: 0440}
{{ end -}}
{{- end -}}
{{- end -}}

{{- define "leasegate.policy.volume" -}}
- name: policy
  configMap:
    name: {{ .Values.policy.existingConfigMap.name | default (include "leasegate.componentName" (dict "root" . "component" "policy")) }}
{{- end -}}

{{- define "leasegate.policy.file" -}}
/etc/leasegate/policy/{{ ternary .Values.policy.existingConfigMap.key "policy.yaml" (ne .Values.policy.existingConfigMap.name "") }}
{{- end -}}

{{/* Every mistake in the policy is named before a pod of this revision takes traffic; those of the last revision go on. */}}
{{- define "leasegate.policy.check" -}}
- name: policy-check
  image: {{ include "leasegate.image" (dict "root" . "image" .Values.image) }}
  imagePullPolicy: {{ .Values.image.pullPolicy }}
  args: [policy, check, {{ include "leasegate.policy.file" . }}]
  securityContext: {{- include "leasegate.securityContext" (dict "root" .) | nindent 4 }}
  resources: {{- toYaml .Values.jobs.resources | nindent 4 }}
  volumeMounts:
    - {name: policy, mountPath: /etc/leasegate/policy, readOnly: true}
    - {name: tmp, mountPath: /tmp}
{{- end -}}

{{- define "leasegate.keys.secret" -}}
{{- .Values.keys.existingSecret.name | default (include "leasegate.componentName" (dict "root" . "component" "keys")) -}}
{{- end -}}

{{- define "leasegate.tlsSecret" -}}
{{- if eq .root.Values.tls.mode "existingSecrets" -}}
{{- get .root.Values.tls.existingSecrets .component -}}
{{- else -}}
{{- printf "%s-tls" (include "leasegate.componentName" .) -}}
{{- end -}}
{{- end -}}

{{/* Started: listens. Ready: can do its work. Alive: its event loop turns. */}}
{{- define "leasegate.probes" -}}
startupProbe:
  httpGet: {path: /startupz, port: health}
  periodSeconds: 2
  failureThreshold: 30
readinessProbe:
  httpGet: {path: /readyz, port: health}
  {{- with .minReadySeconds }}
  # Not minReadySeconds of the Deployment: an eviction does not look at that, and a drain would take the last pod that Envoy knows.
  initialDelaySeconds: {{ . }}
  {{- end }}
  periodSeconds: 5
  failureThreshold: 2
livenessProbe:
  httpGet: {path: /livez, port: health}
  periodSeconds: 10
  failureThreshold: 6
{{- end -}}
