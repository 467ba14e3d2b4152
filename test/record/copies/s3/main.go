// An S3 server on this machine, with versions and object lock: the gateway of Versity over two folders.
package main

import (
	"context"
	"os"

	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
)

// s3 ADDRESS FOLDER: the folder has data, versions and attributes, each an existing folder. One account, from the environment.
func main() {
	address, folder := os.Args[1], os.Args[2]
	attributes, err := meta.NewSideCar(folder + "/attributes")
	if err != nil {
		panic(err)
	}
	store, err := posix.New(folder+"/data", attributes, posix.PosixOpts{
		VersioningDir: folder + "/versions",
		SideCarDir:    folder + "/attributes",
		Concurrency:   16,
	})
	if err != nil {
		panic(err)
	}
	err = embedgw.RunVersityGW(context.Background(), store, &embedgw.Config{
		RootUserAccess:    os.Getenv("S3_ACCESS"),
		RootUserSecret:    os.Getenv("S3_SECRET"),
		Ports:             []string{address},
		MaxConnections:    1000,
		MaxRequests:       1000,
		MultipartMaxParts: 10000,
		HealthPath:        "/healthz",
		Quiet:             true,
	})
	if err != nil {
		panic(err)
	}
}
