package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"time"

	"k8s.io/apiserver/pkg/util/proxy"
	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
	utilexec "k8s.io/utils/exec"
)

// command reads all there is to read, then writes.
type command struct {
	question question
	input    []byte
	sizes    []size
}

func (c *command) ExecInContainer(_ context.Context, _, _, _ string, _ []string, in io.Reader, out, err io.WriteCloser, _ bool, resize <-chan remotecommand.TerminalSize, _ time.Duration) error {
	for range c.question.Sizes {
		got := <-resize
		c.sizes = append(c.sizes, size(got))
	}
	wanted := 0
	for _, each := range c.question.Input {
		wanted += len(each)
	}
	c.input = make([]byte, wanted)
	if in != nil {
		if _, failed := io.ReadFull(in, c.input); failed != nil {
			return failed
		}
		if c.question.ToEnd {
			if _, failed := io.Copy(io.Discard, in); failed != nil {
				return failed
			}
		}
	}
	for _, each := range c.question.Output {
		out.Write(each)
	}
	for _, each := range c.question.ErrorOutput {
		err.Write(each)
	}
	if c.question.ExitCode != 0 {
		return &utilexec.CodeExitError{Err: io.ErrUnexpectedEOF, Code: c.question.ExitCode}
	}
	return nil
}

// serve starts a container runtime's server and before it, for v5, the API server's translator; the first is the one to ask.
func serve(c *command) []*httptest.Server {
	tty := c.question.Tty
	runtime := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		options := &remotecommand.Options{Stdin: true, Stdout: true, Stderr: !tty, TTY: tty}
		protocols := []string{c.question.Protocol}
		if c.question.Protocol == "v5.channel.k8s.io" {
			protocols = remotecommand.SupportedStreamingProtocols
		}
		remotecommand.ServeExec(w, r, c, "pod", "", "container", nil, options, time.Minute, time.Minute, protocols)
	})
	if c.question.Protocol != "v5.channel.k8s.io" {
		return []*httptest.Server{httptest.NewServer(runtime)}
	}
	behind := httptest.NewServer(runtime)
	location, _ := url.Parse(behind.URL)
	options := proxy.Options{Stdin: true, Stdout: true, Stderr: !tty, Tty: tty}
	translator := proxy.NewStreamTranslatorHandler(location, http.DefaultTransport, 0, options)
	return []*httptest.Server{httptest.NewServer(translator), behind}
}
