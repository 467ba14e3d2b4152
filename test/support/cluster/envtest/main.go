// A Kubernetes API server as controller-runtime's envtest starts it. Prints a JSON line with its admin's kubeconfig and its data
// folder, and ends when its input does.
package main

import (
	"encoding/json"
	"flag"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

type paths struct{ etcd, apiserver, controllerManager string }

type started struct {
	Kubeconfig string `json:"kubeconfig"`
}

func main() {
	var programs paths
	flag.StringVar(&programs.etcd, "etcd", "", "path of etcd")
	flag.StringVar(&programs.apiserver, "kube-apiserver", "", "path of kube-apiserver")
	flag.StringVar(&programs.controllerManager, "kube-controller-manager", "", "path of kube-controller-manager")
	directory := flag.String("directory", "", "where kubeconfig and logs go")
	flags := flag.String("flags", "", "more flags of kube-apiserver, NAME=VALUE, separated by blanks")
	flag.Parse()
	if err := run(programs, *directory, strings.Fields(*flags)); err != nil {
		log.Fatal(err)
	}
}

func run(programs paths, directory string, flags []string) (err error) {
	environment := &envtest.Environment{}
	environment.ControlPlane.Etcd = &envtest.Etcd{Path: programs.etcd}
	environment.ControlPlane.APIServer = &envtest.APIServer{Path: programs.apiserver}
	arguments := environment.ControlPlane.APIServer.Configure()
	for _, each := range flags {
		name, value, _ := strings.Cut(each, "=")
		arguments.Append(name, value)
	}
	if _, err = environment.Start(); err != nil {
		return err
	}
	defer func() {
		if stopped := environment.Stop(); err == nil {
			err = stopped
		}
	}()
	admin, err := environment.AddUser(envtest.User{Name: "platform-engineer", Groups: []string{"system:masters"}}, nil)
	if err != nil {
		return err
	}
	kubeconfig, err := admin.KubeConfig()
	if err != nil {
		return err
	}
	file := filepath.Join(directory, "admin.kubeconfig")
	if err = os.WriteFile(file, kubeconfig, 0o600); err != nil {
		return err
	}
	controllers, err := startControllers(programs.controllerManager, directory, file)
	if err != nil {
		return err
	}
	defer endControllers(controllers)
	if err = json.NewEncoder(os.Stdout).Encode(started{Kubeconfig: file}); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// Without it a namespace that is deleted never goes.
func startControllers(program, directory, kubeconfig string) (*exec.Cmd, error) {
	output, err := os.Create(filepath.Join(directory, "kube-controller-manager.log"))
	if err != nil {
		return nil, err
	}
	defer output.Close()
	command := exec.Command(program, "--kubeconfig="+kubeconfig, "--leader-elect=false", "--bind-address=127.0.0.1", "--secure-port=0",
		"--controllers=namespace-controller,serviceaccount-controller,root-ca-certificate-publisher-controller")
	command.Stdout, command.Stderr = output, output
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return command, command.Start()
}

func endControllers(command *exec.Cmd) {
	_ = command.Process.Signal(syscall.SIGTERM)
	_ = command.Wait()
}
