// A peer to measure against: the least that an ext_authz service by hand has to do for one read under a live lease. The same token,
// the same script in the store with the same arguments, 50 rules, a journal entry of about the same size. It is no boundary: it refuses
// nothing that is odd, knows no bodies, and fails open to whatever nobody thought of.
package main

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"log"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	auth "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"github.com/golang-jwt/jwt/v5"
	"github.com/redis/go-redis/v9"
	status "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/structpb"
)

// What test/bench/check/peers/configs.ts writes.
type config struct {
	Listen    string  `json:"listen"`
	Store     string  `json:"store"`
	Script    string  `json:"script"`
	Key       string  `json:"key"`
	Lease     string  `json:"lease"`
	Agent     string  `json:"agent"`
	ExpiresAt int64   `json:"expiresAt"`
	Limit     string  `json:"limit"`
	Rules     []rules `json:"rules"`
}

type rules struct {
	Verbs      []string `json:"verbs"`
	APIGroups  []string `json:"apiGroups"`
	Resources  []string `json:"resources"`
	Namespaces []string `json:"namespaces"`
}

type claims struct {
	Lease string `json:"lease"`
	jwt.RegisteredClaims
}

type entry struct {
	Kind           string `json:"kind"`
	AuditID        string `json:"auditId"`
	DecidedAt      int64  `json:"decidedAt"`
	Method         string `json:"method"`
	Path           string `json:"path"`
	Verb           string `json:"verb"`
	APIGroup       string `json:"apiGroup"`
	APIVersion     string `json:"apiVersion"`
	Resource       string `json:"resource"`
	Namespace      string `json:"namespace"`
	Name           string `json:"name"`
	Source         string `json:"source"`
	UserAgent      string `json:"userAgent"`
	KubectlCommand string `json:"kubectlCommand"`
	Agent          string `json:"agent"`
	Lease          string `json:"lease"`
	Intent         string `json:"intent"`
	Reason         string `json:"reason"`
	Rule           string `json:"rule"`
}

type server struct {
	auth.UnimplementedAuthorizationServer
	config
	script *redis.Script
	store  *redis.Client
	key    ed25519.PublicKey
	// By token what it says: its signature is checked once.
	tokens sync.Map
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	must(err)
	s := &server{}
	must(json.Unmarshal(text, &s.config))
	s.key, err = base64.RawURLEncoding.DecodeString(s.Key)
	must(err)
	s.script = redis.NewScript(s.Script)
	s.store = redis.NewClient(&redis.Options{Network: "unix", Addr: s.Store})
	must(s.script.Load(context.Background(), s.store).Err())
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
	now := time.Now()
	http := check.GetAttributes().GetRequest().GetHttp()
	var bearer, id, agent, command string
	for _, line := range http.GetHeaderMap().GetHeaders() {
		value := string(line.GetRawValue())
		switch line.GetKey() {
		case "authorization":
			bearer = strings.TrimPrefix(value, "Bearer ")
		case "x-request-id":
			id = value
		case "user-agent":
			agent = value
		case "kubectl-command":
			command = value
		}
	}
	caller, err := s.caller(bearer)
	if err != nil || caller.ExpiresAt.Before(now) || caller.Lease != s.Lease {
		return denied(401), nil
	}
	path := http.GetPath()
	parts := strings.Split(path, "/")
	if http.GetMethod() != "GET" || len(parts) != 7 || parts[1] != "api" {
		return denied(403), nil
	}
	rule := s.covering("get", "", parts[5], parts[4])
	if rule < 0 {
		return denied(403), nil
	}
	written, err := json.Marshal(entry{
		Kind: "decision", AuditID: id, DecidedAt: now.UnixMilli(), Method: http.GetMethod(), Path: path,
		Verb: "get", APIVersion: parts[2], Resource: parts[5], Namespace: parts[4], Name: parts[6],
		Source:    check.GetAttributes().GetSource().GetAddress().GetSocketAddress().GetAddress(),
		UserAgent: agent, KubectlCommand: command, Agent: s.Agent, Lease: s.Lease, Intent: "allow", Rule: strconv.Itoa(rule),
	})
	if err != nil {
		return nil, err
	}
	reply, err := s.commit(ctx, id, now.UnixMilli(), string(written))
	if err != nil || reply != `{"kind":"allowed","approval":null}` {
		return denied(403), err
	}
	return allowed(id, now.UnixMilli(), s.Agent, s.Lease, s.ExpiresAt-now.UnixMilli())
}

func (s *server) caller(token string) (*claims, error) {
	if known, ok := s.tokens.Load(token); ok {
		return known.(*claims), nil
	}
	read := &claims{}
	_, err := jwt.ParseWithClaims(token, read, func(*jwt.Token) (any, error) { return s.key, nil },
		jwt.WithValidMethods([]string{"EdDSA"}), jwt.WithAudience("leasegate:boundary"), jwt.WithIssuer("leasegate"))
	if err != nil {
		return nil, err
	}
	s.tokens.Store(token, read)
	return read, nil
}

func (s *server) covering(verb, group, resource, namespace string) int {
	for at, rule := range s.Rules {
		if has(rule.Verbs, verb) && has(rule.APIGroups, group) && has(rule.Resources, resource) && has(rule.Namespaces, namespace) {
			return at
		}
	}
	return -1
}

func has(list []string, one string) bool {
	return slices.Contains(list, one) || slices.Contains(list, "*")
}

func (s *server) commit(ctx context.Context, id string, now int64, entry string) (any, error) {
	prefix := "{lg:" + s.Lease[len(s.Lease)-2:] + "}:"
	return s.script.EvalSha(ctx, s.store, []string{prefix + "journal", prefix + "once:" + id},
		prefix, now, s.Lease, s.ExpiresAt, "allow", "requests", s.Limit, 0,
		10_000_000, 10_000_000_000, 20_000_000, 20_000_000_000, 180_000, s.Lease+" allow ", entry, "",
	).Result()
}

func denied(code int32) *auth.CheckResponse {
	return &auth.CheckResponse{
		Status:       &status.Status{Code: int32(codes.PermissionDenied)},
		HttpResponse: &auth.CheckResponse_DeniedResponse{DeniedResponse: &auth.DeniedHttpResponse{}},
	}
}

func allowed(id string, now int64, agent, lease string, leftMs int64) (*auth.CheckResponse, error) {
	metadata, err := structpb.NewStruct(map[string]any{
		"row":    map[string]any{"audit_id": id, "decided_at": float64(now), "agent": agent, "lease": lease},
		"user":   "leasegate:" + agent,
		"group0": "leasegate:agents",
		"lease":  lease,
	})
	if err != nil {
		return nil, err
	}
	return &auth.CheckResponse{
		Status: &status.Status{},
		HttpResponse: &auth.CheckResponse_OkResponse{OkResponse: &auth.OkHttpResponse{Headers: []*core.HeaderValueOption{
			header("audit-id", id),
			header("x-envoy-upstream-stream-duration-ms", strconv.FormatInt(leftMs, 10)),
		}}},
		DynamicMetadata: metadata,
	}, nil
}

func header(key, value string) *core.HeaderValueOption {
	return &core.HeaderValueOption{Header: &core.HeaderValue{Key: key, Value: value}}
}
