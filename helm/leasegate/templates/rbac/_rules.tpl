{{/*
The rights of one task template in one scope, as `leasegate policy rbac` writes them: a JSON list of RBAC rules.
Call with (dict "template" $template "scope" "namespaces").
*/}}
{{- define "leasegate.rbac.rules" -}}
{{- $resourceVerbs := list "get" "list" "watch" "create" "update" "patch" "delete" "deletecollection" -}}
{{- $pathVerbs := list "get" "head" "options" "post" "put" "patch" "delete" -}}
{{- $widening := dict "bind" "rbac-bind" "escalate" "rbac-escalate" "impersonate" "impersonate" "approve" "csr-sign" "sign" "csr-sign" "attest" "csr-sign" -}}
{{- $dangerous := .template.dangerous | default list -}}
{{- $rules := list -}}
{{- range $rule := .template.rules -}}
{{- if eq ($rule.scope | default "namespaces") $.scope -}}
{{- $urls := $rule.nonResourceURLs | default list -}}
{{- $groups := $rule.apiGroups | default list -}}
{{- $resources := $rule.resources | default list -}}
{{- $names := ternary (dict "resourceNames" $rule.resourceNames) dict (gt (len ($rule.resourceNames | default list)) 0) -}}
{{- $verbs := list -}}
{{- range $verb := $rule.verbs -}}
{{- range $each := (eq $verb "*" | ternary (gt (len $urls) 0 | ternary $pathVerbs $resourceVerbs) (list $verb)) -}}
{{- $risk := get $widening $each -}}
{{- if and (not (has $each $verbs)) (or (eq $risk "") (has $risk $dangerous)) -}}
{{- $verbs = append $verbs $each -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if $verbs -}}
{{- if $urls -}}
{{- $rules = append $rules (dict "verbs" $verbs "nonResourceURLs" $urls) -}}
{{- else -}}
{{- $rules = append $rules (merge (dict "verbs" $verbs "apiGroups" $groups "resources" $resources) $names) -}}
{{- end -}}
{{- end -}}
{{- /* Kubernetes cannot tell the name of what is created; a lease can, and compares it. */ -}}
{{- $creates := or (has "*" $rule.verbs) (has "create" $rule.verbs) -}}
{{- $collections := list -}}
{{- range $resources -}}{{- if not (contains "/" .) -}}{{- $collections = append $collections . -}}{{- end -}}{{- end -}}
{{- if and $creates $names $collections -}}
{{- $rules = append $rules (dict "verbs" (list "create") "apiGroups" $groups "resources" $collections) -}}
{{- end -}}
{{- /* A lease grants exec by create alone; Kubernetes wants get as well when it comes as a WebSocket. */ -}}
{{- $gets := or (has "*" $rule.verbs) (has "get" $rule.verbs) -}}
{{- if and $creates (not $gets) (or (has "*" $groups) (has "" $groups)) -}}
{{- $streams := list -}}
{{- range $stream := list "exec" "attach" "portforward" -}}
{{- if or (has "*" $resources) (has (printf "*/%s" $stream) $resources) (has (printf "pods/%s" $stream) $resources) -}}
{{- $streams = append $streams (printf "pods/%s" $stream) -}}
{{- end -}}
{{- end -}}
{{- if $streams -}}
{{- $rules = append $rules (merge (dict "verbs" (list "get") "apiGroups" (list "") "resources" $streams) $names) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toJson $rules -}}
{{- end -}}

{{/* The same rules for constrained impersonation: the right to do each thing while acting as another. */}}
{{- define "leasegate.rbac.onBehalf" -}}
{{- $rules := list -}}
{{- range $rule := . -}}
{{- $verbs := list -}}
{{- range $verb := $rule.verbs -}}{{- $verbs = append $verbs (printf "impersonate-on:user-info:%s" $verb) -}}{{- end -}}
{{- $rules = append $rules (merge (dict "verbs" $verbs) $rule) -}}
{{- end -}}
{{- toJson $rules -}}
{{- end -}}

{{/* Of these rules what a plan tries or looks at. */}}
{{- define "leasegate.rbac.planned" -}}
{{- $rules := list -}}
{{- range $rule := . -}}
{{- $verbs := list -}}
{{- range $verb := $rule.verbs -}}{{- if has $verb (list "get" "list" "create" "update" "patch") -}}{{- $verbs = append $verbs $verb -}}{{- end -}}{{- end -}}
{{- $resources := list -}}
{{- range $resource := $rule.resources | default list -}}{{- if regexMatch "^[^/]+(/(status|scale|ephemeralcontainers|resize))?$" $resource -}}{{- $resources = append $resources $resource -}}{{- end -}}{{- end -}}
{{- if and $verbs $resources -}}{{- $rules = append $rules (merge (dict "verbs" $verbs "resources" $resources) $rule) -}}{{- end -}}
{{- end -}}
{{- toJson $rules -}}
{{- end -}}

{{/* constrained or legacy: by setting, else by what the cluster has. */}}
{{- define "leasegate.rbac.mode" -}}
{{- if ne .Values.rbac.impersonation "auto" -}}
{{- .Values.rbac.impersonation -}}
{{- else if semverCompare ">=1.36.0-0" .Capabilities.KubeVersion.Version -}}
constrained
{{- else -}}
legacy
{{- end -}}
{{- end -}}

{{/* A role and what binds it. Call with (dict "name" $name "rules" $rules "subject" $subject "namespaces" (list …) "root" $). No namespaces: for the whole cluster. */}}
{{- define "leasegate.rbac.grant" -}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: {{ .name | quote }}
  labels: {{- include "leasegate.rbac.labels" .root | nindent 4 }}
rules: {{- toYaml .rules | nindent 2 }}
{{- if .namespaces }}
{{- range $namespace := .namespaces }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ $.name | quote }}
  namespace: {{ $namespace | quote }}
  labels: {{- include "leasegate.rbac.labels" $.root | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: {{ $.name | quote }}
subjects:
  - {{- toYaml $.subject | nindent 4 }}
{{- end }}
{{- else }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: {{ .name | quote }}
  labels: {{- include "leasegate.rbac.labels" .root | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: {{ .name | quote }}
subjects:
  - {{- toYaml .subject | nindent 4 }}
{{- end }}
{{- end -}}
