package main

import (
	"context"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// inform keeps a cache of the pods and deployments of a namespace until it is stopped, whatever happens in between.
func inform(ctx context.Context, args arguments) error {
	client, err := kubernetes.NewForConfig(args.config)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace(args.namespace))
	known := map[string]cache.SharedIndexInformer{
		"pods":        factory.Core().V1().Pods().Informer(),
		"deployments": factory.Apps().V1().Deployments().Informer(),
	}
	for resource, informer := range known {
		if err := tell(resource, informer); err != nil {
			return err
		}
	}
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	say(event{"says": "synced"})
	<-ctx.Done()
	factory.Shutdown()
	return nil
}

func tell(resource string, informer cache.SharedIndexInformer) error {
	seen := func(says string) func(any) {
		return func(object any) {
			if found, err := meta.Accessor(object); err == nil {
				say(event{"says": says, "resource": resource, "name": found.GetName()})
			}
		}
	}
	handler := cache.ResourceEventHandlerFuncs{AddFunc: seen("added"), DeleteFunc: seen("deleted")}
	if _, err := informer.AddEventHandler(handler); err != nil {
		return err
	}
	return informer.SetWatchErrorHandlerWithContext(func(_ context.Context, _ *cache.Reflector, err error) {
		say(event{"says": "interrupted", "resource": resource, "error": err.Error()})
	})
}
