package main

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

var reading = []use{
	{"version", version},
	{"discovery", discover},
	{"list in pages", pages},
	{"table", table},
	{"metadata only", metadataOnly},
	{"gzip", gzipped},
	{"watch", watched},
	{"watch after 410 Gone", gone},
	{"informer", informer},
	{"dynamic client", dynamicClient},
}

func version(_ context.Context, at *place) (saw, error) {
	found, err := at.typed.Discovery().ServerVersion()
	if err != nil {
		return nil, err
	}
	return saw{"server": found.GitVersion}, nil
}

func discover(ctx context.Context, at *place) (saw, error) {
	groups, all, err := at.typed.Discovery().ServerGroupsAndResources()
	if err != nil {
		return nil, err
	}
	wanted := []string{}
	for _, group := range groups {
		if group.Name == "apps" || group.Name == "batch" {
			wanted = append(wanted, group.Name)
		}
	}
	found := saw{"groups": wanted, "pods": false}
	for _, list := range all {
		for _, resource := range list.APIResources {
			switch list.GroupVersion + " " + resource.Name {
			case "apps/v1 deployments":
				verbs := slices.Clone([]string(resource.Verbs))
				slices.Sort(verbs)
				found["deployments"] = verbs
			case "v1 pods":
				found["pods"] = true
			}
		}
	}
	legacy, err := at.typed.Discovery().RESTClient().Get().AbsPath("/api/").Do(ctx).Raw()
	if err != nil {
		return nil, err
	}
	versions := metav1.APIVersions{}
	if err := json.Unmarshal(legacy, &versions); err != nil {
		return nil, err
	}
	found["versions"] = versions.Versions
	return found, nil
}

func pages(ctx context.Context, at *place) (saw, error) {
	data := map[string]string{"text": strings.Repeat("x", 40_000)}
	for number := range 5 {
		labels := map[string]string{"pages": at.prefix}
		if _, err := at.create(ctx, "page-"+strconv.Itoa(number), data, labels); err != nil {
			return nil, err
		}
	}
	sizes := []int{}
	which := metav1.ListOptions{LabelSelector: "pages=" + at.prefix, Limit: 2}
	for {
		page, err := at.configMaps().List(ctx, which)
		if err != nil {
			return nil, err
		}
		sizes = append(sizes, len(page.Items))
		if page.Continue == "" {
			return saw{"sizes": sizes}, nil
		}
		which.Continue = page.Continue
	}
}

func table(ctx context.Context, at *place) (saw, error) {
	answer, err := at.typed.CoreV1().RESTClient().Get().
		Namespace(at.namespace).Resource("configmaps").Param("labelSelector", "pages="+at.prefix).
		SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io").
		Do(ctx).Raw()
	if err != nil {
		return nil, err
	}
	found := metav1.Table{}
	if err := json.Unmarshal(answer, &found); err != nil {
		return nil, err
	}
	columns := []string{}
	for _, column := range found.ColumnDefinitions {
		columns = append(columns, column.Name)
	}
	return saw{"kind": found.Kind, "columns": columns, "rows": len(found.Rows)}, nil
}

func metadataOnly(ctx context.Context, at *place) (saw, error) {
	client, err := metadata.NewForConfig(at.config)
	if err != nil {
		return nil, err
	}
	which := metav1.ListOptions{LabelSelector: "pages=" + at.prefix}
	found, err := client.Resource(corev1.SchemeGroupVersion.WithResource("configmaps")).Namespace(at.namespace).List(ctx, which)
	if err != nil {
		return nil, err
	}
	// The type has no place for data: that there is none follows from its kind.
	return saw{"kind": "PartialObjectMetadataList", "items": len(found.Items), "data": false}, nil
}

// gzipped asks by itself: the transport takes packing on, and then says nothing of it.
func gzipped(ctx context.Context, at *place) (saw, error) {
	client, err := rest.HTTPClientFor(at.config)
	if err != nil {
		return nil, err
	}
	url := at.typed.CoreV1().RESTClient().Get().
		Namespace(at.namespace).Resource("configmaps").Param("labelSelector", "pages="+at.prefix).URL()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url.String(), nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Accept-Encoding", "gzip")
	answer, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	unpacked, err := gzip.NewReader(answer.Body)
	if err != nil {
		return nil, err
	}
	found := corev1.ConfigMapList{}
	if err := json.NewDecoder(unpacked).Decode(&found); err != nil {
		return nil, err
	}
	return saw{"encoding": answer.Header.Get("Content-Encoding"), "items": len(found.Items)}, nil
}

