{{- define "leasegate.ipFamilies" -}}
{{- with .Values.ipFamilyPolicy -}}
ipFamilyPolicy: {{ . }}
{{ end -}}
{{- with .Values.ipFamilies -}}
ipFamilies: {{ toJson . }}
{{- end -}}
{{- end -}}

{{- define "leasegate.grpcService" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "leasegate.componentName" . }}
  namespace: {{ include "leasegate.namespace" .root }}
  labels: {{- include "leasegate.labels" . | nindent 4 }}
spec:
  # Envoy balances by itself and watches each process: it wants their addresses, not one in front of them, and those that are not
  # ready as well: it would learn of them by DNS half a minute after they are.
  clusterIP: None
  publishNotReadyAddresses: true
  {{- include "leasegate.ipFamilies" .root | nindent 2 }}
  selector: {{- include "leasegate.selectorLabels" . | nindent 4 }}
  ports:
    # TLS of our own, on both ends: a mesh passes it on as it is.
    - {name: grpc, port: 9001, targetPort: grpc, appProtocol: tls}
    - {name: health, port: 9090, targetPort: health}
    {{- if and (eq .component "tap") .root.Values.sessions.enabled }}
    - {name: recorder, port: 9002, targetPort: recorder, appProtocol: tls}
    {{- end }}
{{- end -}}
