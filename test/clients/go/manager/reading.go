package main

import (
	"context"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

var reading = []use{
	{"list in pages", pages},
	{"metadata only", metadataOnly},
	{"watch", watched},
	{"dynamic client", dynamicClient},
}

func pages(ctx context.Context, at *place) (saw, error) {
	data := map[string]string{"text": strings.Repeat("x", 40_000)}
	labels := map[string]string{"pages": at.prefix}
	for number := range 5 {
		if _, err := at.create(ctx, "page-"+strconv.Itoa(number), data, labels); err != nil {
			return nil, err
		}
	}
	sizes, more := []int{}, ""
	for {
		page := &corev1.ConfigMapList{}
		which := []client.ListOption{client.InNamespace(at.namespace), client.MatchingLabels(labels), client.Limit(2), client.Continue(more)}
		if err := at.client.List(ctx, page, which...); err != nil {
			return nil, err
		}
		sizes = append(sizes, len(page.Items))
		if more = page.Continue; more == "" {
			return saw{"sizes": sizes}, nil
		}
	}
}

func metadataOnly(ctx context.Context, at *place) (saw, error) {
	found := &metav1.PartialObjectMetadataList{}
	found.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("ConfigMapList"))
	err := at.client.List(ctx, found, client.InNamespace(at.namespace), client.MatchingLabels{"pages": at.prefix})
	if err != nil {
		return nil, err
	}
	// The type has no place for data: that there is none follows from its kind.
	return saw{"kind": "PartialObjectMetadataList", "items": len(found.Items), "data": false}, nil
}

func watched(ctx context.Context, at *place) (saw, error) {
	labels := client.MatchingLabels{"watched": at.prefix}
	watching, err := at.client.Watch(ctx, &corev1.ConfigMapList{}, client.InNamespace(at.namespace), labels)
	if err != nil {
		return nil, err
	}
	defer watching.Stop()
	if _, err := at.create(ctx, "watched", nil, labels); err != nil {
		return nil, err
	}
	select {
	case event := <-watching.ResultChan():
		name := event.Object.(client.Object).GetName()
		return saw{"type": event.Type, "name": strings.Replace(name, at.prefix, "", 1)}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func dynamicClient(ctx context.Context, at *place) (saw, error) {
	found := &unstructured.Unstructured{}
	found.SetGroupVersionKind(schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "Deployment"})
	if err := at.client.Get(ctx, client.ObjectKey{Namespace: at.namespace, Name: at.deployment}, found); err != nil {
		return nil, err
	}
	replicas, _, err := unstructured.NestedInt64(found.Object, "spec", "replicas")
	return saw{"kind": found.GetKind(), "replicas": replicas}, err
}
