{{/*
Makes Envoy's files in an own volume, `config`. What mounts it at /etc/envoy finds envoy.json there.
Call with (dict "root" $ "resources" …), and "own" for a securityContext that is not the usual one.
*/}}
{{- define "leasegate.envoy.files" -}}
- name: config
  image: {{ include "leasegate.image" (dict "root" .root "image" .root.Values.image) }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  args: [envoy, config, --settings, /etc/leasegate/envoy/settings.json, --out, /etc/envoy]
  resources: {{- include "leasegate.resources" . | nindent 4 }}
  securityContext: {{- include "leasegate.securityContext" . | nindent 4 }}
  volumeMounts:
    - {name: settings, mountPath: /etc/leasegate/envoy, readOnly: true}
    - {name: config, mountPath: /etc/envoy}
{{- end -}}
{{- define "leasegate.envoy.files.volumes" -}}
- name: settings
  configMap: {name: {{ include "leasegate.componentName" (dict "root" . "component" "envoy") }}}
- name: config
  emptyDir: {sizeLimit: 2Mi}
{{- end -}}
