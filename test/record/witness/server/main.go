// A witness on this machine, of those who run them for transparency logs; it remembers while it runs.
package main

import (
	"bufio"
	"context"
	"net/http"
	"os"
	"strings"

	formats "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/witness/persistence/inmemory"
	"github.com/transparency-dev/witness/witness"
	"golang.org/x/mod/sumdb/note"
)

// witness ADDRESS LOGS: a file with the verifier key of a log on each line, read at each question. Its signing key is in the environment.
func main() {
	address, logs := os.Args[1], os.Args[2]
	signer, err := formats.NewSignerForCosignatureV1(os.Getenv("WITNESS_KEY"))
	if err != nil {
		panic(err)
	}
	w, err := witness.New(context.Background(), witness.Opts{
		Persistence: inmemory.New(),
		Signers:     []note.Signer{signer},
		VerifierForLog: func(_ context.Context, origin string) (note.Verifier, bool, error) {
			return verifierFor(logs, origin)
		},
	})
	if err != nil {
		panic(err)
	}
	http.HandleFunc("POST /add-checkpoint", witness.NewHTTPHandler(w).AddCheckpoint)
	http.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	panic(http.ListenAndServe(address, nil))
}

func verifierFor(logs, origin string) (note.Verifier, bool, error) {
	file, err := os.Open(logs)
	if err != nil {
		return nil, false, err
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), origin+"+") {
			verifier, err := note.NewVerifier(lines.Text())
			return verifier, err == nil, err
		}
	}
	return nil, false, nil
}
