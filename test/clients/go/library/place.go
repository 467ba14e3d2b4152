package main

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// place is where the program works, and with what.
type place struct {
	config     *rest.Config
	typed      *kubernetes.Clientset
	dynamic    *dynamic.DynamicClient
	namespace  string
	prefix     string
	deployment string
}

func newPlace(kubeconfig, namespace, prefix, deployment string) (*place, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	config.QPS, config.Burst = 100, 200
	typed, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	untyped, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	return &place{config, typed, untyped, namespace, prefix, deployment}, nil
}

func (at *place) configMaps() typedcorev1.ConfigMapInterface {
	return at.typed.CoreV1().ConfigMaps(at.namespace)
}

func (at *place) named(name string) string {
	return at.prefix + "-" + name
}

func (at *place) configMap(name string, data, labels map[string]string) *corev1.ConfigMap {
	all := map[string]string{"client": at.prefix}
	for key, value := range labels {
		all[key] = value
	}
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: at.named(name), Labels: all}, Data: data}
}

func (at *place) create(ctx context.Context, name string, data, labels map[string]string) (*corev1.ConfigMap, error) {
	return at.configMaps().Create(ctx, at.configMap(name, data, labels), metav1.CreateOptions{})
}

func (at *place) pod(ctx context.Context) (string, error) {
	found, err := at.typed.CoreV1().Pods(at.namespace).List(ctx, metav1.ListOptions{
		LabelSelector: "app=" + at.deployment,
		FieldSelector: "status.phase=Running",
	})
	if err != nil {
		return "", err
	}
	if len(found.Items) == 0 {
		return "", fmt.Errorf("no pod of %s runs", at.deployment)
	}
	return found.Items[0].Name, nil
}

func nameOf(object runtime.Object) string {
	found, err := meta.Accessor(object)
	if err != nil {
		return ""
	}
	return found.GetName()
}
