package main

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// lead holds a leader's Lease for as long as it can renew it.
func lead(ctx context.Context, args arguments) error {
	if len(args.rest) != 1 {
		return fmt.Errorf("usage: client-go lead KUBECONFIG NAMESPACE NAME")
	}
	client, err := kubernetes.NewForConfig(args.config)
	if err != nil {
		return err
	}
	leaderelection.RunOrDie(ctx, leaderelection.LeaderElectionConfig{
		Lock: &resourcelock.LeaseLock{
			LeaseMeta:  metav1.ObjectMeta{Namespace: args.namespace, Name: args.rest[0]},
			Client:     client.CoordinationV1(),
			LockConfig: resourcelock.ResourceLockConfig{Identity: "tested"},
		},
		LeaseDuration:   3 * time.Second,
		RenewDeadline:   2 * time.Second,
		RetryPeriod:     250 * time.Millisecond,
		ReleaseOnCancel: true,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(context.Context) { say(event{"says": "leading"}) },
			OnStoppedLeading: func() { say(event{"says": "no longer leading"}) },
		},
	})
	return nil
}
