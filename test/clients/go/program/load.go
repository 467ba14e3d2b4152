package main

import (
	"context"
	"fmt"
	"strconv"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// load makes so many config maps, so many of them at a time, reads each of them, and says what failed.
func load(ctx context.Context, args arguments) error {
	if len(args.rest) != 3 {
		return fmt.Errorf("usage: client-go load KUBECONFIG NAMESPACE PREFIX COUNT AT_ONCE")
	}
	count, err := strconv.Atoi(args.rest[1])
	if err != nil {
		return err
	}
	atOnce, err := strconv.Atoi(args.rest[2])
	if err != nil {
		return err
	}
	config := *args.config
	// What is here is to come in at once.
	config.QPS = -1
	client, err := kubernetes.NewForConfig(&config)
	if err != nil {
		return err
	}
	names := make(chan string)
	var all sync.WaitGroup
	for range atOnce {
		all.Go(func() {
			for name := range names {
				makeAndRead(ctx, client, args.namespace, name)
			}
		})
	}
	for number := range count {
		names <- fmt.Sprintf("%s-%d", args.rest[0], number)
	}
	close(names)
	all.Wait()
	return nil
}

func makeAndRead(ctx context.Context, client *kubernetes.Clientset, namespace, name string) {
	configMaps := client.CoreV1().ConfigMaps(namespace)
	if _, err := configMaps.Create(ctx, configMap(name, 10), metav1.CreateOptions{}); err != nil {
		say(event{"says": "lost", "name": name, "error": err.Error()})
	}
	if _, err := configMaps.Get(ctx, name, metav1.GetOptions{}); err != nil {
		say(event{"says": "lost", "name": name, "error": err.Error()})
	}
}
