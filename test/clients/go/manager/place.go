package main

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// place is where the program works, and with what.
type place struct {
	config     *rest.Config
	client     client.WithWatch
	namespace  string
	prefix     string
	deployment string
}

func newPlace(kubeconfig, namespace, prefix, deployment string) (*place, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	found, err := client.NewWithWatch(config, client.Options{Scheme: scheme.Scheme})
	if err != nil {
		return nil, err
	}
	return &place{config, found, namespace, prefix, deployment}, nil
}

func (at *place) named(name string) string {
	return at.prefix + "-" + name
}

func (at *place) key(name string) client.ObjectKey {
	return client.ObjectKey{Namespace: at.namespace, Name: at.named(name)}
}

func (at *place) configMap(name string, data, labels map[string]string) *corev1.ConfigMap {
	all := map[string]string{"client": at.prefix}
	for key, value := range labels {
		all[key] = value
	}
	where := metav1.ObjectMeta{Namespace: at.namespace, Name: at.named(name), Labels: all}
	return &corev1.ConfigMap{ObjectMeta: where, Data: data}
}

func (at *place) create(ctx context.Context, name string, data, labels map[string]string) (*corev1.ConfigMap, error) {
	made := at.configMap(name, data, labels)
	return made, at.client.Create(ctx, made)
}
