package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

var managing = []use{
	{"informer", informer},
	{"status", status},
}

const seen = "Seen"

// reconciler marks deployments as seen in their status, and tells of what has come and gone.
type reconciler struct {
	client  client.Client
	changed chan string
}

func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	found := &appsv1.Deployment{}
	err := r.client.Get(ctx, request.NamespacedName, found)
	if apierrors.IsNotFound(err) {
		r.changed <- "deleted " + request.Name
		return ctrl.Result{}, nil
	}
	if err != nil {
		return ctrl.Result{}, err
	}
	for _, condition := range found.Status.Conditions {
		if condition.Type == seen {
			r.changed <- "marked " + request.Name
			return ctrl.Result{}, nil
		}
	}
	mark := appsv1.DeploymentCondition{Type: seen, Status: corev1.ConditionTrue, Reason: "Tested", Message: "by a controller"}
	found.Status.Conditions = append(found.Status.Conditions, mark)
	return ctrl.Result{}, r.client.Status().Update(ctx, found)
}

// managed runs a manager as `main` of an operator has it, and waits for what its controller tells.
func managed(ctx context.Context, at *place, during func(await func(string) error) error) error {
	limited, stop := context.WithCancel(ctx)
	defer stop()
	never := false
	manager, err := ctrl.NewManager(at.config, ctrl.Options{
		Cache:                         cache.Options{DefaultNamespaces: map[string]cache.Config{at.namespace: {}}},
		Metrics:                       server.Options{BindAddress: "0"},
		LeaderElection:                true,
		LeaderElectionID:              at.named("leader"),
		LeaderElectionNamespace:       at.namespace,
		LeaderElectionReleaseOnCancel: true,
		Controller:                    config.Controller{SkipNameValidation: pointer(true), UsePriorityQueue: &never},
	})
	if err != nil {
		return err
	}
	telling := &reconciler{client: manager.GetClient(), changed: make(chan string, 1000)}
	if err := ctrl.NewControllerManagedBy(manager).For(&appsv1.Deployment{}).WithOptions(controller.Options{}).Complete(telling); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- manager.Start(limited) }()
	await := func(wanted string) error {
		for {
			select {
			case change := <-telling.changed:
				if change == wanted {
					return nil
				}
			case err := <-ended:
				return fmt.Errorf("the manager ended: %w", err)
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	err = during(await)
	stop()
	return errors.Join(err, <-ended)
}

func pointer[T any](value T) *T { return &value }

func informer(ctx context.Context, at *place) (saw, error) {
	made := deployment(at)
	made.Name = at.named("managed")
	err := managed(ctx, at, func(await func(string) error) error {
		if err := at.client.Create(ctx, made); err != nil {
			return err
		}
		if err := await("marked " + made.Name); err != nil {
			return err
		}
		if err := at.client.Delete(ctx, made, client.PropagationPolicy(metav1.DeletePropagationBackground)); err != nil {
			return err
		}
		return await("deleted " + made.Name)
	})
	return saw{"added": err == nil, "deleted": err == nil}, err
}

// status is written by the controller; whoever looks sees it.
func status(ctx context.Context, at *place) (saw, error) {
	made := deployment(at)
	made.Name = at.named("marked")
	err := managed(ctx, at, func(await func(string) error) error {
		if err := at.client.Create(ctx, made); err != nil {
			return err
		}
		return await("marked " + made.Name)
	})
	if err != nil {
		return nil, err
	}
	found := &appsv1.Deployment{}
	if err := at.client.Get(ctx, client.ObjectKeyFromObject(made), found); err != nil {
		return nil, err
	}
	last := found.Status.Conditions[len(found.Status.Conditions)-1]
	return saw{"seen": last.Type == seen && last.LastTransitionTime.Time.Before(time.Now())}, at.client.Delete(ctx, made)
}
