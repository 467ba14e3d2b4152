// Reads sessions to hold as JSON lines and answers each with the bytes that went over the wire, in the order in which they did, and with
// what either side made of them. Clients and servers are Kubernetes' own.
package main

import (
	"bufio"
	"encoding/json"
	"log"
	"os"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
)

type question struct {
	// websocket or spdy.
	Upgrade  string `json:"upgrade"`
	Protocol string `json:"protocol"`
	Tty      bool   `json:"tty"`
	// What the client writes, write by write.
	Input [][]byte `json:"input"`
	// The command waits for the end of its input, where the protocol can say that there is one.
	ToEnd bool `json:"toEnd"`
	// What the command writes once it has read all input; nothing of standard error on a terminal.
	Output      [][]byte `json:"output"`
	ErrorOutput [][]byte `json:"errorOutput"`
	Sizes       []size   `json:"sizes"`
	ExitCode    int      `json:"exitCode"`
}

type size struct{ Width, Height uint16 }

type chunk struct {
	From  string `json:"from"`
	Bytes []byte `json:"bytes"`
}

type answer struct {
	Error string `json:"error,omitempty"`
	// Behind the heads of the upgrade.
	Chunks []chunk `json:"chunks"`
	// What the command read.
	Input []byte `json:"input"`
	Sizes []size `json:"sizes"`
	// What the client read.
	Output      []byte `json:"output"`
	ErrorOutput []byte `json:"errorOutput"`
	// What the client was told of the end.
	End string `json:"end"`
}

func main() {
	klog.SetLogger(logr.Discard())
	questions, answers := bufio.NewScanner(os.Stdin), json.NewEncoder(os.Stdout)
	questions.Buffer(nil, 64<<20)
	for questions.Scan() {
		var q question
		if err := json.Unmarshal(questions.Bytes(), &q); err != nil {
			log.Fatal(err)
		}
		if err := answers.Encode(hold(q)); err != nil {
			log.Fatal(err)
		}
	}
}
