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
	{"status", status},
	{"delete with options", deleteWithOptions},
	{"delete a collection", deleteAll},
}

func create(ctx context.Context, at *place) (saw, error) {
	made, err := at.create(ctx, "written", map[string]string{"one": "1"}, nil)
	if err != nil {
		return nil, err
	}
	return saw{"data": made.Data}, nil
}

func dryRun(ctx context.Context, at *place) (saw, error) {
	how := metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}
	if _, err := at.configMaps().Create(ctx, at.configMap("dry", nil, nil), how); err != nil {
		return nil, err
	}
	_, err := at.configMaps().Get(ctx, at.named("dry"), metav1.GetOptions{})
	return saw{"afterwards": statusOf(err)}, nil
}

func replace(ctx context.Context, at *place) (saw, error) {
	written, err := at.configMaps().Get(ctx, at.named("written"), metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	written.Data["two"] = "2"
	written, err = at.configMaps().Update(ctx, written, metav1.UpdateOptions{})
	if err != nil {
		return nil, err
	}
	return saw{"data": written.Data}, nil
}

func patched(kind types.PatchType, patch string) func(context.Context, *place) (saw, error) {
	return func(ctx context.Context, at *place) (saw, error) {
		found, err := at.configMaps().Patch(ctx, at.named("written"), kind, []byte(patch), metav1.PatchOptions{})
		if err != nil {
			return nil, err
		}
		return saw{"data": found.Data}, nil
	}
}

func apply(ctx context.Context, at *place) (saw, error) {
	applied := func(owner string, force bool) (*corev1.ConfigMap, error) {
		wanted := applycorev1.ConfigMap(at.named("applied"), at.namespace).WithData(map[string]string{"owner": owner})
		return at.configMaps().Apply(ctx, wanted, metav1.ApplyOptions{FieldManager: owner, Force: force})
	}
	if _, err := applied("one", false); err != nil {
		return nil, err
	}
	_, err := applied("two", false)
	if err == nil {
		return saw{}, nil
	}
	seen := refusal(err)
	forced, err := applied("two", true)
	if err != nil {
		return nil, err
	}
	seen["forced"] = forced.Data
	return seen, nil
}

func deployment(at *place) *appsv1.Deployment {
	labels := map[string]string{"app": at.named("scaled")}
	one, no := int32(1), false
	pod := corev1.PodSpec{
		AutomountServiceAccountToken: &no,
		Containers:                   []corev1.Container{{Name: "main", Image: "main:1"}},
	}
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: at.named("scaled")},
		Spec: appsv1.DeploymentSpec{
			Replicas: &one,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: pod},
		},
	}
}

func scale(ctx context.Context, at *place) (saw, error) {
	deployments := at.typed.AppsV1().Deployments(at.namespace)
	if _, err := deployments.Create(ctx, deployment(at), metav1.CreateOptions{}); err != nil {
		return nil, err
	}
	var was int32
	var now *autoscalingv1.Scale
	err := retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		found, err := deployments.GetScale(ctx, at.named("scaled"), metav1.GetOptions{})
		if err != nil {
			return err
		}
		was = found.Spec.Replicas
		found.Spec.Replicas = 2
		now, err = deployments.UpdateScale(ctx, at.named("scaled"), found, metav1.UpdateOptions{})
		return err
	})
	if err != nil {
		return nil, err
	}
	return saw{"was": was, "now": now.Spec.Replicas}, nil
}

func status(ctx context.Context, at *place) (saw, error) {
	deployments := at.typed.AppsV1().Deployments(at.namespace)
	seen := appsv1.DeploymentCondition{Type: "Seen", Status: corev1.ConditionTrue, Reason: "Tested", Message: "by a program"}
	var found *appsv1.Deployment
	err := retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		had, err := deployments.Get(ctx, at.named("scaled"), metav1.GetOptions{})
		if err != nil {
			return err
		}
		had.Status.Conditions = append(had.Status.Conditions, seen)
		found, err = deployments.UpdateStatus(ctx, had, metav1.UpdateOptions{})
		return err
	})
	if err != nil {
		return nil, err
	}
	last := found.Status.Conditions[len(found.Status.Conditions)-1]
	return saw{"seen": last.Type == seen.Type}, nil
}

func deleteWithOptions(ctx context.Context, at *place) (saw, error) {
	deployments := at.typed.AppsV1().Deployments(at.namespace)
	found, err := deployments.Get(ctx, at.named("scaled"), metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	background, now := metav1.DeletePropagationBackground, int64(0)
	how := metav1.DeleteOptions{
		PropagationPolicy:  &background,
		GracePeriodSeconds: &now,
		Preconditions:      &metav1.Preconditions{UID: &found.UID},
	}
	if err := deployments.Delete(ctx, at.named("scaled"), how); err != nil {
		return nil, err
	}
	_, err = deployments.Get(ctx, at.named("scaled"), metav1.GetOptions{})
	return saw{"afterwards": statusOf(err)}, nil
}

func deleteAll(ctx context.Context, at *place) (saw, error) {
	which := metav1.ListOptions{LabelSelector: "client=" + at.prefix}
	if err := at.configMaps().DeleteCollection(ctx, metav1.DeleteOptions{}, which); err != nil {
		return nil, err
	}
	left, err := at.configMaps().List(ctx, which)
	if err != nil {
		return nil, err
	}
	return saw{"left": len(left.Items)}, nil
}
