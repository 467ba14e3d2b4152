package main

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	applycorev1 "k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

var writing = []use{
	{"create", create},
	{"dry run", dryRun},
	{"replace", replace},
	{"JSON patch", patched(types.JSONPatchType, `[{"op":"add","path":"/data/json","value":"yes"}]`)},
	{"merge patch", patched(types.MergePatchType, `{"data":{"json":null,"merge":"yes"}}`)},
	{"strategic merge patch", patched(types.StrategicMergePatchType, `{"data":{"strategic":"yes"}}`)},
	{"server-side apply", apply},
	{"scale", scale},
	{"delete with options", deleteWithOptions},
	{"delete a collection", deleteAll},
}

func create(ctx context.Context, at *place) (saw, error) {
	made, err := at.create(ctx, "written", map[string]string{"one": "1"}, nil)
	return saw{"data": made.Data}, err
}

func dryRun(ctx context.Context, at *place) (saw, error) {
	if err := at.client.Create(ctx, at.configMap("dry", nil, nil), client.DryRunAll); err != nil {
		return nil, err
	}
	return saw{"afterwards": statusOf(at.client.Get(ctx, at.key("dry"), &corev1.ConfigMap{}))}, nil
}

func replace(ctx context.Context, at *place) (saw, error) {
	written := &corev1.ConfigMap{}
	if err := at.client.Get(ctx, at.key("written"), written); err != nil {
		return nil, err
	}
	written.Data["two"] = "2"
	err := at.client.Update(ctx, written)
	return saw{"data": written.Data}, err
}

func patched(kind types.PatchType, patch string) func(context.Context, *place) (saw, error) {
	return func(ctx context.Context, at *place) (saw, error) {
		found := at.configMap("written", nil, nil)
		err := at.client.Patch(ctx, found, client.RawPatch(kind, []byte(patch)))
		return saw{"data": found.Data}, err
	}
}

func apply(ctx context.Context, at *place) (saw, error) {
	applied := func(owner string, more ...client.ApplyOption) error {
		wanted := applycorev1.ConfigMap(at.named("applied"), at.namespace).WithData(map[string]string{"owner": owner})
		return at.client.Apply(ctx, wanted, append(more, client.FieldOwner(owner))...)
	}
	if err := applied("one"); err != nil {
		return nil, err
	}
	err := applied("two")
	if err == nil {
		return saw{}, nil
	}
	seen := refusal(err)
	if err := applied("two", client.ForceOwnership); err != nil {
		return nil, err
	}
	forced := &corev1.ConfigMap{}
	err = at.client.Get(ctx, at.key("applied"), forced)
	seen["forced"] = forced.Data
	return seen, err
}

func deployment(at *place) *appsv1.Deployment {
	labels := map[string]string{"app": at.named("scaled")}
	one, no := int32(1), false
	pod := corev1.PodSpec{
		AutomountServiceAccountToken: &no,
		Containers:                   []corev1.Container{{Name: "main", Image: "main:1"}},
	}
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: at.namespace, Name: at.named("scaled"), Labels: labels},
		Spec: appsv1.DeploymentSpec{
			Replicas: &one,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: pod},
		},
	}
}

func scale(ctx context.Context, at *place) (saw, error) {
	scaled := deployment(at)
	if err := at.client.Create(ctx, scaled); err != nil {
		return nil, err
	}
	was, now := &autoscalingv1.Scale{}, &autoscalingv1.Scale{}
	err := retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		if err := at.client.SubResource("scale").Get(ctx, scaled, was); err != nil {
			return err
		}
		now = was.DeepCopy()
		now.Spec.Replicas = 2
		return at.client.SubResource("scale").Update(ctx, scaled, client.WithSubResourceBody(now))
	})
	return saw{"was": was.Spec.Replicas, "now": now.Spec.Replicas}, err
}

func deleteWithOptions(ctx context.Context, at *place) (saw, error) {
	scaled := &appsv1.Deployment{}
	if err := at.client.Get(ctx, at.key("scaled"), scaled); err != nil {
		return nil, err
	}
	how := []client.DeleteOption{
		client.PropagationPolicy(metav1.DeletePropagationBackground),
		client.GracePeriodSeconds(0),
		client.Preconditions{UID: &scaled.UID},
	}
	if err := at.client.Delete(ctx, scaled, how...); err != nil {
		return nil, err
	}
	return saw{"afterwards": statusOf(at.client.Get(ctx, at.key("scaled"), scaled))}, nil
}

func deleteAll(ctx context.Context, at *place) (saw, error) {
	where, which := client.InNamespace(at.namespace), client.MatchingLabels{"client": at.prefix}
	if err := at.client.DeleteAllOf(ctx, &corev1.ConfigMap{}, where, which); err != nil {
		return nil, err
	}
	left := &corev1.ConfigMapList{}
	err := at.client.List(ctx, left, where, which)
	return saw{"left": len(left.Items)}, err
}
