package main

import (
	"context"
	"slices"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
)

// watchAll watches everything in a namespace that can be watched, all at once, as terminal dashboards do, until the last watch has ended.
func watchAll(ctx context.Context, args arguments) error {
	found, err := discovery.NewDiscoveryClientForConfigOrDie(args.config).ServerPreferredNamespacedResources()
	if err != nil {
		return err
	}
	resources, err := discovery.GroupVersionResources(discovery.FilteredBy(discovery.ResourcePredicateFunc(watchable), found))
	if err != nil {
		return err
	}
	client, err := dynamic.NewForConfig(args.config)
	if err != nil {
		return err
	}
	say(event{"says": "watching", "count": len(resources)})
	var all sync.WaitGroup
	for resource := range resources {
		all.Go(func() { watchOne(ctx, client.Resource(resource).Namespace(args.namespace), resource) })
	}
	all.Wait()
	return nil
}

func watchable(_ string, resource *metav1.APIResource) bool {
	return slices.Contains(resource.Verbs, "watch") && slices.Contains(resource.Verbs, "list")
}

// watchOne asks for all that is there first; the mark at the end of it shows that the stream brings what the API server sends.
func watchOne(ctx context.Context, client dynamic.ResourceInterface, resource schema.GroupVersionResource) {
	name := resource.GroupResource().String()
	initial := true
	watching, err := client.Watch(ctx, metav1.ListOptions{
		AllowWatchBookmarks:  true,
		SendInitialEvents:    &initial,
		ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan,
	})
	if err != nil {
		say(event{"says": "refused", "resource": name, "error": err.Error()})
		return
	}
	for change := range watching.ResultChan() {
		if change.Type == "BOOKMARK" {
			say(event{"says": "live", "resource": name})
		}
	}
	say(event{"says": "cut", "resource": name})
}
