// A program made with controller-runtime, a manager with its cache and leader election in it; it knows nothing of Leasegate but the kubeconfig.
// Usage: manager TASK KUBECONFIG NAMESPACE PREFIX DEPLOYMENT. What it sees goes to standard output, a JSON object a line.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/go-logr/logr/funcr"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/watch"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

type saw map[string]any

type use struct {
	capability string
	of         func(context.Context, *place) (saw, error)
}

var tasks = map[string]func(context.Context, *place) error{
	"check":    check,
	"follow":   follow,
	"refused":  func(ctx context.Context, at *place) error { return list(ctx, at, at.prefix) },
	"approved": approved,
}

func main() {
	ctrl.SetLogger(funcr.New(func(prefix, args string) { fmt.Fprintln(os.Stderr, prefix, args) }, funcr.Options{}))
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 5 || tasks[args[0]] == nil {
		return fmt.Errorf("usage: manager check|follow|refused|approved KUBECONFIG NAMESPACE PREFIX DEPLOYMENT")
	}
	at, err := newPlace(args[1], args[2], args[3], args[4])
	if err != nil {
		return err
	}
	return tasks[args[0]](ctx, at)
}

func say(says string, more saw) {
	line := saw{"says": says}
	for name, value := range more {
		line[name] = value
	}
	text, err := json.Marshal(line)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(text))
}

func check(ctx context.Context, at *place) error {
	for _, uses := range [][]use{reading, writing, managing} {
		for _, each := range uses {
			limited, done := context.WithTimeout(ctx, 2*time.Minute)
			found, err := each.of(limited, at)
			done()
			if err != nil {
				fmt.Fprintf(os.Stderr, "%s: %v\n", each.capability, err)
				say("failed", saw{"capability": each.capability, "error": refusal(err)})
				continue
			}
			say("did", saw{"capability": each.capability, "saw": found})
		}
	}
	return nil
}

// follow has one watch for as long as it lasts.
func follow(ctx context.Context, at *place) error {
	which := []client.ListOption{client.InNamespace(at.namespace), client.MatchingLabels{"followed": at.prefix}}
	watching, err := at.client.Watch(ctx, &corev1.ConfigMapList{}, which...)
	if err != nil {
		return err
	}
	say("watching", nil)
	for event := range watching.ResultChan() {
		if event.Type == watch.Error {
			say("error", saw{"error": fmt.Sprint(event.Object)})
			break
		}
		say("event", saw{"type": event.Type, "name": event.Object.(client.Object).GetName()})
	}
	say("cut", nil)
	return list(ctx, at, at.namespace)
}

func list(ctx context.Context, at *place, namespace string) error {
	if err := at.client.List(ctx, &corev1.ConfigMapList{}, client.InNamespace(namespace)); err != nil {
		say("refused", saw{"error": refusal(err)})
	}
	return nil
}

// approved asks once, and leaves it to the library to come again.
func approved(ctx context.Context, at *place) error {
	for range 10 {
		secret := &corev1.Secret{}
		err := at.client.Get(ctx, client.ObjectKey{Namespace: at.namespace, Name: at.prefix}, secret)
		if err != nil {
			say("waiting", saw{"error": refusal(err)})
			continue
		}
		keys := []string{}
		for key := range secret.Data {
			keys = append(keys, key)
		}
		say("read", saw{"keys": keys})
		return nil
	}
	return fmt.Errorf("no answer in time")
}
