package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// What programs ask of an error, by the name that they ask it with.
var kinds = map[string]func(error) bool{
	"IsForbidden":                  apierrors.IsForbidden,
	"IsUnauthorized":               apierrors.IsUnauthorized,
	"IsTooManyRequests":            apierrors.IsTooManyRequests,
	"IsBadRequest":                 apierrors.IsBadRequest,
	"IsRequestEntityTooLargeError": apierrors.IsRequestEntityTooLargeError,
	"IsServiceUnavailable":         apierrors.IsServiceUnavailable,
	"IsNotFound":                   apierrors.IsNotFound,
	"IsAlreadyExists":              apierrors.IsAlreadyExists,
	"IsUnexpectedServerError":      apierrors.IsUnexpectedServerError,
	"IsUnexpectedObjectError":      apierrors.IsUnexpectedObjectError,
	"IsInternalError":              apierrors.IsInternalError,
	"IsMethodNotSupported":         apierrors.IsMethodNotSupported,
	"IsStoreReadError":             apierrors.IsStoreReadError,
	"IsConflict":                   apierrors.IsConflict,
	"IsInvalid":                    apierrors.IsInvalid,
	"IsTimeout":                    apierrors.IsTimeout,
	"IsServerTimeout":              apierrors.IsServerTimeout,
}

// refuse asks for what is not granted, as JSON and as protobuf, and says what a program can tell of each answer.
func refuse(ctx context.Context, args arguments) error {
	if len(args.rest) != 2 {
		return fmt.Errorf("usage: client-go refuse KUBECONFIG NAMESPACE ELSEWHERE SECRET")
	}
	for _, contentType := range []string{"application/json", "application/vnd.kubernetes.protobuf"} {
		config := rest.CopyConfig(args.config)
		config.ContentType = contentType
		client, err := kubernetes.NewForConfig(config)
		if err != nil {
			return err
		}
		for name, err := range refusals(ctx, client, args) {
			say(told(contentType+" "+name, err))
		}
		stranger := rest.AnonymousClientConfig(config)
		stranger.BearerToken = "of.no.issuer"
		unknown, err := kubernetes.NewForConfig(stranger)
		if err != nil {
			return err
		}
		_, err = unknown.CoreV1().Pods(args.namespace).List(ctx, metav1.ListOptions{})
		say(told(contentType+" a token of nobody", err))
	}
	return nil
}

func refusals(ctx context.Context, client *kubernetes.Clientset, args arguments) map[string]error {
	elsewhere, secret := args.rest[0], args.rest[1]
	_, outside := client.CoreV1().Pods(elsewhere).List(ctx, metav1.ListOptions{})
	_, watching := client.CoreV1().Pods(elsewhere).Watch(ctx, metav1.ListOptions{})
	_, making := client.CoreV1().ConfigMaps(elsewhere).Create(ctx, configMap("x", 1), metav1.CreateOptions{})
	_, large := client.CoreV1().ConfigMaps(args.namespace).Create(ctx, configMap("large", 4_000_000), metav1.CreateOptions{})
	_, missing := client.CoreV1().ConfigMaps(args.namespace).Get(ctx, "missing", metav1.GetOptions{})
	// Else it comes again ten times by itself.
	waiting := client.CoreV1().RESTClient().Get().Namespace(args.namespace).Resource("secrets").Name(secret).MaxRetries(0).Do(ctx).Error()
	another := client.CoreV1().RESTClient().Get().Namespace(args.namespace).Resource("pods").SetHeader("Impersonate-User", "admin").Do(ctx).Error()
	return map[string]error{
		"a list outside of the lease":   outside,
		"a watch outside of the lease":  watching,
		"a create outside of the lease": making,
		"what is too large":             large,
		"what is not there":             missing,
		"what waits for a human":        waiting,
		"as somebody else":              another,
	}
}

func configMap(name string, bytes int) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}, Data: map[string]string{"text": strings.Repeat("x", bytes)}}
}

func told(what string, err error) event {
	known := []string{}
	for name, is := range kinds {
		if is(err) {
			known = append(known, name)
		}
	}
	seconds, delay := apierrors.SuggestsClientDelay(err)
	line := event{"says": "refused", "name": what, "error": fmt.Sprint(err), "known": known, "delay": delay, "seconds": seconds}
	var status apierrors.APIStatus
	if errors.As(err, &status) && status.Status().Details != nil {
		causes := map[string]string{}
		for _, cause := range status.Status().Details.Causes {
			causes[string(cause.Type)] = cause.Message
		}
		line["causes"] = causes
	}
	return line
}
