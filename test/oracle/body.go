package main

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
)

// What the API server decodes a body to, as the built-in kind Pod and as a custom resource.
type bodyAnswer struct {
	BuiltIn object `json:"builtIn"`
	Custom  object `json:"custom"`
}

type object struct {
	Error           string            `json:"error,omitempty"`
	Name            string            `json:"name"`
	Namespace       string            `json:"namespace"`
	GenerateName    string            `json:"generateName"`
	UID             string            `json:"uid"`
	ResourceVersion string            `json:"resourceVersion"`
	Labels          map[string]string `json:"labels"`
	Escapes         []string          `json:"escapes"`
}

var (
	scheme = runtime.NewScheme()
	codecs = serializer.NewCodecFactory(scheme)
	pod    = corev1.SchemeGroupVersion.WithKind("Pod")
)

func init() {
	utilruntime.Must(corev1.AddToScheme(scheme))
}

func readBody(contentType string, body []byte) bodyAnswer {
	info, ok := runtime.SerializerInfoForMediaType(codecs.SupportedMediaTypes(), contentType)
	if !ok {
		refused := object{Error: "unsupported media type"}
		return bodyAnswer{BuiltIn: refused, Custom: refused}
	}
	builtIn, _, err := info.Serializer.Decode(body, &pod, nil)
	answer := bodyAnswer{BuiltIn: toObject(builtIn, err), Custom: object{Error: "custom resources have no protobuf"}}
	if contentType != runtime.ContentTypeProtobuf {
		custom := &unstructured.Unstructured{}
		_, _, err = info.Serializer.Decode(body, &pod, custom)
		answer.Custom = toObject(custom, err)
	}
	return answer
}

func toObject(decoded runtime.Object, err error) object {
	if err != nil {
		return object{Error: err.Error()}
	}
	accessor, err := meta.Accessor(decoded)
	if err != nil {
		return object{Error: err.Error()}
	}
	answer := object{
		Name:            accessor.GetName(),
		Namespace:       accessor.GetNamespace(),
		GenerateName:    accessor.GetGenerateName(),
		UID:             string(accessor.GetUID()),
		ResourceVersion: accessor.GetResourceVersion(),
		Labels:          accessor.GetLabels(),
	}
	if pod, ok := decoded.(*corev1.Pod); ok {
		answer.Escapes = escapes(&pod.Spec)
	}
	return answer
}

func escapes(spec *corev1.PodSpec) []string {
	found := []string{}
	if reachesIdentity(spec) {
		found = append(found, "identity")
	}
	if reachesHost(spec) {
		found = append(found, "host")
	}
	return found
}

func reachesIdentity(spec *corev1.PodSpec) bool {
	for _, account := range []string{spec.ServiceAccountName, spec.DeprecatedServiceAccount} {
		if account != "" && account != "default" {
			return true
		}
	}
	for _, volume := range spec.Volumes {
		if volume.Projected == nil {
			continue
		}
		for _, source := range volume.Projected.Sources {
			if source.ServiceAccountToken != nil || source.PodCertificate != nil {
				return true
			}
		}
	}
	return false
}

func reachesHost(spec *corev1.PodSpec) bool {
	if spec.HostNetwork || spec.HostPID || spec.HostIPC {
		return true
	}
	for _, volume := range spec.Volumes {
		if volume.HostPath != nil {
			return true
		}
	}
	for _, container := range append(spec.Containers, spec.InitContainers...) {
		security := container.SecurityContext
		if security != nil && security.Privileged != nil && *security.Privileged {
			return true
		}
	}
	return false
}
