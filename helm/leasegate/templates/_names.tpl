{{- define "leasegate.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "leasegate.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "leasegate.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "leasegate.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride -}}
{{- end -}}

{{/* Call with (dict "root" $ "component" "envoy"). */}}
{{- define "leasegate.componentName" -}}
{{- printf "%s-%s" (include "leasegate.fullname" .root) .component -}}
{{- end -}}

{{- define "leasegate.serviceAccountName" -}}
{{- $component := get .root.Values .component | default dict -}}
{{- $account := $component.serviceAccount | default dict -}}
{{- $account.name | default (include "leasegate.componentName" .) -}}
{{- end -}}

{{/* Of pods made from a template: without the chart's version, or each upgrade would replace them all. */}}
{{- define "leasegate.podLabels" -}}
{{ include "leasegate.selectorLabels" . }}
app.kubernetes.io/part-of: leasegate
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "leasegate.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{ include "leasegate.podLabels" . }}
{{- end -}}

{{- define "leasegate.selectorLabels" -}}
app.kubernetes.io/name: {{ include "leasegate.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end -}}

{{/* Where the processes of a component are found: a name that stands for the addresses of all of them. */}}
{{- define "leasegate.partHost" -}}
{{- printf "%s.%s.svc" (include "leasegate.componentName" .) (include "leasegate.namespace" .root) -}}
{{- end -}}

{{/* Under which name Envoy is reached from inside of the cluster: of its certificate. A public issuer was not asked for the Service's. */}}
{{- define "leasegate.host" -}}
{{- if include "leasegate.publicNamesOnly" . -}}
{{- first .Values.tls.hosts -}}
{{- else -}}
{{- include "leasegate.partHost" (dict "root" . "component" "envoy") -}}
{{- end -}}
{{- end -}}

{{- define "leasegate.publicNamesOnly" -}}
{{- with .Values.tls -}}
{{- if and (eq .mode "certManager") .certManager.issuerRef (not .certManager.serviceNames) -}}yes{{- end -}}
{{- end -}}
{{- end -}}

{{/* Names and addresses under which agents reach Envoy, as a JSON list. */}}
{{- define "leasegate.hosts" -}}
{{- $service := include "leasegate.componentName" (dict "root" . "component" "envoy") -}}
{{- $namespace := include "leasegate.namespace" . -}}
{{- $names := list (printf "%s.%s.svc" $service $namespace) (printf "%s.%s" $service $namespace) (printf "%s.%s.svc.%s" $service $namespace .Values.clusterDomain) $service -}}
{{- toJson (ternary .Values.tls.hosts (concat $names .Values.tls.hosts) (ne (include "leasegate.publicNamesOnly" .) "")) -}}
{{- end -}}

{{/* As it stands in a URL. */}}
{{- define "leasegate.urlHost" -}}
{{- if contains ":" . -}}[{{ . }}]{{- else -}}{{ . }}{{- end -}}
{{- end -}}

{{/* Of these namespaces, as a JSON list, those that are there; all of them where nobody can be asked. One that is gone would fail the whole release. */}}
{{- define "leasegate.namespacesThere" -}}
{{- $there := list -}}
{{- $asked := and .root.Values.skipMissingNamespaces .names (lookup "v1" "Namespace" "" "kube-system") -}}
{{- range $name := .names -}}
{{- if or (not $asked) (lookup "v1" "Namespace" "" $name) -}}{{- $there = append $there $name -}}{{- end -}}
{{- end -}}
{{- toJson $there -}}
{{- end -}}

{{- define "leasegate.agentNamespaces" -}}
{{- include "leasegate.namespacesThere" (dict "root" . "names" .Values.networkPolicy.agentNamespaces) -}}
{{- end -}}

{{/* Something where the text is an IP address, else nothing. */}}
{{- define "leasegate.isAddress" -}}
{{- if or (regexMatch "^[0-9.]+$" .) (contains ":" .) -}}yes{{- end -}}
{{- end -}}

{{/* Something where an issuer of the policy is this very cluster. */}}
{{- define "leasegate.policy.asksCluster" -}}
{{- range (include "leasegate.policy" . | fromYaml).issuers -}}
{{- if dig "cluster" false (.jwks | default dict) -}}yes{{- end -}}
{{- end -}}
{{- end -}}

{{/* Something where the broker makes plans: with an account of the cluster that it is in. */}}
{{- define "leasegate.plans" -}}
{{- if and .Values.plans.enabled (hasPrefix "kubernetes.default" .Values.apiServer.host) -}}yes{{- end -}}
{{- end -}}

{{- define "leasegate.rbac.labels" -}}
{{ include "leasegate.labels" (dict "root" . "component" "rbac") }}
{{- end -}}

{{/* registry/repository@digest or :tag. Call with (dict "root" $ "image" .Values.image). */}}
{{- define "leasegate.image" -}}
{{- $registry := .root.Values.global.imageRegistry | default .image.registry -}}
{{- $name := ternary .image.repository (printf "%s/%s" $registry .image.repository) (empty $registry) -}}
{{- if .image.digest -}}
{{- printf "%s@%s" $name .image.digest -}}
{{- else -}}
{{- printf "%s:%s" $name (.image.tag | default .root.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{/* The policy of the values, as YAML; where it comes from a ConfigMap of the user's, what `rbac.policy` says of it. */}}
{{- define "leasegate.policy" -}}
{{- if .Values.policy.existingConfigMap.name -}}
{{- .Values.rbac.policy | default dict | toYaml -}}
{{- else -}}
{{- /* Its own namespace is out of agents' reach, whether the policy says so or not. */ -}}
{{- merge (deepCopy .Values.policy.inline) (dict "boundaryNamespace" (include "leasegate.namespace" .)) | toYaml -}}
{{- end -}}
{{- end -}}
