package main

import (
	"bytes"
	"io"
	"net"
	"sync"
)

// wire passes bytes on and keeps them: whoever reads what it passed finds it kept.
type wire struct {
	listener net.Listener
	target   string
	mutex    sync.Mutex
	chunks   []chunk
	done     sync.WaitGroup
}

func newWire(target string) (*wire, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w := &wire{listener: listener, target: target}
	w.done.Add(2)
	go w.run()
	return w, nil
}

func (w *wire) run() {
	client, err := w.listener.Accept()
	if err != nil {
		w.done.Add(-2)
		return
	}
	server, err := net.Dial("tcp", w.target)
	if err != nil {
		client.Close()
		w.done.Add(-2)
		return
	}
	go w.pass("client", client, server)
	go w.pass("server", server, client)
}

// pass leaves the head out, which no byte of the tunnel stands before.
func (w *wire) pass(from string, source, target net.Conn) {
	defer w.done.Done()
	defer target.(*net.TCPConn).CloseWrite()
	buffer, head, inHead := make([]byte, 64<<10), []byte{}, true
	for {
		n, err := source.Read(buffer)
		rest := bytes.Clone(buffer[:n])
		if inHead {
			head = append(head, rest...)
			end := bytes.Index(head, []byte("\r\n\r\n"))
			rest = nil
			if end >= 0 {
				inHead, rest = false, head[end+4:]
			}
		}
		if len(rest) > 0 {
			w.mutex.Lock()
			w.chunks = append(w.chunks, chunk{from, rest})
			w.mutex.Unlock()
		}
		if _, failed := target.Write(buffer[:n]); failed != nil || err != nil {
			io.Copy(io.Discard, source)
			return
		}
	}
}
