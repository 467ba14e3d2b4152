{{/* Contradictions that would only show at run time. */}}
{{- define "leasegate.validate" -}}
{{- $mistakes := list -}}
{{- if not .Values.embedded.enabled -}}
{{- if not .Values.redis.url -}}{{- $mistakes = append $mistakes "redis.url is missing (or, to try it out, embedded.enabled)" -}}{{- end -}}
{{- if not .Values.clickhouse.url -}}{{- $mistakes = append $mistakes "clickhouse.url is missing (or, to try it out, embedded.enabled)" -}}{{- end -}}
{{- end -}}
{{- if le (int .Values.redis.journalHardLimit) (int .Values.redis.journalHighMark) -}}{{- $mistakes = append $mistakes "redis.journalHardLimit must be above redis.journalHighMark" -}}{{- end -}}
{{- if le (int64 .Values.redis.journalHardBytes) (int64 .Values.redis.journalHighBytes) -}}{{- $mistakes = append $mistakes "redis.journalHardBytes must be above redis.journalHighBytes" -}}{{- end -}}
{{- if lt (int .Values.envoy.terminationGracePeriodSeconds) (add (int .Values.envoy.drainSeconds) 10 | int) -}}{{- $mistakes = append $mistakes "envoy.terminationGracePeriodSeconds must be at least 10 above envoy.drainSeconds" -}}{{- end -}}
{{- if eq .Values.tls.mode "existingSecrets" -}}
{{- range $part, $secret := .Values.tls.existingSecrets -}}
{{- if not $secret -}}{{- $mistakes = append $mistakes (printf "tls.existingSecrets.%s is missing" $part) -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- if and .Values.metrics.serviceMonitor.enabled .Values.metrics.podMonitor.enabled -}}{{- $mistakes = append $mistakes "metrics: serviceMonitor or podMonitor, not both, or everything is counted twice" -}}{{- end -}}
{{- if .Values.policy.existingConfigMap.name -}}
{{- if .Values.policy.inline -}}{{- $mistakes = append $mistakes "policy: inline or existingConfigMap, not both" -}}{{- end -}}
{{- if and .Values.rbac.create (not .Values.rbac.policy) -}}{{- $mistakes = append $mistakes "rbac.policy is missing: Helm cannot read policy.existingConfigMap (or rbac.create: false, and apply what leasegate policy rbac prints)" -}}{{- end -}}
{{- else -}}
{{- with .Values.policy.inline.boundaryNamespace -}}
{{- if ne . (include "leasegate.namespace" $) -}}{{- $mistakes = append $mistakes (printf "policy.inline.boundaryNamespace is %s, but Leasegate is installed in %s: leave it out" . (include "leasegate.namespace" $)) -}}{{- end -}}
{{- end -}}
{{- range $key := list "issuers" "agents" "templates" -}}
{{- if not (get $.Values.policy.inline $key) -}}{{- $mistakes = append $mistakes (printf "policy.inline.%s is missing: see the README for a policy to begin with" $key) -}}{{- end -}}
{{- end -}}
{{- range $index, $template := .Values.policy.inline.templates -}}
{{- range $grant := $template.grants -}}
{{- $known := false -}}
{{- range $agent := $.Values.policy.inline.agents -}}{{- if eq $agent.name $grant.agent -}}{{- $known = true -}}{{- end -}}{{- end -}}
{{- if not $known -}}{{- $mistakes = append $mistakes (printf "policy.inline.templates[%d] grants to %q, which is no agent of the policy" $index $grant.agent) -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if has "*" .Values.networkPolicy.agentNamespaces -}}{{- $mistakes = append $mistakes "networkPolicy.agentNamespaces wants names, not *" -}}{{- end -}}
{{- if has (include "leasegate.namespace" .) .Values.networkPolicy.agentNamespaces -}}{{- $mistakes = append $mistakes "agents must not live in Leasegate's own namespace (networkPolicy.agentNamespaces)" -}}{{- end -}}
{{- if $mistakes -}}{{- fail (printf "\n\n  * %s\n" (join "\n  * " $mistakes)) -}}{{- end -}}
{{- end -}}
