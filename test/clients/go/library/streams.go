package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/transport/spdy"
)

var streams = []use{
	{"logs", logs},
	{"logs followed", logsFollowed},
	{"exec", exec},
	{"exec with input", execWithInput},
	{"exec that fails", execFails},
	{"port-forward", overBoth(portForward)},
}

func logs(ctx context.Context, at *place) (saw, error) {
	pod, err := at.pod(ctx)
	if err != nil {
		return nil, err
	}
	last := int64(1)
	text, err := at.typed.CoreV1().Pods(at.namespace).GetLogs(pod, &corev1.PodLogOptions{TailLines: &last}).DoRaw(ctx)
	return saw{"text": string(text)}, err
}

func logsFollowed(ctx context.Context, at *place) (saw, error) {
	pod, err := at.pod(ctx)
	if err != nil {
		return nil, err
	}
	following, err := at.typed.CoreV1().Pods(at.namespace).GetLogs(pod, &corev1.PodLogOptions{Follow: true}).Stream(ctx)
	if err != nil {
		return nil, err
	}
	defer following.Close()
	line, err := bufio.NewReader(following).ReadString('\n')
	return saw{"first": strings.TrimSuffix(line, "\n")}, err
}

// Over the old protocol and the new one; it may make no difference.
func overBoth(of func(context.Context, *place, bool) (saw, error)) func(context.Context, *place) (saw, error) {
	return func(ctx context.Context, at *place) (saw, error) {
		old, err := of(ctx, at, false)
		if err != nil {
			return nil, fmt.Errorf("over SPDY: %w", err)
		}
		found, err := of(ctx, at, true)
		if err != nil {
			return nil, fmt.Errorf("over WebSocket: %w", err)
		}
		if !reflect.DeepEqual(old, found) {
			return nil, fmt.Errorf("over SPDY %v, over WebSocket %v", old, found)
		}
		return found, nil
	}
}

func (at *place) subresource(ctx context.Context, name string, options *corev1.PodExecOptions) (*url.URL, error) {
	pod, err := at.pod(ctx)
	if err != nil {
		return nil, err
	}
	request := at.typed.CoreV1().RESTClient().Post().Namespace(at.namespace).Resource("pods").Name(pod).SubResource(name)
	if options != nil {
		request.VersionedParams(options, scheme.ParameterCodec)
	}
	return request.URL(), nil
}

func (at *place) executor(webSocket bool, where *url.URL) (remotecommand.Executor, error) {
	if webSocket {
		return remotecommand.NewWebSocketExecutor(at.config, http.MethodGet, where.String())
	}
	return remotecommand.NewSPDYExecutor(at.config, http.MethodPost, where)
}

type ran struct {
	stdout, stderr string
	failed         bool
}

func runCommand(ctx context.Context, at *place, webSocket bool, typed string, command ...string) (ran, error) {
	where, err := at.subresource(ctx, "exec", &corev1.PodExecOptions{
		Command: command, Stdin: typed != "", Stdout: true, Stderr: true,
	})
	if err != nil {
		return ran{}, err
	}
	executor, err := at.executor(webSocket, where)
	if err != nil {
		return ran{}, err
	}
	var stdout, stderr bytes.Buffer
	options := remotecommand.StreamOptions{Stdout: &stdout, Stderr: &stderr}
	if typed != "" {
		options.Stdin = strings.NewReader(typed)
	}
	err = executor.StreamWithContext(ctx, options)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return ran{stdout.String(), stderr.String(), err != nil}, nil
}

func exec(ctx context.Context, at *place) (saw, error) {
	return overBoth(func(ctx context.Context, at *place, webSocket bool) (saw, error) {
		found, err := runCommand(ctx, at, webSocket, "", "echo", "hello")
		return saw{"stdout": found.stdout, "failed": found.failed}, err
	})(ctx, at)
}

func execWithInput(ctx context.Context, at *place) (saw, error) {
	return overBoth(func(ctx context.Context, at *place, webSocket bool) (saw, error) {
		found, err := runCommand(ctx, at, webSocket, "typed\n", "sh", "-c", "head -n 1; sleep 1")
		return saw{"stdout": found.stdout, "failed": found.failed}, err
	})(ctx, at)
}

func execFails(ctx context.Context, at *place) (saw, error) {
	return overBoth(func(ctx context.Context, at *place, webSocket bool) (saw, error) {
		found, err := runCommand(ctx, at, webSocket, "", "sh", "-c", "echo wrong >&2; exit 1")
		return saw{"stderr": found.stderr, "failed": found.failed}, err
	})(ctx, at)
}

func portForward(ctx context.Context, at *place, webSocket bool) (saw, error) {
	where, err := at.subresource(ctx, "portforward", nil)
	if err != nil {
		return nil, err
	}
	transport, upgrader, err := spdy.RoundTripperFor(at.config)
	if err != nil {
		return nil, err
	}
	dialer := spdy.NewDialer(upgrader, &http.Client{Transport: transport}, http.MethodPost, where)
	if webSocket {
		if dialer, err = portforward.NewSPDYOverWebsocketDialer(where, at.config); err != nil {
			return nil, err
		}
	}
	stop, ready := make(chan struct{}), make(chan struct{})
	defer close(stop)
	forwarder, err := portforward.New(dialer, []string{"0:80"}, stop, ready, io.Discard, io.Discard)
	if err != nil {
		return nil, err
	}
	failed := make(chan error, 1)
	go func() { failed <- forwarder.ForwardPorts() }()
	select {
	case <-ready:
	case err := <-failed:
		return nil, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	ports, err := forwarder.GetPorts()
	if err != nil {
		return nil, err
	}
	return echoed(ctx, fmt.Sprintf("127.0.0.1:%d", ports[0].Local))
}

func echoed(ctx context.Context, address string) (saw, error) {
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	if _, err := connection.Write([]byte("ping")); err != nil {
		return nil, err
	}
	echo := make([]byte, 4)
	_, err = io.ReadFull(connection, echo)
	return saw{"echo": string(echo)}, err
}
