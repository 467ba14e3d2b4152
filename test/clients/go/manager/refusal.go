package main

import (
	"errors"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// refusal is what a program can read of one: the API server's Status.
func refusal(err error) saw {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return saw{"status": nil, "reason": nil, "message": err.Error(), "causes": []string{}}
	}
	found := status.Status()
	return saw{"status": found.Code, "reason": found.Reason, "message": found.Message, "causes": causes(found)}
}

func causes(status metav1.Status) []string {
	types := []string{}
	if status.Details != nil {
		for _, cause := range status.Details.Causes {
			types = append(types, string(cause.Type))
		}
	}
	return types
}

func statusOf(err error) int32 {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return 0
	}
	return status.Status().Code
}
