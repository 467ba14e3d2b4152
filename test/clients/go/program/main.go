// A client-go program as people write them, for the tests: it knows nothing of Leasegate but the kubeconfig it is given.
// What it sees goes to standard output, a JSON object a line.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

type arguments struct {
	config    *rest.Config
	namespace string
	rest      []string
}

var tasks = map[string]func(context.Context, arguments) error{
	"inform":  inform,
	"watch":   watchAll,
	"scale":   scale,
	"lead":    lead,
	"refuse":  refuse,
	"load":    load,
	"encoded": encoded,
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		say(event{"says": "failed", "error": err.Error()})
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 3 || tasks[args[0]] == nil {
		return fmt.Errorf("usage: client-go inform|watch|scale|lead|refuse|load|encoded KUBECONFIG NAMESPACE …")
	}
	config, err := clientcmd.BuildConfigFromFlags("", args[1])
	if err != nil {
		return err
	}
	config.QPS, config.Burst = 100, 200
	config.Wrap(noting)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	return tasks[args[0]](ctx, arguments{config, args[2], args[3:]})
}

type event map[string]any

var saying sync.Mutex

func say(what event) {
	line, err := json.Marshal(what)
	if err != nil {
		panic(err)
	}
	saying.Lock()
	defer saying.Unlock()
	fmt.Println(string(line))
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }

// noting says which answers came from the other side. Requests for which the exec plugin had no token never get here.
func noting(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(request *http.Request) (*http.Response, error) {
		response, err := next.RoundTrip(request)
		if err == nil {
			say(event{
				"says": "answer", "method": request.Method, "path": request.URL.Path,
				"watch":  request.URL.Query().Get("watch") == "true",
				"status": response.StatusCode, "protocol": response.Proto,
				"sent": request.Header.Get("Content-Type"), "type": response.Header.Get("Content-Type"),
			})
		}
		return response, err
	})
}
