// Reads {"method", "target"} or {"contentType", "body"} as JSON lines and answers each with what the API server's own code makes of it.
package main

import (
	"bufio"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/klog/v2"
)

type question struct {
	Method string `json:"method"`
	Target string `json:"target"`

	ContentType string `json:"contentType"`
	// In base64. Without one it is the request line that is asked about.
	Body *[]byte `json:"body"`
}

type answer struct {
	Error             string `json:"error,omitempty"`
	IsResourceRequest bool   `json:"isResourceRequest"`
	Verb              string `json:"verb"`
	APIPrefix         string `json:"apiPrefix"`
	APIGroup          string `json:"apiGroup"`
	APIVersion        string `json:"apiVersion"`
	Namespace         string `json:"namespace"`
	Resource          string `json:"resource"`
	Subresource       string `json:"subresource"`
	Name              string `json:"name"`
	FieldSelector     string `json:"fieldSelector"`
	LabelSelector     string `json:"labelSelector"`
}

// The prefixes of kube-apiserver (pkg/server/config.go, NewRequestInfoResolver).
var factory = request.RequestInfoFactory{
	APIPrefixes:          sets.NewString("api", "apis"),
	GrouplessAPIPrefixes: sets.NewString("api"),
}

func main() {
	// A query that does not decode is logged, value and all; here such queries are the point.
	klog.SetLogger(logr.Discard())
	if err := answerAll(os.Stdin, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// Holds answers back only while more questions are waiting, so that one can be asked at a time.
func answerAll(questions io.Reader, answers io.Writer) error {
	in, out := bufio.NewReader(questions), bufio.NewWriter(answers)
	encoder := json.NewEncoder(out)
	for {
		line, err := in.ReadBytes('\n')
		if err == io.EOF {
			return out.Flush()
		}
		if err != nil {
			return err
		}
		var q question
		if err := json.Unmarshal(line, &q); err != nil {
			return err
		}
		if err := encoder.Encode(answerTo(q)); err != nil {
			return err
		}
		if in.Buffered() > 0 {
			continue
		}
		if err := out.Flush(); err != nil {
			return err
		}
	}
}

func answerTo(q question) any {
	if q.Body != nil {
		return readBody(q.ContentType, *q.Body)
	}
	return readLine(q)
}

func readLine(q question) answer {
	target, err := url.ParseRequestURI(q.Target)
	if err != nil {
		return answer{Error: err.Error()}
	}
	info, err := factory.NewRequestInfo(&http.Request{Method: q.Method, URL: target})
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{
		IsResourceRequest: info.IsResourceRequest,
		Verb:              info.Verb,
		APIPrefix:         info.APIPrefix,
		APIGroup:          info.APIGroup,
		APIVersion:        info.APIVersion,
		Namespace:         info.Namespace,
		Resource:          info.Resource,
		Subresource:       info.Subresource,
		Name:              info.Name,
		FieldSelector:     info.FieldSelector,
		LabelSelector:     info.LabelSelector,
	}
}
