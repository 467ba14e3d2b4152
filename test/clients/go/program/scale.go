package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/util/retry"
)

// scale sets the replicas of a deployment through its scale subresource, and waits until as many are ready.
func scale(ctx context.Context, args arguments) error {
	if len(args.rest) != 2 {
		return fmt.Errorf("usage: client-go scale KUBECONFIG NAMESPACE DEPLOYMENT REPLICAS")
	}
	name := args.rest[0]
	replicas, err := strconv.ParseInt(args.rest[1], 10, 32)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(args.config)
	if err != nil {
		return err
	}
	deployments := client.AppsV1().Deployments(args.namespace)
	// The deployment controller writes to it, too.
	err = retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		wanted, err := deployments.GetScale(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		wanted.Spec.Replicas = int32(replicas)
		_, err = deployments.UpdateScale(ctx, name, wanted, metav1.UpdateOptions{})
		return err
	})
	if err != nil {
		return err
	}
	say(event{"says": "scaled", "name": name, "replicas": replicas})
	ready := func(ctx context.Context) (bool, error) {
		found, err := deployments.Get(ctx, name, metav1.GetOptions{})
		return err == nil && found.Status.ReadyReplicas == int32(replicas), err
	}
	if err := wait.PollUntilContextTimeout(ctx, 200*time.Millisecond, 2*time.Minute, true, ready); err != nil {
		return err
	}
	say(event{"says": "ready", "name": name, "replicas": replicas})
	return nil
}
