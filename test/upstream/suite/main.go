// Kubernetes' own e2e suite, built from its module with the groups of tests that a cluster without containers can run. As test/e2e/e2e_test.go.
package main

import (
	"context"
	"flag"
	"os"
	"strings"
	"testing"

	core "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/kubernetes/test/e2e"
	"k8s.io/kubernetes/test/e2e/framework"
	"k8s.io/kubernetes/test/e2e/framework/config"
	"k8s.io/kubernetes/test/e2e/framework/testfiles"
	manifests "k8s.io/kubernetes/test/e2e/testing-manifests"
	fixtures "k8s.io/kubernetes/test/fixtures"

	_ "k8s.io/kubernetes/test/e2e/apimachinery"
	_ "k8s.io/kubernetes/test/e2e/apps"
	_ "k8s.io/kubernetes/test/e2e/auth"
	_ "k8s.io/kubernetes/test/e2e/feature"
	_ "k8s.io/kubernetes/test/e2e/kubectl"

	_ "k8s.io/kubernetes/test/e2e/framework/debug/init"
	_ "k8s.io/kubernetes/test/e2e/framework/metrics/init"
	_ "k8s.io/kubernetes/test/e2e/framework/node/init"
	_ "k8s.io/kubernetes/test/utils/format"
)

func main() {
	config.CopyFlags(config.Flags, flag.CommandLine)
	framework.RegisterCommonFlags(flag.CommandLine)
	framework.RegisterClusterFlags(flag.CommandLine)
	flag.Parse()
	testfiles.AddFileSource(manifests.GetE2ETestingManifestsFS())
	testfiles.AddFileSource(fixtures.GetTestFixturesFS())
	framework.AfterReadingAllFlags(&framework.TestContext)
	framework.TestContext.CreateTestingNS = makeNamespace
	// Ginkgo wants of it only to be told of a failure.
	t := new(testing.T)
	e2e.RunE2ETests(t)
	if t.Failed() {
		os.Exit(1)
	}
}

// makeNamespace leaves unsaid what would loosen Pod Security, which no lease does: where the cluster demands nothing, saying nothing is as lax.
func makeNamespace(ctx context.Context, name string, client kubernetes.Interface, labels map[string]string) (*core.Namespace, error) {
	for key, value := range labels {
		if strings.HasPrefix(key, "pod-security.kubernetes.io/") && value != "restricted" {
			delete(labels, key)
		}
	}
	return framework.CreateTestingNS(ctx, name, client, labels)
}
