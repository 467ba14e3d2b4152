{{/* A rule: these ports, in these networks; in every one where none is named. Call with (dict "ports" (list …) "networks" (list …)). */}}
{{- define "leasegate.network.to" -}}
- ports: {{- range .ports | uniq }}
    - {protocol: TCP, port: {{ int . }}}
  {{- end }}
  {{- with .networks }}
  to: {{- range . }}
    - ipBlock: {cidr: {{ . | quote }}}
  {{- end }}
  {{- end }}
{{- end -}}

{{/* Where a part of ours listens for Envoy. Call with (dict "root" $ "component" "tap"). */}}
{{- define "leasegate.network.partPorts" -}}
{{- $ports := list (dict "protocol" "TCP" "port" "grpc") -}}
{{- if and (eq .component "tap") .root.Values.sessions.enabled -}}{{- $ports = append $ports (dict "protocol" "TCP" "port" "recorder") -}}{{- end -}}
{{- toJson $ports -}}
{{- end -}}

{{- define "leasegate.network.apiServer" -}}
{{- include "leasegate.network.to" (dict "ports" (include "leasegate.apiServerPorts" . | fromJsonArray) "networks" .Values.apiServer.networks) -}}
{{- end -}}

{{/* Its own, and those of its endpoints: some network plugins see the one, some the other. */}}
{{- define "leasegate.apiServerPorts" -}}
{{- toJson (prepend .Values.apiServer.endpointPorts .Values.apiServer.port) -}}
{{- end -}}

{{/* These ports, and those of addresses that values name, as a JSON list. Call with (dict "ports" (list …) "urls" (list …)). */}}
{{- define "leasegate.network.ports" -}}
{{- $ports := .ports -}}
{{- $usual := dict "http" "80" "https" "443" "redis" "6379" "rediss" "6379" -}}
{{- range compact .urls -}}
{{- $url := urlParse . -}}
{{- with regexFind ":[0-9]+$" $url.host | trimPrefix ":" | default (get $usual $url.scheme) -}}{{- $ports = append $ports (int .) -}}{{- end -}}
{{- end -}}
{{- toJson $ports -}}
{{- end -}}

{{- define "leasegate.network.clickhouse" -}}
{{- $ports := include "leasegate.network.ports" (dict "ports" .Values.networkPolicy.clickhousePorts "urls" (list .Values.clickhouse.url)) | fromJsonArray -}}
{{- include "leasegate.network.to" (dict "ports" $ports "networks" .Values.networkPolicy.clickhouseNetworks) -}}
{{- end -}}

{{- define "leasegate.network.ledger" -}}
{{- $ports := include "leasegate.network.ports" (dict "ports" .Values.networkPolicy.ledgerPorts "urls" (list .Values.ledger.s3.url)) | fromJsonArray -}}
{{- include "leasegate.network.to" (dict "ports" $ports "networks" .Values.networkPolicy.ledgerNetworks) -}}
{{- end -}}

{{- define "leasegate.network.issuers" -}}
{{- $urls := list .Values.console.issuer -}}
{{- range (include "leasegate.policy" . | fromYaml).issuers -}}{{- $urls = append $urls (dig "url" "" (.jwks | default dict)) -}}{{- end -}}
{{- $ports := include "leasegate.network.ports" (dict "ports" .Values.networkPolicy.issuerPorts "urls" $urls) | fromJsonArray -}}
{{- include "leasegate.network.to" (dict "ports" $ports "networks" .Values.networkPolicy.issuerNetworks) -}}
{{- end -}}

{{- define "leasegate.network.notify" -}}
{{- $urls := list .Values.webhook.url (dig "notify" "onCall" "url" "" (include "leasegate.policy" . | fromYaml)) (dig "tickets" "url" "" (include "leasegate.policy" . | fromYaml)) -}}
{{- range dig "notify" "receivers" list (include "leasegate.policy" . | fromYaml) -}}
{{- range . -}}
{{- if kindIs "map" . -}}{{- $urls = concat $urls (list (get . "url") (ternary (printf "smtp://%s" (get . "server")) "" (hasKey . "server"))) -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- $ports := include "leasegate.network.ports" (dict "ports" .Values.networkPolicy.notifyPorts "urls" $urls) | fromJsonArray -}}
{{- include "leasegate.network.to" (dict "ports" $ports "networks" .Values.networkPolicy.notifyNetworks) -}}
{{- end -}}

