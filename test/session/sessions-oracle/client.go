package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gorilla/websocket"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/transport/spdy"
)

func hold(q question) (a answer) {
	c := &command{question: q}
	servers := serve(c)
	w, err := newWire(strings.TrimPrefix(servers[0].URL, "http://"))
	if err != nil {
		return answer{Error: err.Error()}
	}
	address := "http://" + w.listener.Addr().String()
	if q.Upgrade == "websocket" && q.Protocol != "v5.channel.k8s.io" {
		a = plain(q, address)
	} else {
		a = executed(q, address)
	}
	w.done.Wait()
	w.listener.Close()
	for _, server := range servers {
		server.Close()
	}
	a.Chunks, a.Input, a.Sizes = w.chunks, c.input, c.sizes
	return a
}

// pieces gives one of them for each read.
type pieces struct{ left [][]byte }

func (p *pieces) Read(into []byte) (int, error) {
	if len(p.left) == 0 {
		return 0, io.EOF
	}
	n := copy(into, p.left[0])
	if p.left[0] = p.left[0][n:]; len(p.left[0]) == 0 {
		p.left = p.left[1:]
	}
	return n, nil
}

type sizes struct{ left []size }

func (s *sizes) Next() *remotecommand.TerminalSize {
	if len(s.left) == 0 {
		return nil
	}
	next := remotecommand.TerminalSize(s.left[0])
	s.left = s.left[1:]
	return &next
}

// executed is kubectl's client.
func executed(q question, address string) answer {
	var out, errOut bytes.Buffer
	target, _ := url.Parse(address)
	config := &rest.Config{Host: address}
	options := remotecommand.StreamOptions{Stdin: &pieces{slices.Clone(q.Input)}, Stdout: &out, Tty: q.Tty}
	if q.Tty {
		options.TerminalSizeQueue = &sizes{slices.Clone(q.Sizes)}
	} else {
		options.Stderr = &errOut
	}
	var executor remotecommand.Executor
	var err error
	if q.Upgrade == "websocket" {
		executor, err = remotecommand.NewWebSocketExecutorForProtocols(config, "GET", address, q.Protocol)
	} else {
		var transport http.RoundTripper
		var upgrader spdy.Upgrader
		if transport, upgrader, err = spdy.RoundTripperFor(config); err == nil {
			executor, err = remotecommand.NewSPDYExecutorForProtocols(transport, upgrader, "POST", target, q.Protocol)
		}
	}
	if err != nil {
		return answer{Error: err.Error()}
	}
	a := answer{}
	if err := executor.StreamWithContext(context.Background(), options); err != nil {
		a.End = err.Error()
	}
	a.Output, a.ErrorOutput = out.Bytes(), errOut.Bytes()
	return a
}

// plain is a client of the versions that kubectl does not speak over WebSocket.
func plain(q question, address string) answer {
	// The server does not put the pieces of a message together.
	dialer := websocket.Dialer{WriteBufferSize: 64 << 10}
	if q.Protocol != "" {
		dialer.Subprotocols = []string{q.Protocol}
	}
	connection, _, err := dialer.Dial("ws"+strings.TrimPrefix(address, "http"), nil)
	if err != nil {
		return answer{Error: err.Error()}
	}
	defer connection.Close()
	encoded := strings.Contains(q.Protocol, "base64")
	send := func(channel byte, data []byte) error {
		if encoded {
			return connection.WriteMessage(websocket.TextMessage, []byte(string('0'+channel)+base64.StdEncoding.EncodeToString(data)))
		}
		return connection.WriteMessage(websocket.BinaryMessage, append([]byte{channel}, data...))
	}
	for _, each := range q.Sizes {
		text, _ := json.Marshal(each)
		send(4, text)
	}
	for _, each := range q.Input {
		send(0, each)
	}
	a := answer{}
	for {
		_, message, err := connection.ReadMessage()
		if err != nil {
			return a
		}
		channel, data := message[0], message[1:]
		if encoded {
			channel -= '0'
			data, _ = base64.StdEncoding.DecodeString(string(data))
		}
		switch channel {
		case 1:
			a.Output = append(a.Output, data...)
		case 2:
			a.ErrorOutput = append(a.ErrorOutput, data...)
		case 3:
			a.End += string(data)
		}
	}
}
