// A peer to measure against: Open Policy Agent as an ext_authz service, as OPA-Envoy asks it. The check becomes JSON, the JSON the
// policy's input, and the policy is a query prepared once, with as many rules as the authorizer has. It reads no token, and has neither
// leases nor budgets nor a journal: a decision of ours has all that beside what this one costs.
package main

import (
	"context"
	"encoding/json"
	"log"
	"net"
	"net/url"
	"os"
	"strings"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	auth "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/util"
	status "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/structpb"
)

// What test/bench/check/peers/configs.ts writes.
type config struct {
	Listen string `json:"listen"`
	// Of the module: package leasegate, whose allow is true or false.
	Policy string `json:"policy"`
	Agent  string `json:"agent"`
	Lease  string `json:"lease"`
}

type server struct {
	auth.UnimplementedAuthorizationServer
	config
	allow rego.PreparedEvalQuery
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	must(err)
	s := &server{}
	must(json.Unmarshal(text, &s.config))
	s.allow, err = rego.New(rego.Query("data.leasegate.allow"), rego.Module("policy.rego", s.Policy)).PrepareForEval(context.Background())
	must(err)
	listener, err := net.Listen("unix", s.Listen)
	must(err)
	grpcServer := grpc.NewServer()
	auth.RegisterAuthorizationServer(grpcServer, s)
	must(grpcServer.Serve(listener))
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func (s *server) Check(ctx context.Context, check *auth.CheckRequest) (*auth.CheckResponse, error) {
	input, err := toInput(check)
	if err != nil {
		return nil, err
	}
	results, err := s.allow.Eval(ctx, rego.EvalParsedInput(input))
	if err != nil {
		return nil, err
	}
	if !results.Allowed() {
		return denied(), nil
	}
	return s.allowed(requestID(check))
}

func toInput(check *auth.CheckRequest) (ast.Value, error) {
	written, err := protojson.Marshal(check)
	if err != nil {
		return nil, err
	}
	var input map[string]any
	if err := util.UnmarshalJSON(written, &input); err != nil {
		return nil, err
	}
	target, err := url.Parse(check.GetAttributes().GetRequest().GetHttp().GetPath())
	if err != nil {
		return nil, err
	}
	input["parsed_path"] = strings.Split(strings.TrimLeft(target.Path, "/"), "/")
	input["parsed_query"] = map[string][]string(target.Query())
	return ast.InterfaceToValue(input)
}

func requestID(check *auth.CheckRequest) string {
	for _, line := range check.GetAttributes().GetRequest().GetHttp().GetHeaderMap().GetHeaders() {
		if line.GetKey() == "x-request-id" {
			return string(line.GetRawValue())
		}
	}
	return ""
}

func denied() *auth.CheckResponse {
	return &auth.CheckResponse{
		Status:       &status.Status{Code: int32(codes.PermissionDenied)},
		HttpResponse: &auth.CheckResponse_DeniedResponse{DeniedResponse: &auth.DeniedHttpResponse{}},
	}
}

func (s *server) allowed(id string) (*auth.CheckResponse, error) {
	metadata, err := structpb.NewStruct(map[string]any{
		"row":    map[string]any{"audit_id": id, "agent": s.Agent, "lease": s.Lease},
		"user":   "leasegate:" + s.Agent,
		"group0": "leasegate:agents",
		"lease":  s.Lease,
	})
	if err != nil {
		return nil, err
	}
	return &auth.CheckResponse{
		Status: &status.Status{},
		HttpResponse: &auth.CheckResponse_OkResponse{OkResponse: &auth.OkHttpResponse{Headers: []*core.HeaderValueOption{
			header("audit-id", id),
			header("x-envoy-upstream-stream-duration-ms", "3000000"),
		}}},
		DynamicMetadata: metadata,
	}, nil
}

func header(key, value string) *core.HeaderValueOption {
	return &core.HeaderValueOption{Header: &core.HeaderValue{Key: key, Value: value}}
}