{{/* A policy in a ConfigMap of one's own is not read here: whoever names the Secret has receivers in it. */}}
{{- define "leasegate.notifies" -}}
{{- if or .Values.notify.existingSecret.name .Values.webhook.url (and (not .Values.policy.existingConfigMap.name) (or .Values.policy.inline.notify .Values.policy.inline.tickets)) -}}true{{- end -}}
{{- end -}}

{{- define "leasegate.network.redis" -}}
{{- if .Values.embedded.enabled -}}
- ports: [{protocol: TCP, port: redis}]
  to: [{podSelector: {matchLabels: {{ include "leasegate.selectorLabels" (dict "root" . "component" "valkey") | fromYaml | toJson }}}}]
{{- else -}}
{{- $ports := .Values.networkPolicy.redisPorts -}}
{{- /* Where sentinels tell where it is, its address names no port. */ -}}
{{- if not .Values.redis.sentinel.addresses -}}{{- $ports = include "leasegate.network.ports" (dict "ports" $ports "urls" (list .Values.redis.url)) | fromJsonArray -}}{{- end -}}
{{- range .Values.redis.sentinel.addresses -}}
{{- $ports = append $ports (regexFind ":[0-9]+$" . | trimPrefix ":" | default "26379" | int) -}}
{{- end -}}
{{- include "leasegate.network.to" (dict "ports" $ports "networks" .Values.networkPolicy.redisNetworks) -}}
{{- end -}}
{{- end -}}

{{- define "leasegate.network.setup" -}}
{{ include "leasegate.network.apiServer" . }}
{{- if include "leasegate.setup.looksAtStores" . }}
{{ include "leasegate.network.redis" . }}
{{ include "leasegate.network.clickhouse" . }}
{{- end }}
{{- end -}}

{{/* A port alone would be a way to every pod that listens there. */}}
{{- define "leasegate.network.dns" -}}
{{- with .Values.networkPolicy.dns -}}
- ports: {{- range .ports }}
    - {protocol: UDP, port: {{ . }}}
    - {protocol: TCP, port: {{ . }}}
  {{- end }}
  to: {{- range .pods }}
    - {{ toJson . }}
  {{- end }}
  {{- range .networks }}
    - ipBlock: {cidr: {{ . | quote }}}
  {{- end }}
{{- end }}
{{- end -}}

{{/* What agents reach beside Envoy: never the API server, whatever networks are named. */}}
{{- define "leasegate.network.agentEgress" -}}
{{- $egress := .Values.networkPolicy.agentEgress -}}
{{- if or $egress.networks $egress.pods -}}
- ports: {{- range $egress.ports }}
    - {protocol: TCP, port: {{ int . }}}
  {{- end }}
  to: {{- range $network := $egress.networks }}
    {{- $except := list }}
    {{- range concat $.Values.apiServer.networks $egress.except }}
    {{- if eq (include "leasegate.cidr.compare" (dict "network" $network "other" .)) "within" }}{{- $except = append $except . }}{{- end }}
    {{- end }}
    - ipBlock: {cidr: {{ $network | quote }}{{ with $except | uniq }}, except: {{ toJson . }}{{ end }}}
  {{- end }}
  {{- range $egress.pods }}
    - {{ toJson . }}
  {{- end }}
{{- end -}}
{{- end -}}

{{/* How one network lies to another: apart; within, smaller than it; covers, as large or larger; unknown. */}}
{{- define "leasegate.cidr.compare" -}}
{{- $a := splitList "/" .network -}}
{{- $b := splitList "/" .other -}}
{{- $sixth := contains ":" (first $a) -}}
{{- if ne $sixth (contains ":" (first $b)) -}}apart
{{- else if $sixth -}}
{{- if eq (last $b) "0" -}}covers{{- else if eq (last $a) "0" -}}within{{- else -}}unknown{{- end -}}
{{- else -}}
{{- $bits := min (last $a | int) (last $b | int) -}}
{{- $block := 1 -}}
{{- range until (sub 32 $bits | int) -}}{{- $block = mul $block 2 -}}{{- end -}}
{{- $numbers := list -}}
{{- range list (first $a) (first $b) -}}
{{- $number := 0 -}}
{{- range splitList "." . -}}{{- $number = add (mul $number 256) (int .) -}}{{- end -}}
{{- $numbers = append $numbers (div $number $block) -}}
{{- end -}}
{{- if ne (first $numbers) (last $numbers) -}}apart
{{- else if gt (last $b | int) (last $a | int) -}}within
{{- else -}}covers
{{- end -}}
{{- end -}}
{{- end -}}