// first waits for an event of a watch.
func first(ctx context.Context, watching watch.Interface) (watch.Event, error) {
	defer watching.Stop()
	select {
	case event := <-watching.ResultChan():
		return event, nil
	case <-ctx.Done():
		return watch.Event{}, ctx.Err()
	}
}

func watched(ctx context.Context, at *place) (saw, error) {
	now, err := at.configMaps().List(ctx, metav1.ListOptions{Limit: 1})
	if err != nil {
		return nil, err
	}
	which := metav1.ListOptions{LabelSelector: "watched=" + at.prefix, ResourceVersion: now.ResourceVersion}
	watching, err := at.configMaps().Watch(ctx, which)
	if err != nil {
		return nil, err
	}
	if _, err := at.create(ctx, "watched", nil, map[string]string{"watched": at.prefix}); err != nil {
		return nil, err
	}
	event, err := first(ctx, watching)
	if err != nil {
		return nil, err
	}
	return saw{"type": event.Type, "name": strings.Replace(nameOf(event.Object), at.prefix, "", 1)}, nil
}

// gone takes a version that is too old, then the list anew, as reflectors do.
func gone(ctx context.Context, at *place) (saw, error) {
	kind := schema.GroupVersionResource{Group: "example.com", Version: "v1", Resource: "things"}
	things := at.dynamic.Resource(kind).Namespace(at.namespace)
	which := metav1.ListOptions{FieldSelector: "metadata.name=" + at.named("thing"), ResourceVersion: "1"}
	status := 0
	watching, err := things.Watch(ctx, which)
	if err == nil {
		event, err := first(ctx, watching)
		if err != nil {
			return nil, err
		}
		status = int(statusOf(apierrors.FromObject(event.Object)))
	} else {
		status = int(statusOf(err))
	}
	listed, err := things.List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	thing := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "example.com/v1", "kind": "Thing", "metadata": map[string]any{"name": at.named("thing")},
	}}
	if _, err := things.Create(ctx, thing, metav1.CreateOptions{}); err != nil {
		return nil, err
	}
	which.ResourceVersion = listed.GetResourceVersion()
	again, err := things.Watch(ctx, which)
	if err != nil {
		return nil, err
	}
	event, err := first(ctx, again)
	if err != nil {
		return nil, err
	}
	return saw{"status": status, "afterwards": event.Type}, nil
}

func informer(ctx context.Context, at *place) (saw, error) {
	informed := "informed=" + at.prefix
	factory := informers.NewSharedInformerFactoryWithOptions(at.typed, 0, informers.WithNamespace(at.namespace),
		informers.WithTweakListOptions(func(which *metav1.ListOptions) { which.LabelSelector = informed }))
	added, deleted := make(chan string, 1), make(chan string, 1)
	following := factory.Core().V1().ConfigMaps().Informer()
	_, err := following.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { added <- "added" },
		DeleteFunc: func(any) { deleted <- "deleted" },
	})
	if err != nil {
		return nil, err
	}
	limited, stop := context.WithCancel(ctx)
	defer stop()
	factory.Start(limited.Done())
	if !cache.WaitForCacheSync(limited.Done(), following.HasSynced) {
		return nil, ctx.Err()
	}
	if _, err := at.create(ctx, "informed", nil, map[string]string{"informed": at.prefix}); err != nil {
		return nil, err
	}
	if err := came(ctx, added); err != nil {
		return nil, err
	}
	if err := at.configMaps().Delete(ctx, at.named("informed"), metav1.DeleteOptions{}); err != nil {
		return nil, err
	}
	if err := came(ctx, deleted); err != nil {
		return nil, err
	}
	return saw{"added": true, "deleted": true}, nil
}

func came(ctx context.Context, awaited <-chan string) error {
	select {
	case <-awaited:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func dynamicClient(ctx context.Context, at *place) (saw, error) {
	kind := schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}
	found, err := at.dynamic.Resource(kind).Namespace(at.namespace).Get(ctx, at.deployment, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	replicas, _, err := unstructured.NestedInt64(found.Object, "spec", "replicas")
	return saw{"kind": found.GetKind(), "replicas": replicas}, err
}
