package main

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	applyappsv1 "k8s.io/client-go/applyconfigurations/apps/v1"
	applycorev1 "k8s.io/client-go/applyconfigurations/core/v1"
	applymetav1 "k8s.io/client-go/applyconfigurations/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

type step struct {
	name string
	do   func() error
}

// encoded does what programs do with objects, in one encoding wherever the protocol has it, and says how each step ended.
func encoded(ctx context.Context, args arguments) error {
	if len(args.rest) != 2 {
		return fmt.Errorf("usage: client-go encoded KUBECONFIG NAMESPACE NAME CONTENT-TYPE")
	}
	config := rest.CopyConfig(args.config)
	config.ContentType, config.AcceptContentTypes = args.rest[1], args.rest[1]
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	for _, each := range append(ofMaps(ctx, client, args), ofWorkloads(ctx, client, args)...) {
		say(event{"says": "begins", "name": each.name})
		line := event{"says": "did", "name": each.name}
		if err := each.do(); err != nil {
			line["says"], line["error"] = "failed", err.Error()
			var status apierrors.APIStatus
			if errors.As(err, &status) {
				line["status"] = status.Status().Code
			}
		}
		say(line)
	}
	return nil
}

func ofMaps(ctx context.Context, client *kubernetes.Clientset, args arguments) []step {
	maps, name := client.CoreV1().ConfigMaps(args.namespace), args.rest[0]
	labels := map[string]string{"encoded": name}
	selected := metav1.ListOptions{LabelSelector: "encoded=" + name}
	object := configMap(name, 10)
	object.Labels = labels
	return []step{
		{"create", func() error { _, err := maps.Create(ctx, object, metav1.CreateOptions{}); return err }},
		{"get", func() error {
			got, err := maps.Get(ctx, name, metav1.GetOptions{})
			if err == nil && got.Data["text"] != object.Data["text"] {
				return fmt.Errorf("got %q", got.Data["text"])
			}
			return err
		}},
		{"list", func() error {
			got, err := maps.List(ctx, selected)
			if err == nil && len(got.Items) != 1 {
				return fmt.Errorf("%d items", len(got.Items))
			}
			return err
		}},
		{"watch", func() error {
			watching, err := maps.Watch(ctx, selected)
			if err != nil {
				return err
			}
			defer watching.Stop()
			if first := <-watching.ResultChan(); first.Type != "ADDED" {
				return fmt.Errorf("%s", first.Type)
			}
			return nil
		}},
		{"update", func() error {
			object.Data["more"] = "yes"
			_, err := maps.Update(ctx, object, metav1.UpdateOptions{})
			return err
		}},
		{"merge patch", func() error {
			_, err := maps.Patch(ctx, name, types.MergePatchType, []byte(`{"data":{"merged":"yes"}}`), metav1.PatchOptions{})
			return err
		}},
		{"apply", func() error {
			want := applycorev1.ConfigMap(name, args.namespace).WithData(map[string]string{"applied": "yes"})
			_, err := maps.Apply(ctx, want, metav1.ApplyOptions{FieldManager: "encoded"})
			return err
		}},
		{"delete", func() error { return maps.Delete(ctx, name, metav1.DeleteOptions{}) }},
	}
}

// ofWorkloads asks for what runs as nobody wants it, and for what is harmless.
func ofWorkloads(ctx context.Context, client *kubernetes.Clientset, args arguments) []step {
	deployments, name := client.AppsV1().Deployments(args.namespace), args.rest[0]
	applied := func(pod *applycorev1.PodSpecApplyConfiguration) error {
		labels := map[string]string{"app": name}
		want := applyappsv1.Deployment(name, args.namespace).WithSpec(applyappsv1.DeploymentSpec().
			WithReplicas(0).
			WithSelector(applymetav1.LabelSelector().WithMatchLabels(labels)).
			WithTemplate(applycorev1.PodTemplateSpec().WithLabels(labels).WithSpec(pod.
				WithAutomountServiceAccountToken(false).
				WithContainers(applycorev1.Container().WithName("main").WithImage("main:1")))))
		_, err := deployments.Apply(ctx, want, metav1.ApplyOptions{FieldManager: "encoded"})
		return err
	}
	return []step{
		{"apply on the host", func() error { return applied(applycorev1.PodSpec().WithHostNetwork(true)) }},
		{"create on the host", func() error { return onHost(ctx, client, args) }},
		{"create a token", func() error { return tokenSecret(ctx, client, args) }},
		{"apply a workload", func() error { return applied(applycorev1.PodSpec()) }},
	}
}

func onHost(ctx context.Context, client *kubernetes.Clientset, args arguments) error {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: args.rest[0]},
		Spec:       corev1.PodSpec{HostNetwork: true, Containers: []corev1.Container{{Name: "main", Image: "main:1"}}},
	}
	_, err := client.CoreV1().Pods(args.namespace).Create(ctx, pod, metav1.CreateOptions{})
	return err
}

func tokenSecret(ctx context.Context, client *kubernetes.Clientset, args arguments) error {
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: args.rest[0], Annotations: map[string]string{corev1.ServiceAccountNameKey: "default"}},
		Type:       corev1.SecretTypeServiceAccountToken,
	}
	_, err := client.CoreV1().Secrets(args.namespace).Create(ctx, secret, metav1.CreateOptions{})
	return err
}
