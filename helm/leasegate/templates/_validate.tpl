{{/* Of a duration such as 90s or 5m. */}}
{{- define "leasegate.seconds" -}}
{{- $unit := regexFind "[a-z]+$" . -}}
{{- mul (regexFind "^[0-9]+" . | int) (get (dict "ms" 0 "s" 1 "m" 60 "h" 3600 "d" 86400) $unit | default 0 | int) -}}
{{- end -}}

{{/* Something where a selector of a peer says anything. */}}
{{- define "leasegate.selects" -}}
{{- with . -}}{{- if or .matchLabels .matchExpressions -}}yes{{- end -}}{{- end -}}
{{- end -}}

{{/* Contradictions that would only show at run time. */}}
{{- define "leasegate.validate" -}}
{{- $mistakes := list -}}
{{- if not .Values.image.repository -}}{{- $mistakes = append $mistakes "image.repository is missing: no image is published under a name of ours; build one from the checkout and say where it is (image.registry, image.repository)" -}}{{- end -}}
{{- if not .Values.embedded.enabled -}}
{{- if not .Values.redis.url -}}{{- $mistakes = append $mistakes "redis.url is missing (or, to try it out, embedded.enabled)" -}}{{- end -}}
{{- if not .Values.clickhouse.url -}}{{- $mistakes = append $mistakes "clickhouse.url is missing (or, to try it out, embedded.enabled)" -}}{{- end -}}
{{- end -}}
{{- with .Values.redis.sentinel -}}
{{- if and .addresses (not $.Values.embedded.enabled) (not (regexMatch "^rediss?://[A-Za-z0-9_.-]+(/[0-9]*)?$" $.Values.redis.url)) -}}{{- $mistakes = append $mistakes "redis.url must be the name of the primary without a port, such as redis://mymaster: redis.sentinel.addresses tell where it is" -}}{{- end -}}
{{- if and (or .username .existingSecret.name .ca.name (ne .tls "auto")) (not .addresses) -}}{{- $mistakes = append $mistakes "redis.sentinel.addresses is missing: who is to be asked with what redis.sentinel has" -}}{{- end -}}
{{- if and .ca.name (eq .tls "no") -}}{{- $mistakes = append $mistakes "redis.sentinel: ca or tls no, not both" -}}{{- end -}}
{{- if and .addresses (not $.Values.embedded.enabled) (eq .tls "no") (hasPrefix "rediss:" $.Values.redis.url) (not $.Values.redis.ca.name) -}}{{- $mistakes = append $mistakes "redis.ca is missing: with redis.sentinel.tls no, whoever answers for a sentinel would say which name the certificate of the store has to have" -}}{{- end -}}
{{- if gt (len .addresses) 9 -}}{{- $mistakes = append $mistakes "redis.sentinel.addresses must be nine at most" -}}{{- end -}}
{{- end -}}
{{- if and .Values.redis.cluster (not .Values.embedded.enabled) -}}
{{- if .Values.redis.sentinel.addresses -}}{{- $mistakes = append $mistakes "redis.cluster or redis.sentinel.addresses, not both: a cluster fails over by itself" -}}{{- end -}}
{{- if regexMatch "/[1-9][0-9]*$" .Values.redis.url -}}{{- $mistakes = append $mistakes "redis.url must name no database: with redis.cluster there is one" -}}{{- end -}}
{{- end -}}
{{- if le (int .Values.redis.journalHardLimit) (int .Values.redis.journalHighMark) -}}{{- $mistakes = append $mistakes "redis.journalHardLimit must be above redis.journalHighMark" -}}{{- end -}}
{{- if le (int64 .Values.redis.journalHardBytes) (int64 .Values.redis.journalHighBytes) -}}{{- $mistakes = append $mistakes "redis.journalHardBytes must be above redis.journalHighBytes" -}}{{- end -}}
{{- if lt (int .Values.envoy.terminationGracePeriodSeconds) (add (int .Values.envoy.drainSeconds) 10 | int) -}}{{- $mistakes = append $mistakes "envoy.terminationGracePeriodSeconds must be at least 10 above envoy.drainSeconds" -}}{{- end -}}
{{- if lt (int .Values.broker.terminationGracePeriodSeconds) 50 -}}{{- $mistakes = append $mistakes "broker.terminationGracePeriodSeconds must be at least 50: it goes on for 35 seconds until nobody asks it any more, and then finishes what it has" -}}{{- end -}}
{{- if and .Values.console.url (not .Values.console.issuer) -}}{{- $mistakes = append $mistakes "console.issuer is missing: with console.url people sign in somewhere" -}}{{- end -}}
{{- if and .Values.webhook.url (not .Values.webhook.existingSecret.name) -}}{{- $mistakes = append $mistakes "webhook.existingSecret.name is missing: nothing is posted unsigned" -}}{{- end -}}
{{- if and (not .Values.policy.existingConfigMap.name) (or .Values.policy.inline.notify .Values.policy.inline.tickets) (not .Values.notify.existingSecret.name) (not .Values.broker.extraVolumes) -}}{{- $mistakes = append $mistakes "notify.existingSecret.name is missing: policy.inline.notify and tickets name files with tokens and passwords, and no volume of the broker has them" -}}{{- end -}}
{{- if and (not .Values.policy.existingConfigMap.name) .Values.policy.inline.certificateAuthorities (not .Values.clientCertificates.enabled) -}}{{- $mistakes = append $mistakes "clientCertificates.enabled is missing: policy.inline.certificateAuthorities vouch for certificates, and Envoy asks nobody for one" -}}{{- end -}}
{{- if lt (int .Values.authorizer.terminationGracePeriodSeconds) (add 10 (include "leasegate.seconds" .Values.authorizer.drainLimit | int) | int) -}}{{- $mistakes = append $mistakes "authorizer.terminationGracePeriodSeconds must be at least 10 above authorizer.drainLimit" -}}{{- end -}}
{{- range $label, $value := .Values.commonLabels -}}
{{- if regexMatch "^(app\\.kubernetes\\.io/(name|instance|component|part-of|managed-by|version)|helm\\.sh/chart)$" $label -}}{{- $mistakes = append $mistakes (printf "commonLabels: %s is the chart's own" $label) -}}{{- end -}}
{{- end -}}
{{- with .Values.networkPolicy.dns -}}
{{- if and $.Values.networkPolicy.enabled (not (or .pods .networks)) -}}{{- $mistakes = append $mistakes "networkPolicy.dns: pods or networks is missing: without either, everybody would reach every address on the ports of DNS" -}}{{- end -}}
{{- end -}}
{{- if include "leasegate.publicNamesOnly" . -}}
{{- if not .Values.tls.hosts -}}{{- $mistakes = append $mistakes "tls.hosts is missing: tls.certManager.issuerRef is asked for these names alone (or, of an issuer that signs the Service's names, tls.certManager.serviceNames)" -}}{{- end -}}
{{- end -}}
{{- with .Values.envoy.service -}}
{{- if and (ne .type "ClusterIP") $.Values.networkPolicy.enabled (not $.Values.networkPolicy.clientNetworks) -}}{{- $mistakes = append $mistakes (printf "networkPolicy.clientNetworks is missing: envoy.service.type is %s, and nothing from outside of the cluster would get in. Name the nodes' network (externalTrafficPolicy: Cluster), the clients' (Local), or the load balancer's own (targets by address)" .type) -}}{{- end -}}
{{- end -}}
{{- if .Values.sessions.enabled -}}
{{- with .Values.sessions -}}
{{- if and .keyCommand .existingSecret.name -}}{{- $mistakes = append $mistakes "sessions: existingSecret or keyCommand, not both: one of them has the keys" -}}{{- end -}}
{{- if not .existingSecret.key -}}{{- $mistakes = append $mistakes "sessions.existingSecret.key is missing: under which name the keys are in the Secret" -}}{{- end -}}
{{- if and .existingSecret.name (not $.Values.keys.existingSecret.name) (eq .existingSecret.name (include "leasegate.keys.secret" $)) -}}{{- $mistakes = append $mistakes (printf "sessions.existingSecret.name is %s, which the job makes, with keys that sign leases: name another one" .existingSecret.name) -}}{{- end -}}
{{- if and .spool.persistent (not $.Values.embedded.enabled) (le (include "leasegate.quantity" .spool.storage | int64) (mul .spool.mib 1048576)) -}}{{- $mistakes = append $mistakes (printf "sessions.spool.storage must be above sessions.spool.mib: a volume of %s is full before the spool is, at %d MiB" .spool.storage (int .spool.mib)) -}}{{- end -}}
{{- if and $.Values.embedded.enabled (lt (include "leasegate.quantity" $.Values.embedded.clickhouse.storage | int64) (mul .spool.mib 2097152)) -}}{{- $mistakes = append $mistakes (printf "sessions.spool.mib must be at most half of embedded.clickhouse.storage, where the record lies as well: %d MiB of %s" (int .spool.mib) $.Values.embedded.clickhouse.storage) -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- if .Values.ledger.enabled -}}
{{- with .Values.ledger -}}
{{- if not .existingSecret.name -}}{{- $mistakes = append $mistakes "ledger.existingSecret.name is missing: the key that signs, as `leasegate keys ledger` makes it" -}}{{- end -}}
{{- if and .s3.url (not (and .s3.bucket .s3.existingSecret.name)) -}}{{- $mistakes = append $mistakes "ledger.s3.bucket or ledger.s3.existingSecret.name is missing: with ledger.s3.url checkpoints are put somewhere, by somebody" -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- if and .Values.embedded.enabled .Values.redis.durableReplicas -}}{{- $mistakes = append $mistakes "redis.durableReplicas must be 0 with embedded.enabled: that store has no replica, and nothing would ever count" -}}{{- end -}}
{{- with $egress := .Values.networkPolicy.agentEgress -}}
{{- if and .networks (not $.Values.apiServer.networks) -}}{{- $mistakes = append $mistakes "apiServer.networks is missing: networkPolicy.agentEgress.networks would let agents reach the API server past the boundary" -}}{{- end -}}
{{- range $network := .networks -}}
{{- range $.Values.apiServer.networks -}}
{{- $how := include "leasegate.cidr.compare" (dict "network" $network "other" .) -}}
{{- if eq $how "covers" -}}{{- $mistakes = append $mistakes (printf "networkPolicy.agentEgress.networks: %s lies within %s of apiServer.networks: agents would reach the API server past the boundary" $network .) -}}{{- end -}}
{{- if eq $how "unknown" -}}{{- $mistakes = append $mistakes (printf "networkPolicy.agentEgress.networks: whether %s holds %s of apiServer.networks is not compared for IPv6: name ::/0, or networks of IPv4" $network .) -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- range $family, $sign := dict "IPv4" "." "IPv6" ":" -}}
{{- if and $.Values.networkPolicy.enabled $.Values.apiServer.networks (contains $sign (join " " $egress.networks)) (not (contains $sign (join " " $.Values.apiServer.networks))) -}}{{- $mistakes = append $mistakes (printf "apiServer.networks has none of %s, and networkPolicy.agentEgress.networks has: agents could reach the API server past the boundary. Name its address of that family; where it has none, leave those networks out" $family) -}}{{- end -}}
{{- end -}}
{{- range .pods -}}
{{- if .ipBlock -}}{{- $mistakes = append $mistakes "networkPolicy.agentEgress.pods wants pods; addresses belong into networks" -}}
{{- else if not (or (include "leasegate.selects" .namespaceSelector) (include "leasegate.selects" .podSelector)) -}}{{- $mistakes = append $mistakes "networkPolicy.agentEgress.pods: a peer that names neither pods nor namespaces by a label is every pod, an API server that is one among them" -}}{{- end -}}
{{- end -}}
{{- end -}}
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
{{- range $issuer := $.Values.policy.inline.issuers -}}
{{- range $key := list "file" "caFile" -}}
{{- $file := get ($issuer.jwks | default dict) $key -}}
{{- if and $file (not (hasPrefix "/" $file)) (not (hasKey $.Values.policy.files $file)) -}}{{- $mistakes = append $mistakes (printf "policy.files has no %q, which issuer %s names as jwks.%s" $file $issuer.name $key) -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- range $authority := $.Values.policy.inline.certificateAuthorities -}}
{{- if and $authority.file (not (hasPrefix "/" $authority.file)) (not (hasKey $.Values.policy.files $authority.file)) -}}{{- $mistakes = append $mistakes (printf "policy.files has no %q, which certificate authority %s names as file" $authority.file $authority.name) -}}{{- end -}}
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
