{
  "node": {
    "id": "leasegate",
    "cluster": "leasegate"
  },
  "admin": {
    "address": {
      "pipe": {
        "path": "/run/leasegate/admin.sock",
        "mode": 384
      }
    }
  },
  "layered_runtime": {
    "layers": [
      {
        "name": "static",
        "static_layer": {
          "http.max_requests_per_io_cycle": 1,
          "overload.premature_reset_total_stream_count": 100,
          "overload.premature_reset_min_stream_lifetime_seconds": 1,
          "envoy.resource_limits.listener.boundary.connection_limit": {{ .Values.envoy.connections.boundary | int }},
          "envoy.resource_limits.listener.broker.connection_limit": {{ .Values.envoy.connections.broker | int }}
        }
      }
    ]
  },
{{- if .Values.sessions.enabled }}
  "bootstrap_extensions": [
    {
      "name": "envoy.bootstrap.internal_listener",
      "typed_config": {
        "@type": "type.googleapis.com/envoy.extensions.bootstrap.internal_listener.v3.InternalListener"
      }
    }
  ],
{{- end }}
  "overload_manager": {
    "refresh_interval": "0.25s",
    "buffer_factory_config": {
      "minimum_account_to_track_power_of_two": 17
    },
    "resource_monitors": [
      {
        "name": "envoy.resource_monitors.fixed_heap",
        "typed_config": {
          "@type": "type.googleapis.com/envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig",
          "max_heap_size_bytes": {{ include "leasegate.envoy.heap" . }}
        }
      },
      {
        "name": "envoy.resource_monitors.global_downstream_max_connections",
        "typed_config": {
          "@type": "type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
          "max_active_downstream_connections": {{ add .Values.envoy.connections.boundary .Values.envoy.connections.broker }}
        }
      }
    ],
    "actions": [
      {
        "name": "envoy.overload_actions.reduce_timeouts",
        "triggers": [
          {
            "name": "envoy.resource_monitors.fixed_heap",
            "scaled": {
              "scaling_threshold": 0.05,
              "saturation_threshold": 0.2
            }
          }
        ],
        "typed_config": {
          "@type": "type.googleapis.com/envoy.config.overload.v3.ScaleTimersOverloadActionConfig",
          "timer_scale_factors": [
            {
              "timer": "HTTP_DOWNSTREAM_CONNECTION_IDLE",
              "min_timeout": "5s"
            },
            {
              "timer": "TRANSPORT_SOCKET_CONNECT",
              "min_timeout": "1s"
            },
            {
              "timer": "HTTP_DOWNSTREAM_STREAM_FLUSH",
              "min_timeout": "2s"
            }
          ]
        }
      },
      {
        "name": "envoy.overload_actions.reset_high_memory_stream",
        "triggers": [
          {
            "name": "envoy.resource_monitors.fixed_heap",
            "scaled": {
              "scaling_threshold": 0.75,
              "saturation_threshold": 0.9
            }
          }
        ]
      },
      {
        "name": "envoy.overload_actions.shrink_heap",
        "triggers": [
          {
            "name": "envoy.resource_monitors.fixed_heap",
            "threshold": {
              "value": 0.9
            }
          }
        ]
      },
      {
        "name": "envoy.overload_actions.stop_accepting_requests",
        "triggers": [
          {
            "name": "envoy.resource_monitors.fixed_heap",
            "threshold": {
              "value": 0.95
            }
          }
        ]
      }
    ]
  },
  "grpc_async_client_manager_config": {
    "max_cached_entry_idle_duration": "31536000s"
  },
  "static_resources": {
    "listeners": [
      {
        "name": "boundary",
        "address": {
          "socket_address": {
            "address": {{ ternary "::" "0.0.0.0" .Values.ipv6 | toJson }},
            "port_value": 10443,
            "ipv4_compat": {{ .Values.ipv6 }}
          }
        },
        "per_connection_buffer_limit_bytes": 131072,
        "listener_filters_timeout": "3s",
        "listener_filters": [
          {
            "name": "envoy.filters.listener.tls_inspector",
            "typed_config": {
              "@type": "type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector"
            }
          }
        ],
        "filter_chains": [
          {
            "name": "http2",
            "filter_chain_match": {
              "application_protocols": [
                "h2"
              ]
            },
            "transport_socket": {
              "name": "envoy.transport_sockets.tls",
              "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
                "require_client_certificate": false,
                "common_tls_context": {
{{- if .Values.clientCertificates.enabled }}
                  "validation_context": {
                    "trust_chain_verification": "ACCEPT_UNTRUSTED"
                  },
{{- end }}
                  "alpn_protocols": [
                    "h2",
                    "http/1.1"
                  ],
                  "tls_params": {
                    "tls_minimum_protocol_version": "TLSv1_2"
                  },
                  "tls_certificate_sds_secret_configs": [
                    {
                      "name": "leasegate",
                      "sds_config": {
                        "path_config_source": {
                          "path": "/etc/envoy/server.json"
                        }
                      }
                    }
                  ]
                }
              }
            },
            "transport_socket_connect_timeout": "10s",
            "filters": [
              {
                "name": "envoy.filters.network.http_connection_manager",
                "typed_config": {
                  "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                  "stat_prefix": "boundary",
                  "codec_type": "AUTO",
                  "use_remote_address": true,
                  "path_with_escaped_slashes_action": "REJECT_REQUEST",
                  "generate_request_id": true,
                  "preserve_external_request_id": false,
                  "request_id_extension": {
                    "typed_config": {
                      "@type": "type.googleapis.com/envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig",
                      "pack_trace_reason": false
                    }
                  },
                  "server_header_transformation": "OVERWRITE",
                  "server_name": "leasegate",
                  "common_http_protocol_options": {
                    "headers_with_underscores_action": "REJECT_REQUEST",
                    "idle_timeout": "120s",
                    "max_headers_count": 100
                  },
                  "http_protocol_options": {
                    "allow_absolute_url": false
                  },
                  "http2_protocol_options": {
                    "max_concurrent_streams": 100,
                    "initial_stream_window_size": 131072,
                    "initial_connection_window_size": 1048576
                  },
                  "request_headers_timeout": "10s",
                  "request_timeout": "60s",
                  "delayed_close_timeout": "0s",
                  "early_header_mutation_extensions": [
                    {
                      "name": "envoy.http.early_header_mutation.header_mutation",
                      "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation",
                        "mutations": [
                          {
                            "remove": "x-forwarded-for"
                          },
                          {
                            "remove": "x-real-ip"
                          },
                          {
                            "remove": "forwarded"
                          }
                        ]
                      }
                    }
                  ],
                  "forward_client_cert_details": "SANITIZE",
                  "max_request_headers_kb": 60,
                  "normalize_path": false,
                  "merge_slashes": false,
                  "upgrade_configs": [
                    {
                      "upgrade_type": "websocket"
                    },
                    {
                      "upgrade_type": "SPDY/3.1"
                    }
                  ],
                  "stream_idle_timeout": "0s",
                  "stream_flush_timeout": "60s",
                  "access_log": [
                    {
                      "name": "envoy.access_loggers.http_grpc",
                      "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig",
                        "common_config": {
                          "log_name": "boundary",
                          "transport_api_version": "V3",
                          "buffer_flush_interval": "0.2s",
                          "buffer_size_bytes": 4194304,
                          "grpc_service": {
                            "envoy_grpc": {
                              "cluster_name": "tap"
                            }
                          }
                        }
                      }
                    },
                    {
                      "name": "envoy.access_loggers.http_grpc",
                      "filter": {
                        "and_filter": {
                          "filters": [
                            {
                              "status_code_filter": {
                                "comparison": {
                                  "op": "EQ",
                                  "value": {
                                    "default_value": 429,
                                    "runtime_key": "leasegate.put_off_status"
                                  }
                                }
                              }
                            },
                            {
                              "metadata_filter": {
                                "matcher": {
                                  "filter": "envoy.filters.http.ext_authz",
                                  "path": [
                                    {
                                      "key": "approval"
                                    }
                                  ],
                                  "value": {
                                    "string_match": {
                                      "prefix": "apr_"
                                    }
                                  }
                                },
                                "match_if_key_not_found": false
                              }
                            }
                          ]
                        }
                      },
                      "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig",
                        "common_config": {
                          "log_name": "put-off",
                          "transport_api_version": "V3",
                          "buffer_size_bytes": 0,
                          "grpc_service": {
                            "envoy_grpc": {
                              "cluster_name": "authorizers"
                            }
                          }
                        }
                      }
                    }
                  ],
                  "access_log_options": {
                    "flush_log_on_tunnel_successfully_established": true,
                    "access_log_flush_interval": "5s"
                  },
                  "http_filters": [
                    {
                      "name": "head",
                      "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz",
                        "transport_api_version": "V3",
                        "grpc_service": {
                          "envoy_grpc": {
                            "cluster_name": "authorizers"
                          },
                          "timeout": "1.2s",
                          "retry_policy": {
                            "retry_on": "connect-failure,refused-stream",
                            "num_retries": 2
                          }
                        },
                        "failure_mode_allow": false,
                        "status_on_error": {
                          "code": "ServiceUnavailable"
                        },
                        "encode_raw_headers": true,
                        "validate_mutations": true,
                        "include_peer_certificate": true,
                        "decoder_header_mutation_rules": {
                          "disallow_all": true,
                          "disallow_is_error": true
                        }
                      },
                      "disabled": true
                    },
                    {
                      "name": "envoy.filters.http.ext_authz",
                      "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz",
                        "transport_api_version": "V3",
                        "grpc_service": {
                          "envoy_grpc": {
                            "cluster_name": "authorizers"
                          },
                          "timeout": "1.2s",
                          "retry_policy": {
                            "retry_on": "connect-failure,refused-stream",
                            "num_retries": 2
                          }
                        },
                        "failure_mode_allow": false,
                        "status_on_error": {
                          "code": "ServiceUnavailable"
                        },
                        "encode_raw_headers": true,
                        "validate_mutations": true,
                        "include_peer_certificate": true,
                        "with_request_body": {
                          "max_request_bytes": 1024,
                          "allow_partial_message": false,
                          "pack_as_bytes": true
                        },
                        "decoder_header_mutation_rules": {
                          "disallow_all": true,
                          "allow_expression": {
                            "regex": "^(audit-id|x-envoy-upstream-stream-duration-ms)$"
                          },
                          "disallow_is_error": true
                        }
                      }
                    },
                    {
                      "name": "cut",
                      "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor",
                        "grpc_service": {
                          "envoy_grpc": {
                            "cluster_name": "authorizers"
                          },
                          "timeout": "0s",
                          "retry_policy": {
                            "retry_on": "connect-failure,refused-stream",
                            "num_retries": 2
                          }
                        },
                        "failure_mode_allow": false,
                        "message_timeout": "2s",
                        "processing_mode": {
                          "request_header_mode": "SEND",
                          "response_header_mode": "SKIP",
                          "request_body_mode": "NONE",
                          "response_body_mode": "NONE",
                          "request_trailer_mode": "SKIP",
                          "response_trailer_mode": "SEND"
                        },
                        "mutation_rules": {
                          "disallow_all": true
                        },
                        "metadata_options": {
                          "forwarding_namespaces": {
                            "untyped": [
                              "envoy.filters.http.ext_authz"
                            ]
                          }
                        }
                      },
                      "disabled": true
                    },
                    {
{{- if .Values.sessions.enabled }}
                      "name": "recorder",
                      "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor",
                        "grpc_service": {
                          "envoy_grpc": {
                            "cluster_name": "recorder"
                          },
                          "timeout": "0s",
                          "retry_policy": {
                            "retry_on": "connect-failure,refused-stream",
                            "num_retries": 2
                          },
                          "initial_metadata": [
                            {
                              "key": "x-leasegate-part",
                              "value": "session"
                            }
                          ]
                        },
                        "failure_mode_allow": false,
                        "status_on_error": {
                          "code": "ServiceUnavailable"
                        },
                        "message_timeout": "1.8s",
                        "processing_mode": {
                          "request_header_mode": "SEND",
                          "response_header_mode": "SKIP",
                          "request_body_mode": "NONE",
                          "response_body_mode": "NONE",
                          "request_trailer_mode": "SKIP",
                          "response_trailer_mode": "SEND"
                        },
                        "mutation_rules": {
                          "disallow_all": true
                        },
                        "forward_rules": {
                          "allowed_headers": {
                            "patterns": [
                              {
                                "exact": ":method"
                              },
                              {
                                "exact": ":path"
                              },
                              {
                                "exact": "upgrade"
                              },
                              {
                                "exact": "sec-websocket-protocol"
                              },
                              {
                                "exact": "x-stream-protocol-version"
                              }
                            ]
                          }
                        },
                        "metadata_options": {
                          "forwarding_namespaces": {
                            "untyped": [
                              "envoy.filters.http.ext_authz"
                            ]
                          }
                        }
                      },
                      "disabled": true
                    },
                    {
{{- end }}
                      "name": "tunnel",
                      "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
                        "default_source_code": {
                          "inline_string": "-- Runs in Envoy, on what the API server sends through a tunnel (exec, attach, port-forward, a watch or log as a WebSocket). To Envoy a tunnel\n-- that is over and an API server that died look the same: the connection is closed. Kubernetes says farewell in its frames, so their heads are\n-- read, and what an exec came to. Nothing is changed or held up, and of what goes through nothing is kept but that last word.\n--\n-- Writes metadata of the stream (namespace leasegate.tunnel), which the access log brings to the tap:\n--   closed  true: the API server closed the tunnel, in the words of the protocol\n--   status  text: the Status that an exec or attach ends with, not trusted here\n\nlocal NAMESPACE = 'leasegate.tunnel'\n-- A Status is some hundred bytes; the message of one may be longer.\nlocal LONGEST_STATUS = 8192\n\n-- Both readers: how many bytes of a head are wanted; once they are there, how long the rest of the frame is, and what it is.\n\n-- RFC 6455, 5.2. With the first byte of the payload, which is the channel. A server masks nothing and has no extensions.\nlocal function websocket(head, channels)\n  if #head < 2 then return 2 end\n  local first, second = head:byte(1, 2)\n  local opcode, length, size = first % 16, second, 2\n  if second > 127 or math.floor(first / 16) % 8 ~= 0 then return nil end\n  if first == 0x88 then return 2, length, 'closed' end\n  if second == 126 then size = 4 elseif second == 127 then size = 10 end\n  if #head < size then return size end\n  if size > 2 then length = 0 end\n  for at = 3, size do length = length * 256 + head:byte(at) end\n  if not channels or length == 0 or (opcode ~= 1 and opcode ~= 2) then return size, length end\n  if #head < size + 1 then return size + 1 end\n  local is_status = head:byte(size + 1) == 3 and length <= LONGEST_STATUS\n  return size + 1, length - 1, is_status and 'status' or nil\nend\n\n-- SPDY/3, 2.2: a control frame has the first bit; 7 is GOAWAY.\nlocal function spdy(head)\n  if #head < 8 then return 8 end\n  local first, _, _, kind, _, high, middle, low = head:byte(1, 8)\n  local is_farewell = first == 128 and kind == 7\n  return 8, (high * 256 + middle) * 256 + low, is_farewell and 'closed' or nil\nend\n\n-- By what the stream has now: nothing that Envoy hands out outlives the wait for the next bytes.\nlocal function tell(handle, key, value)\n  handle:streamInfo():dynamicMetadata():set(NAMESPACE, key, value)\nend\n\nfunction envoy_on_response(handle)\n  local headers = handle:headers()\n  if headers:get(':status') ~= '101' then return end\n  local read = (headers:get('upgrade') or ''):lower() == 'websocket' and websocket or spdy\n  local protocol = headers:get('sec-websocket-protocol')\n  local channels = protocol == 'v5.channel.k8s.io' or protocol == 'v4.channel.k8s.io'\n  local head, wanted, rest, status = '', read('', channels), 0, nil\n  for chunk in handle:bodyChunks() do\n    local at, size = 0, chunk:length()\n    while at < size do\n      local length = math.min(rest > 0 and rest or wanted - #head, size - at)\n      if rest > 0 then\n        rest = rest - length\n        if status then status = status .. chunk:getBytes(at, length) end\n      else\n        local what\n        head = head .. chunk:getBytes(at, length)\n        wanted, rest, what = read(head, channels)\n        if wanted == nil then return end\n        if what == 'closed' then return tell(handle, 'closed', true) end\n        -- An empty Status is none: what comes next is another frame's.\n        status = what == 'status' and rest > 0 and '' or nil\n        if rest ~= nil then head, wanted = '', read('', channels) else rest = 0 end\n      end\n      if status and rest == 0 and status ~= '' then\n        tell(handle, 'status', (status:gsub('[^\\32-\\126]', '?')))\n        status = nil\n      end\n      at = at + length\n    end\n  end\nend\n"
                        }
                      },
                      "disabled": true
                    },
                    {
                      "name": "identity",
                      "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation",
                        "mutations": {
                          "request_mutations": [
                            {
                              "remove_on_match": {
                                "key_matcher": {
                                  "prefix": "impersonate-",
                                  "ignore_case": true
                                }
                              }
                            },
                            {
                              "remove_on_match": {
                                "key_matcher": {
                                  "prefix": "x-remote-",
                                  "ignore_case": true
                                }
                              }
                            },
                            {
                              "remove_on_match": {
                                "key_matcher": {
                                  "exact": "authorization",
                                  "ignore_case": true
                                }
                              }
                            },
                            {
                              "append": {
                                "header": {
                                  "key": "Impersonate-User",
                                  "value": "%DYNAMIC_METADATA(envoy.filters.http.ext_authz:user)%"
                                },
                                "append_action": "APPEND_IF_EXISTS_OR_ADD"
                              }
                            },
                            {
                              "append": {
                                "header": {
                                  "key": "Impersonate-Group",
                                  "value": "%DYNAMIC_METADATA(envoy.filters.http.ext_authz:group0)%"
                                },
                                "append_action": "APPEND_IF_EXISTS_OR_ADD"
                              }
                            },
                            {
                              "append": {
                                "header": {
                                  "key": "Impersonate-Group",
                                  "value": "%DYNAMIC_METADATA(envoy.filters.http.ext_authz:group1)%"
                                },
                                "append_action": "APPEND_IF_EXISTS_OR_ADD"
                              }
                            },
                            {
                              "append": {
                                "header": {
                                  "key": "Impersonate-Group",
                                  "value": "%DYNAMIC_METADATA(envoy.filters.http.ext_authz:group2)%"
                                },
                                "append_action": "APPEND_IF_EXISTS_OR_ADD"
                              }
                            },
                            {
                              "append": {
                                "header": {
                                  "key": "Impersonate-Group",
                                  "value": "%DYNAMIC_METADATA(envoy.filters.http.ext_authz:group3)%"
                                },
                                "append_action": "APPEND_IF_EXISTS_OR_ADD"
                              }
                            },
                            {
                              "append": {
                                "header": {
                                  "key": "Impersonate-Extra-leasegate.dev%2flease",
                                  "value": "%DYNAMIC_METADATA(envoy.filters.http.ext_authz:lease)%"
                                },
                                "append_action": "APPEND_IF_EXISTS_OR_ADD"
                              }
                            },
                            {
                              "append": {
                                "header": {
                                  "key": "Impersonate-Extra-leasegate.dev%2ftask",
                                  "value": "%DYNAMIC_METADATA(envoy.filters.http.ext_authz:task)%"
                                },
                                "append_action": "APPEND_IF_EXISTS_OR_ADD"
                              }
                            },
                            {
                              "append": {
                                "header": {
                                  "key": "Impersonate-Extra-leasegate.dev%2fsponsor",
                                  "value": "%DYNAMIC_METADATA(envoy.filters.http.ext_authz:sponsor)%"
                                },
                                "append_action": "APPEND_IF_EXISTS_OR_ADD"
                              }
                            },
                            {
                              "append": {
                                "header": {
                                  "key": "Impersonate-Extra-leasegate.dev%2fbound",
                                  "value": "%DYNAMIC_METADATA(envoy.filters.http.ext_authz:bound)%"
                                },
                                "append_action": "APPEND_IF_EXISTS_OR_ADD"
                              }
                            }
                          ],
                          "request_trailers_mutations": [
                            {
                              "remove_on_match": {
                                "key_matcher": {
                                  "safe_regex": {
                                    "regex": ".*"
                                  }
                                }
                              }
                            }
                          ]
                        }
                      }
                    },
                    {
                      "name": "guard",
                      "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC",
                        "rules": {
                          "action": "ALLOW",
                          "policies": {
                            "identified": {
                              "permissions": [
                                {
                                  "any": true
                                }
                              ],
                              "principals": [
                                {
                                  "sourced_metadata": {
                                    "metadata_source": "DYNAMIC",
                                    "metadata_matcher": {
                                      "filter": "envoy.filters.http.ext_authz",
                                      "path": [
                                        {
                                          "key": "user"
                                        }
                                      ],
                                      "value": {
                                        "string_match": {
                                          "safe_regex": {
                                            "regex": "leasegate:[^:]+"
                                          }
                                        }
                                      }
                                    }
                                  }
                                }
                              ]
                            }
                          }
                        }
                      }
                    },
                    {
                      "name": "credential",
                      "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.filters.http.credential_injector.v3.CredentialInjector",
                        "overwrite": true,
                        "allow_request_without_credential": false,
                        "credential": {
                          "name": "envoy.http.injected_credentials.generic",
                          "typed_config": {
                            "@type": "type.googleapis.com/envoy.extensions.http.injected_credentials.generic.v3.Generic",
                            "credential": {
                              "name": "leasegate",
                              "sds_config": {
                                "path_config_source": {
                                  "path": "/etc/envoy/boundary.json"
                                }
                              }
                            },
                            "header_value_prefix": "Bearer "
                          }
                        }
                      }
                    },
                    {
                      "name": "envoy.filters.http.router",
                      "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router",
                        "suppress_envoy_headers": true
                      }
                    }
                  ],
                  "local_reply_config": {
                    "mappers": [
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 503,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "response_flag_filter": {
                                  "flags": [
                                    "UAEX"
                                  ]
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [
                          {
                            "header": {
                              "key": "retry-after",
                              "value": "1"
                            },
                            "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"
                          }
                        ],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the authorizer is not available, nothing was let through",
                            "reason": "ServiceUnavailable",
                            "details": {
                              "causes": [
                                {
                                  "reason": "unavailable",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "unavailable"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "later"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 403,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "header_filter": {
                                  "header": {
                                    "name": ":method",
                                    "string_match": {
                                      "exact": "CONNECT"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: CONNECT is not used with Kubernetes",
                            "reason": "MethodNotAllowed",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        },
                        "status_code": 405
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 413,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the body has more bytes than the boundary takes: 3145728 of a write (3 MiB, as the API server), 524288 of a delete or to a proxy, 1024 of a read",
                            "reason": "RequestEntityTooLarge",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 431,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the head of the request is larger than 61440 bytes, or has more than 100 lines",
                            "reason": "RequestHeaderFieldsTooLarge",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 400,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "BadRequest",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 403,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "Forbidden",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 404,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "NotFound",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 405,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "MethodNotAllowed",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 408,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "Timeout",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "later"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 413,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "RequestEntityTooLarge",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 426,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "BadRequest",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 431,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "RequestHeaderFieldsTooLarge",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 500,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "InternalError",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "later"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 502,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "ServiceUnavailable",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "later"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 503,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "ServiceUnavailable",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "later"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 504,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "Timeout",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "later"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      }
                    ]
                  },
                  "route_config": {
                    "name": "boundary",
                    "virtual_hosts": [
                      {
                        "name": "api-server",
                        "domains": [
                          "*"
                        ],
                        "routes": [
                          {
                            "name": "session",
                            "match": {
                              "safe_regex": {
                                "regex": "/api/v1/namespaces/[^/]+/pods/[^/]+/(exec|attach)/?"
                              },
                              "headers": [
                                {
                                  "name": "upgrade",
                                  "present_match": true
                                }
                              ]
                            },
                            "route": {
{{- if .Values.sessions.enabled }}
                              "cluster": "recording",
{{- else }}
                              "cluster": "api_server_upgrades",
{{- end }}
                              "timeout": "0s",
                              "idle_timeout": "0s",
                              "flush_timeout": "600s",
                              "max_stream_duration": {
                                "max_stream_duration": "86400s"
                              },
                              "retry_policy": {
                                "retry_on": "connect-failure,refused-stream,reset-before-request",
                                "num_retries": 5,
                                "retry_back_off": {
                                  "base_interval": "0.01s",
                                  "max_interval": "0.2s"
                                }
                              }
                            },
                            "typed_per_filter_config": {
                              "envoy.filters.http.ext_authz": {
                                "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute",
                                "check_settings": {
                                  "context_extensions": {
                                    "route": "session"
                                  },
                                  "disable_request_body_buffering": true
                                }
                              },
                              "cut": {
                                "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig",
                                "config": {},
                                "disabled": false
                              },
                              "tunnel": {
                                "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig",
                                "config": {},
                                "disabled": false
{{- if .Values.sessions.enabled }}
                              },
                              "recorder": {
                                "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig",
                                "config": {},
                                "disabled": false
{{- end }}
                              }
                            }
                          },
                          {
                            "name": "upgrade",
                            "match": {
                              "prefix": "/",
                              "headers": [
                                {
                                  "name": "upgrade",
                                  "present_match": true
                                }
                              ]
                            },
                            "route": {
                              "cluster": "api_server_upgrades",
                              "timeout": "0s",
                              "idle_timeout": "0s",
                              "flush_timeout": "600s",
                              "max_stream_duration": {
                                "max_stream_duration": "86400s"
                              },
                              "retry_policy": {
                                "retry_on": "connect-failure,refused-stream,reset-before-request",
                                "num_retries": 5,
                                "retry_back_off": {
                                  "base_interval": "0.01s",
                                  "max_interval": "0.2s"
                                }
                              }
                            },
                            "typed_per_filter_config": {
                              "envoy.filters.http.ext_authz": {
                                "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute",
                                "check_settings": {
                                  "context_extensions": {
                                    "route": "upgrade"
                                  },
                                  "disable_request_body_buffering": true
                                }
                              },
                              "cut": {
                                "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig",
                                "config": {},
                                "disabled": false
                              },
                              "tunnel": {
                                "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig",
                                "config": {},
                                "disabled": false
                              }
                            }
                          },
                          {
                            "name": "stream",
                            "match": {
                              "prefix": "/",
                              "headers": [
                                {
                                  "name": ":method",
                                  "string_match": {
                                    "exact": "GET"
                                  }
                                }
                              ],
                              "query_parameters": [
                                {
                                  "name": "watch",
                                  "present_match": true
                                }
                              ]
                            },
                            "route": {
                              "cluster": "api_server",
                              "timeout": "0s",
                              "idle_timeout": "0s",
                              "flush_timeout": "600s",
                              "max_stream_duration": {
                                "max_stream_duration": "86400s"
                              },
                              "retry_policy": {
                                "retry_on": "connect-failure,refused-stream,reset-before-request",
                                "num_retries": 5,
                                "retry_back_off": {
                                  "base_interval": "0.01s",
                                  "max_interval": "0.2s"
                                }
                              }
                            },
                            "typed_per_filter_config": {
                              "envoy.filters.http.ext_authz": {
                                "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute",
                                "check_settings": {
                                  "context_extensions": {
                                    "route": "stream"
                                  },
                                  "with_request_body": {
                                    "max_request_bytes": 1024,
                                    "allow_partial_message": false,
                                    "pack_as_bytes": true
                                  }
                                }
                              },
                              "cut": {
                                "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig",
                                "config": {},
                                "disabled": false
                              }
                            }
                          },
                          {
                            "name": "stream",
                            "match": {
                              "prefix": "/",
                              "headers": [
                                {
                                  "name": ":method",
                                  "string_match": {
                                    "exact": "GET"
                                  }
                                }
                              ],
                              "query_parameters": [
                                {
                                  "name": "follow",
                                  "present_match": true
                                }
                              ]
                            },
                            "route": {
                              "cluster": "api_server",
                              "timeout": "0s",
                              "idle_timeout": "0s",
                              "flush_timeout": "600s",
                              "max_stream_duration": {
                                "max_stream_duration": "86400s"
                              },
                              "retry_policy": {
                                "retry_on": "connect-failure,refused-stream,reset-before-request",
                                "num_retries": 5,
                                "retry_back_off": {
                                  "base_interval": "0.01s",
                                  "max_interval": "0.2s"
                                }
                              }
                            },
                            "typed_per_filter_config": {
                              "envoy.filters.http.ext_authz": {
                                "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute",
                                "check_settings": {
                                  "context_extensions": {
                                    "route": "stream"
                                  },
                                  "with_request_body": {
                                    "max_request_bytes": 1024,
                                    "allow_partial_message": false,
                                    "pack_as_bytes": true
                                  }
                                }
                              },
                              "cut": {
                                "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig",
                                "config": {},
                                "disabled": false
                              }
                            }
                          },
                          {
                            "name": "stream",
                            "match": {
                              "safe_regex": {
                                "regex": "/apis?/.*/watch/.*|/api/[^/]+/watch/.*|.*/log/?"
                              },
                              "headers": [
                                {
                                  "name": ":method",
                                  "string_match": {
                                    "exact": "GET"
                                  }
                                }
                              ]
                            },
                            "route": {
                              "cluster": "api_server",
                              "timeout": "0s",
                              "idle_timeout": "0s",
                              "flush_timeout": "600s",
                              "max_stream_duration": {
                                "max_stream_duration": "86400s"
                              },
                              "retry_policy": {
                                "retry_on": "connect-failure,refused-stream,reset-before-request",
                                "num_retries": 5,
                                "retry_back_off": {
                                  "base_interval": "0.01s",
                                  "max_interval": "0.2s"
                                }
                              }
                            },
                            "typed_per_filter_config": {
                              "envoy.filters.http.ext_authz": {
                                "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute",
                                "check_settings": {
                                  "context_extensions": {
                                    "route": "stream"
                                  },
                                  "with_request_body": {
                                    "max_request_bytes": 1024,
                                    "allow_partial_message": false,
                                    "pack_as_bytes": true
                                  }
                                }
                              },
                              "cut": {
                                "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig",
                                "config": {},
                                "disabled": false
                              }
                            }
                          },
                          {
                            "name": "stream",
                            "match": {
                              "safe_regex": {
                                "regex": "/api/v1/(namespaces/[^/]+/(pods|services)|nodes)/[^/]+/proxy(/.*)?|/api/v1/proxy/.*"
                              },
                              "headers": [
                                {
                                  "name": ":method",
                                  "string_match": {
                                    "exact": "GET"
                                  }
                                }
                              ]
                            },
                            "route": {
                              "cluster": "api_server",
                              "timeout": "0s",
                              "idle_timeout": "0s",
                              "flush_timeout": "600s",
                              "max_stream_duration": {
                                "max_stream_duration": "86400s"
                              },
                              "retry_policy": {
                                "retry_on": "connect-failure,refused-stream,reset-before-request",
                                "num_retries": 5,
                                "retry_back_off": {
                                  "base_interval": "0.01s",
                                  "max_interval": "0.2s"
                                }
                              }
                            },
                            "typed_per_filter_config": {
                              "envoy.filters.http.ext_authz": {
                                "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute",
                                "check_settings": {
                                  "context_extensions": {
                                    "route": "stream"
                                  },
                                  "with_request_body": {
                                    "max_request_bytes": 1024,
                                    "allow_partial_message": false,
                                    "pack_as_bytes": true
                                  }
                                }
                              },
                              "cut": {
                                "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig",
                                "config": {},
                                "disabled": false
                              }
                            }
                          },
                          {
                            "name": "stream",
                            "match": {
                              "safe_regex": {
                                "regex": "/api/v1/(namespaces/[^/]+/(pods|services)|nodes)/[^/]+/proxy(/.*)?|/api/v1/proxy/.*"
                              }
                            },
                            "route": {
                              "cluster": "api_server",
                              "timeout": "0s",
                              "idle_timeout": "0s",
                              "flush_timeout": "600s",
                              "max_stream_duration": {
                                "max_stream_duration": "86400s"
                              },
                              "retry_policy": {
                                "retry_on": "connect-failure,refused-stream,reset-before-request",
                                "num_retries": 5,
                                "retry_back_off": {
                                  "base_interval": "0.01s",
                                  "max_interval": "0.2s"
                                }
                              }
                            },
                            "typed_per_filter_config": {
                              "head": {
                                "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute",
                                "check_settings": {
                                  "context_extensions": {
                                    "route": "stream",
                                    "body_limit": "524288",
                                    "part": "head"
                                  }
                                }
                              },
                              "envoy.filters.http.ext_authz": {
                                "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute",
                                "check_settings": {
                                  "context_extensions": {
                                    "route": "stream",
                                    "body_limit": "524288"
                                  },
                                  "with_request_body": {
                                    "max_request_bytes": 524288,
                                    "allow_partial_message": false,
                                    "pack_as_bytes": true
                                  }
                                }
                              },
                              "cut": {
                                "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig",
                                "config": {},
                                "disabled": false
                              }
                            }
                          },
                          {
                            "name": "read",
                            "match": {
                              "prefix": "/",
                              "headers": [
                                {
                                  "name": ":method",
                                  "string_match": {
                                    "exact": "GET"
                                  }
                                }
                              ]
                            },
                            "route": {
                              "cluster": "api_server",
                              "timeout": "0s",
                              "idle_timeout": "60s",
                              "retry_policy": {
                                "retry_on": "connect-failure,refused-stream,reset-before-request",
                                "num_retries": 5,
                                "retry_back_off": {
                                  "base_interval": "0.01s",
                                  "max_interval": "0.2s"
                                }
                              }
                            },
                            "typed_per_filter_config": {
                              "envoy.filters.http.ext_authz": {
                                "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute",
                                "check_settings": {
                                  "context_extensions": {
                                    "route": "read"
                                  },
                                  "with_request_body": {
                                    "max_request_bytes": 1024,
                                    "allow_partial_message": false,
                                    "pack_as_bytes": true
                                  }
                                }
                              }
                            }
                          },
                          {
                            "name": "read",
                            "match": {
                              "prefix": "/",
                              "headers": [
                                {
                                  "name": ":method",
                                  "string_match": {
                                    "exact": "HEAD"
                                  }
                                }
                              ]
                            },
                            "route": {
                              "cluster": "api_server",
                              "timeout": "0s",
                              "idle_timeout": "60s",
                              "retry_policy": {
                                "retry_on": "connect-failure,refused-stream,reset-before-request",
                                "num_retries": 5,
                                "retry_back_off": {
                                  "base_interval": "0.01s",
                                  "max_interval": "0.2s"
                                }
                              }
                            },
                            "typed_per_filter_config": {
                              "envoy.filters.http.ext_authz": {
                                "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute",
                                "check_settings": {
                                  "context_extensions": {
                                    "route": "read"
                                  },
                                  "with_request_body": {
                                    "max_request_bytes": 1024,
                                    "allow_partial_message": false,
                                    "pack_as_bytes": true
                                  }
                                }
                              }
                            }
                          },
                          {
                            "name": "write",
                            "match": {
                              "prefix": "/",
                              "headers": [
                                {
                                  "name": ":method",
                                  "string_match": {
                                    "exact": "DELETE"
                                  }
                                }
                              ]
                            },
                            "route": {
                              "cluster": "api_server",
                              "timeout": "0s",
                              "idle_timeout": "60s",
                              "retry_policy": {
                                "retry_on": "connect-failure,refused-stream,reset-before-request",
                                "num_retries": 5,
                                "retry_back_off": {
                                  "base_interval": "0.01s",
                                  "max_interval": "0.2s"
                                }
                              }
                            },
                            "typed_per_filter_config": {
                              "head": {
                                "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute",
                                "check_settings": {
                                  "context_extensions": {
                                    "route": "write",
                                    "body_limit": "524288",
                                    "part": "head"
                                  }
                                }
                              },
                              "envoy.filters.http.ext_authz": {
                                "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute",
                                "check_settings": {
                                  "context_extensions": {
                                    "route": "write",
                                    "body_limit": "524288"
                                  },
                                  "with_request_body": {
                                    "max_request_bytes": 524288,
                                    "allow_partial_message": false,
                                    "pack_as_bytes": true
                                  }
                                }
                              }
                            }
                          },
                          {
                            "name": "connect",
                            "match": {
                              "connect_matcher": {}
                            },
                            "direct_response": {
                              "status": 405
                            }
                          },
                          {
                            "name": "write",
                            "match": {
                              "prefix": "/"
                            },
                            "route": {
                              "cluster": "api_server",
                              "timeout": "0s",
                              "idle_timeout": "60s",
                              "retry_policy": {
                                "retry_on": "connect-failure,refused-stream,reset-before-request",
                                "num_retries": 5,
                                "retry_back_off": {
                                  "base_interval": "0.01s",
                                  "max_interval": "0.2s"
                                }
                              }
                            },
                            "typed_per_filter_config": {
                              "head": {
                                "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute",
                                "check_settings": {
                                  "context_extensions": {
                                    "route": "write",
                                    "body_limit": "3145728",
                                    "part": "head"
                                  }
                                }
                              },
                              "envoy.filters.http.ext_authz": {
                                "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute",
                                "check_settings": {
                                  "context_extensions": {
                                    "route": "write",
                                    "body_limit": "3145728"
                                  },
                                  "with_request_body": {
                                    "max_request_bytes": 3145728,
                                    "allow_partial_message": false,
                                    "pack_as_bytes": true
                                  }
                                }
                              }
                            }
                          }
                        ]
                      }
                    ]
                  }
                }
              }
            ]
          },
          {
            "name": "http1",
            "transport_socket": {
              "name": "envoy.transport_sockets.tls",
              "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
                "require_client_certificate": false,
                "common_tls_context": {
{{- if .Values.clientCertificates.enabled }}
                  "validation_context": {
                    "trust_chain_verification": "ACCEPT_UNTRUSTED"
                  },
{{- end }}
                  "alpn_protocols": [
                    "http/1.1"
                  ],
                  "tls_params": {
                    "tls_minimum_protocol_version": "TLSv1_2"
                  },
                  "tls_certificate_sds_secret_configs": [
                    {
                      "name": "leasegate",
                      "sds_config": {
                        "path_config_source": {
                          "path": "/etc/envoy/server.json"
                        }
                      }
                    }
                  ]
                }
              }
            },
            "transport_socket_connect_timeout": "10s",
            "filters": [
              {
                "name": "envoy.filters.network.http_connection_manager",
                "typed_config": {
                  "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                  "stat_prefix": "boundary",
                  "codec_type": "HTTP1",
                  "use_remote_address": true,
                  "path_with_escaped_slashes_action": "REJECT_REQUEST",
                  "generate_request_id": true,
                  "preserve_external_request_id": false,
                  "request_id_extension": {
                    "typed_config": {
                      "@type": "type.googleapis.com/envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig",
                      "pack_trace_reason": false
                    }
                  },
                  "server_header_transformation": "OVERWRITE",
                  "server_name": "leasegate",
                  "common_http_protocol_options": {
                    "headers_with_underscores_action": "REJECT_REQUEST",
                    "idle_timeout": "120s",
                    "max_headers_count": 100
                  },
                  "http_protocol_options": {
                    "allow_absolute_url": false
                  },
                  "http2_protocol_options": {
                    "max_concurrent_streams": 100,
                    "initial_stream_window_size": 131072,
                    "initial_connection_window_size": 1048576
                  },
                  "request_headers_timeout": "10s",
                  "request_timeout": "60s",
                  "delayed_close_timeout": "0s",
                  "early_header_mutation_extensions": [
                    {
                      "name": "envoy.http.early_header_mutation.header_mutation",
                      "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation",
                        "mutations": [
                          {
                            "remove": "x-forwarded-for"
                          },
                          {
                            "remove": "x-real-ip"
                          },
                          {
                            "remove": "forwarded"
                          }
                        ]
                      }
                    }
                  ],
                  "forward_client_cert_details": "SANITIZE",
                  "max_request_headers_kb": 224,
                  "normalize_path": false,
                  "merge_slashes": false,
                  "upgrade_configs": [
                    {
                      "upgrade_type": "websocket"
                    },
                    {
                      "upgrade_type": "SPDY/3.1"
                    }
                  ],
                  "stream_idle_timeout": "0s",
                  "stream_flush_timeout": "60s",
                  "access_log": [
                    {
                      "name": "envoy.access_loggers.http_grpc",
                      "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig",
                        "common_config": {
                          "log_name": "boundary",
                          "transport_api_version": "V3",
                          "buffer_flush_interval": "0.2s",
                          "buffer_size_bytes": 4194304,
                          "grpc_service": {
                            "envoy_grpc": {
                              "cluster_name": "tap"
                            }
                          }
                        }
                      }
                    },
                    {
                      "name": "envoy.access_loggers.http_grpc",
                      "filter": {
                        "and_filter": {
                          "filters": [
                            {
                              "status_code_filter": {
                                "comparison": {
                                  "op": "EQ",
                                  "value": {
                                    "default_value": 429,
                                    "runtime_key": "leasegate.put_off_status"
                                  }
                                }
                              }
                            },
                            {
                              "metadata_filter": {
                                "matcher": {
                                  "filter": "envoy.filters.http.ext_authz",
                                  "path": [
                                    {
                                      "key": "approval"
                                    }
                                  ],
                                  "value": {
                                    "string_match": {
                                      "prefix": "apr_"
                                    }
                                  }
                                },
                                "match_if_key_not_found": false
                              }
                            }
                          ]
                        }
                      },
                      "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig",
                        "common_config": {
                          "log_name": "put-off",
                          "transport_api_version": "V3",
                          "buffer_size_bytes": 0,
                          "grpc_service": {
                            "envoy_grpc": {
                              "cluster_name": "authorizers"
                            }
                          }
                        }
                      }
                    }
                  ],
                  "access_log_options": {
                    "flush_log_on_tunnel_successfully_established": true,
                    "access_log_flush_interval": "5s"
                  },
                  "http_filters": [
                    {
                      "name": "head",
                      "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz",
                        "transport_api_version": "V3",
                        "grpc_service": {
                          "envoy_grpc": {
                            "cluster_name": "authorizers"
                          },
                          "timeout": "1.2s",
                          "retry_policy": {
                            "retry_on": "connect-failure,refused-stream",
                            "num_retries": 2
                          }
                        },
                        "failure_mode_allow": false,
                        "status_on_error": {
                          "code": "ServiceUnavailable"
                        },
                        "encode_raw_headers": true,
                        "validate_mutations": true,
                        "include_peer_certificate": true,
                        "decoder_header_mutation_rules": {
                          "disallow_all": true,
                          "disallow_is_error": true
                        }
                      },
                      "disabled": true
                    },
                    {
                      "name": "envoy.filters.http.ext_authz",
                      "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz",
                        "transport_api_version": "V3",
                        "grpc_service": {
                          "envoy_grpc": {
                            "cluster_name": "authorizers"
                          },
                          "timeout": "1.2s",
                          "retry_policy": {
                            "retry_on": "connect-failure,refused-stream",
                            "num_retries": 2
                          }
                        },
                        "failure_mode_allow": false,
                        "status_on_error": {
                          "code": "ServiceUnavailable"
                        },
                        "encode_raw_headers": true,
                        "validate_mutations": true,
                        "include_peer_certificate": true,
                        "with_request_body": {
                          "max_request_bytes": 1024,
                          "allow_partial_message": false,
                          "pack_as_bytes": true
                        },
                        "decoder_header_mutation_rules": {
                          "disallow_all": true,
                          "allow_expression": {
                            "regex": "^(audit-id|x-envoy-upstream-stream-duration-ms)$"
                          },
                          "disallow_is_error": true
                        }
                      }
                    },
                    {
                      "name": "cut",
                      "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor",
                        "grpc_service": {
                          "envoy_grpc": {
                            "cluster_name": "authorizers"
                          },
                          "timeout": "0s",
                          "retry_policy": {
                            "retry_on": "connect-failure,refused-stream",
                            "num_retries": 2
                          }
                        },
                        "failure_mode_allow": false,
                        "message_timeout": "2s",
                        "processing_mode": {
                          "request_header_mode": "SEND",
                          "response_header_mode": "SKIP",
                          "request_body_mode": "NONE",
                          "response_body_mode": "NONE",
                          "request_trailer_mode": "SKIP",
                          "response_trailer_mode": "SEND"
                        },
                        "mutation_rules": {
                          "disallow_all": true
                        },
                        "metadata_options": {
                          "forwarding_namespaces": {
                            "untyped": [
                              "envoy.filters.http.ext_authz"
                            ]
                          }
                        }
                      },
                      "disabled": true
                    },
                    {
{{- if .Values.sessions.enabled }}
                      "name": "recorder",
                      "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor",
                        "grpc_service": {
                          "envoy_grpc": {
                            "cluster_name": "recorder"
                          },
                          "timeout": "0s",
                          "retry_policy": {
                            "retry_on": "connect-failure,refused-stream",
                            "num_retries": 2
                          },
                          "initial_metadata": [
                            {
                              "key": "x-leasegate-part",
                              "value": "session"
                            }
                          ]
                        },
                        "failure_mode_allow": false,
                        "status_on_error": {
                          "code": "ServiceUnavailable"
                        },
                        "message_timeout": "1.8s",
                        "processing_mode": {
                          "request_header_mode": "SEND",
                          "response_header_mode": "SKIP",
                          "request_body_mode": "NONE",
                          "response_body_mode": "NONE",
                          "request_trailer_mode": "SKIP",
                          "response_trailer_mode": "SEND"
                        },
                        "mutation_rules": {
                          "disallow_all": true
                        },
                        "forward_rules": {
                          "allowed_headers": {
                            "patterns": [
                              {
                                "exact": ":method"
                              },
                              {
                                "exact": ":path"
                              },
                              {
                                "exact": "upgrade"
                              },
                              {
                                "exact": "sec-websocket-protocol"
                              },
                              {
                                "exact": "x-stream-protocol-version"
                              }
                            ]
                          }
                        },
                        "metadata_options": {
                          "forwarding_namespaces": {
                            "untyped": [
                              "envoy.filters.http.ext_authz"
                            ]
                          }
                        }
                      },
                      "disabled": true
                    },
                    {
{{- end }}
                      "name": "tunnel",
                      "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
                        "default_source_code": {
                          "inline_string": "-- Runs in Envoy, on what the API server sends through a tunnel (exec, attach, port-forward, a watch or log as a WebSocket). To Envoy a tunnel\n-- that is over and an API server that died look the same: the connection is closed. Kubernetes says farewell in its frames, so their heads are\n-- read, and what an exec came to. Nothing is changed or held up, and of what goes through nothing is kept but that last word.\n--\n-- Writes metadata of the stream (namespace leasegate.tunnel), which the access log brings to the tap:\n--   closed  true: the API server closed the tunnel, in the words of the protocol\n--   status  text: the Status that an exec or attach ends with, not trusted here\n\nlocal NAMESPACE = 'leasegate.tunnel'\n-- A Status is some hundred bytes; the message of one may be longer.\nlocal LONGEST_STATUS = 8192\n\n-- Both readers: how many bytes of a head are wanted; once they are there, how long the rest of the frame is, and what it is.\n\n-- RFC 6455, 5.2. With the first byte of the payload, which is the channel. A server masks nothing and has no extensions.\nlocal function websocket(head, channels)\n  if #head < 2 then return 2 end\n  local first, second = head:byte(1, 2)\n  local opcode, length, size = first % 16, second, 2\n  if second > 127 or math.floor(first / 16) % 8 ~= 0 then return nil end\n  if first == 0x88 then return 2, length, 'closed' end\n  if second == 126 then size = 4 elseif second == 127 then size = 10 end\n  if #head < size then return size end\n  if size > 2 then length = 0 end\n  for at = 3, size do length = length * 256 + head:byte(at) end\n  if not channels or length == 0 or (opcode ~= 1 and opcode ~= 2) then return size, length end\n  if #head < size + 1 then return size + 1 end\n  local is_status = head:byte(size + 1) == 3 and length <= LONGEST_STATUS\n  return size + 1, length - 1, is_status and 'status' or nil\nend\n\n-- SPDY/3, 2.2: a control frame has the first bit; 7 is GOAWAY.\nlocal function spdy(head)\n  if #head < 8 then return 8 end\n  local first, _, _, kind, _, high, middle, low = head:byte(1, 8)\n  local is_farewell = first == 128 and kind == 7\n  return 8, (high * 256 + middle) * 256 + low, is_farewell and 'closed' or nil\nend\n\n-- By what the stream has now: nothing that Envoy hands out outlives the wait for the next bytes.\nlocal function tell(handle, key, value)\n  handle:streamInfo():dynamicMetadata():set(NAMESPACE, key, value)\nend\n\nfunction envoy_on_response(handle)\n  local headers = handle:headers()\n  if headers:get(':status') ~= '101' then return end\n  local read = (headers:get('upgrade') or ''):lower() == 'websocket' and websocket or spdy\n  local protocol = headers:get('sec-websocket-protocol')\n  local channels = protocol == 'v5.channel.k8s.io' or protocol == 'v4.channel.k8s.io'\n  local head, wanted, rest, status = '', read('', channels), 0, nil\n  for chunk in handle:bodyChunks() do\n    local at, size = 0, chunk:length()\n    while at < size do\n      local length = math.min(rest > 0 and rest or wanted - #head, size - at)\n      if rest > 0 then\n        rest = rest - length\n        if status then status = status .. chunk:getBytes(at, length) end\n      else\n        local what\n        head = head .. chunk:getBytes(at, length)\n        wanted, rest, what = read(head, channels)\n        if wanted == nil then return end\n        if what == 'closed' then return tell(handle, 'closed', true) end\n        -- An empty Status is none: what comes next is another frame's.\n        status = what == 'status' and rest > 0 and '' or nil\n        if rest ~= nil then head, wanted = '', read('', channels) else rest = 0 end\n      end\n      if status and rest == 0 and status ~= '' then\n        tell(handle, 'status', (status:gsub('[^\\32-\\126]', '?')))\n        status = nil\n      end\n      at = at + length\n    end\n  end\nend\n"
                        }
                      },
                      "disabled": true
                    },
                    {
                      "name": "identity",
                      "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation",
                        "mutations": {
                          "request_mutations": [
                            {
                              "remove_on_match": {
                                "key_matcher": {
                                  "prefix": "impersonate-",
                                  "ignore_case": true
                                }
                              }
                            },
                            {
                              "remove_on_match": {
                                "key_matcher": {
                                  "prefix": "x-remote-",
                                  "ignore_case": true
                                }
                              }
                            },
                            {
                              "remove_on_match": {
                                "key_matcher": {
                                  "exact": "authorization",
                                  "ignore_case": true
                                }
                              }
                            },
                            {
                              "append": {
                                "header": {
                                  "key": "Impersonate-User",
                                  "value": "%DYNAMIC_METADATA(envoy.filters.http.ext_authz:user)%"
                                },
                                "append_action": "APPEND_IF_EXISTS_OR_ADD"
                              }
                            },
                            {
                              "append": {
                                "header": {
                                  "key": "Impersonate-Group",
                                  "value": "%DYNAMIC_METADATA(envoy.filters.http.ext_authz:group0)%"
                                },
                                "append_action": "APPEND_IF_EXISTS_OR_ADD"
                              }
                            },
                            {
                              "append": {
                                "header": {
                                  "key": "Impersonate-Group",
                                  "value": "%DYNAMIC_METADATA(envoy.filters.http.ext_authz:group1)%"
                                },
                                "append_action": "APPEND_IF_EXISTS_OR_ADD"
                              }
                            },
                            {
                              "append": {
                                "header": {
                                  "key": "Impersonate-Group",
                                  "value": "%DYNAMIC_METADATA(envoy.filters.http.ext_authz:group2)%"
                                },
                                "append_action": "APPEND_IF_EXISTS_OR_ADD"
                              }
                            },
                            {
                              "append": {
                                "header": {
                                  "key": "Impersonate-Group",
                                  "value": "%DYNAMIC_METADATA(envoy.filters.http.ext_authz:group3)%"
                                },
                                "append_action": "APPEND_IF_EXISTS_OR_ADD"
                              }
                            },
                            {
                              "append": {
                                "header": {
                                  "key": "Impersonate-Extra-leasegate.dev%2flease",
                                  "value": "%DYNAMIC_METADATA(envoy.filters.http.ext_authz:lease)%"
                                },
                                "append_action": "APPEND_IF_EXISTS_OR_ADD"
                              }
                            },
                            {
                              "append": {
                                "header": {
                                  "key": "Impersonate-Extra-leasegate.dev%2ftask",
                                  "value": "%DYNAMIC_METADATA(envoy.filters.http.ext_authz:task)%"
                                },
                                "append_action": "APPEND_IF_EXISTS_OR_ADD"
                              }
                            },
                            {
                              "append": {
                                "header": {
                                  "key": "Impersonate-Extra-leasegate.dev%2fsponsor",
                                  "value": "%DYNAMIC_METADATA(envoy.filters.http.ext_authz:sponsor)%"
                                },
                                "append_action": "APPEND_IF_EXISTS_OR_ADD"
                              }
                            },
                            {
                              "append": {
                                "header": {
                                  "key": "Impersonate-Extra-leasegate.dev%2fbound",
                                  "value": "%DYNAMIC_METADATA(envoy.filters.http.ext_authz:bound)%"
                                },
                                "append_action": "APPEND_IF_EXISTS_OR_ADD"
                              }
                            }
                          ],
                          "request_trailers_mutations": [
                            {
                              "remove_on_match": {
                                "key_matcher": {
                                  "safe_regex": {
                                    "regex": ".*"
                                  }
                                }
                              }
                            }
                          ]
                        }
                      }
                    },
                    {
                      "name": "guard",
                      "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC",
                        "rules": {
                          "action": "ALLOW",
                          "policies": {
                            "identified": {
                              "permissions": [
                                {
                                  "any": true
                                }
                              ],
                              "principals": [
                                {
                                  "sourced_metadata": {
                                    "metadata_source": "DYNAMIC",
                                    "metadata_matcher": {
                                      "filter": "envoy.filters.http.ext_authz",
                                      "path": [
                                        {
                                          "key": "user"
                                        }
                                      ],
                                      "value": {
                                        "string_match": {
                                          "safe_regex": {
                                            "regex": "leasegate:[^:]+"
                                          }
                                        }
                                      }
                                    }
                                  }
                                }
                              ]
                            }
                          }
                        }
                      }
                    },
                    {
                      "name": "credential",
                      "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.filters.http.credential_injector.v3.CredentialInjector",
                        "overwrite": true,
                        "allow_request_without_credential": false,
                        "credential": {
                          "name": "envoy.http.injected_credentials.generic",
                          "typed_config": {
                            "@type": "type.googleapis.com/envoy.extensions.http.injected_credentials.generic.v3.Generic",
                            "credential": {
                              "name": "leasegate",
                              "sds_config": {
                                "path_config_source": {
                                  "path": "/etc/envoy/boundary.json"
                                }
                              }
                            },
                            "header_value_prefix": "Bearer "
                          }
                        }
                      }
                    },
                    {
                      "name": "envoy.filters.http.router",
                      "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router",
                        "suppress_envoy_headers": true
                      }
                    }
                  ],
                  "local_reply_config": {
                    "mappers": [
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 503,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "response_flag_filter": {
                                  "flags": [
                                    "UAEX"
                                  ]
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [
                          {
                            "header": {
                              "key": "retry-after",
                              "value": "1"
                            },
                            "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"
                          }
                        ],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the authorizer is not available, nothing was let through",
                            "reason": "ServiceUnavailable",
                            "details": {
                              "causes": [
                                {
                                  "reason": "unavailable",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "unavailable"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "later"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 403,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "header_filter": {
                                  "header": {
                                    "name": ":method",
                                    "string_match": {
                                      "exact": "CONNECT"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: CONNECT is not used with Kubernetes",
                            "reason": "MethodNotAllowed",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        },
                        "status_code": 405
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 413,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the body has more bytes than the boundary takes: 3145728 of a write (3 MiB, as the API server), 524288 of a delete or to a proxy, 1024 of a read",
                            "reason": "RequestEntityTooLarge",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 431,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the head of the request is larger than 229376 bytes, or has more than 100 lines",
                            "reason": "RequestHeaderFieldsTooLarge",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 400,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "BadRequest",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 403,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "Forbidden",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 404,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "NotFound",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 405,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "MethodNotAllowed",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 408,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "Timeout",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "later"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 413,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "RequestEntityTooLarge",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 426,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "BadRequest",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 431,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "RequestHeaderFieldsTooLarge",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 500,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "InternalError",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "later"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 502,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "ServiceUnavailable",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "later"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 503,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "ServiceUnavailable",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "later"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 504,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "Timeout",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "later"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      }
                    ]
                  },
                  "route_config": {
                    "name": "boundary",
                    "virtual_hosts": [
                      {
                        "name": "api-server",
                        "domains": [
                          "*"
                        ],
                        "routes": [
                          {
                            "name": "session",
                            "match": {
                              "safe_regex": {
                                "regex": "/api/v1/namespaces/[^/]+/pods/[^/]+/(exec|attach)/?"
                              },
                              "headers": [
                                {
                                  "name": "upgrade",
                                  "present_match": true
                                }
                              ]
                            },
                            "route": {
{{- if .Values.sessions.enabled }}
                              "cluster": "recording",
{{- else }}
                              "cluster": "api_server_upgrades",
{{- end }}
                              "timeout": "0s",
                              "idle_timeout": "0s",
                              "flush_timeout": "600s",
                              "max_stream_duration": {
                                "max_stream_duration": "86400s"
                              },
                              "retry_policy": {
                                "retry_on": "connect-failure,refused-stream,reset-before-request",
                                "num_retries": 5,
                                "retry_back_off": {
                                  "base_interval": "0.01s",
                                  "max_interval": "0.2s"
                                }
                              }
                            },
                            "typed_per_filter_config": {
                              "envoy.filters.http.ext_authz": {
                                "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute",
                                "check_settings": {
                                  "context_extensions": {
                                    "route": "session"
                                  },
                                  "disable_request_body_buffering": true
                                }
                              },
                              "cut": {
                                "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig",
                                "config": {},
                                "disabled": false
                              },
                              "tunnel": {
                                "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig",
                                "config": {},
                                "disabled": false
{{- if .Values.sessions.enabled }}
                              },
                              "recorder": {
                                "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig",
                                "config": {},
                                "disabled": false
{{- end }}
                              }
                            }
                          },
                          {
                            "name": "upgrade",
                            "match": {
                              "prefix": "/",
                              "headers": [
                                {
                                  "name": "upgrade",
                                  "present_match": true
                                }
                              ]
                            },
                            "route": {
                              "cluster": "api_server_upgrades",
                              "timeout": "0s",
                              "idle_timeout": "0s",
                              "flush_timeout": "600s",
                              "max_stream_duration": {
                                "max_stream_duration": "86400s"
                              },
                              "retry_policy": {
                                "retry_on": "connect-failure,refused-stream,reset-before-request",
                                "num_retries": 5,
                                "retry_back_off": {
                                  "base_interval": "0.01s",
                                  "max_interval": "0.2s"
                                }
                              }
                            },
                            "typed_per_filter_config": {
                              "envoy.filters.http.ext_authz": {
                                "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute",
                                "check_settings": {
                                  "context_extensions": {
                                    "route": "upgrade"
                                  },
                                  "disable_request_body_buffering": true
                                }
                              },
                              "cut": {
                                "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig",
                                "config": {},
                                "disabled": false
                              },
                              "tunnel": {
                                "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig",
                                "config": {},
                                "disabled": false
                              }
                            }
                          },
                          {
                            "name": "stream",
                            "match": {
                              "prefix": "/",
                              "headers": [
                                {
                                  "name": ":method",
                                  "string_match": {
                                    "exact": "GET"
                                  }
                                }
                              ],
                              "query_parameters": [
                                {
                                  "name": "watch",
                                  "present_match": true
                                }
                              ]
                            },
                            "route": {
                              "cluster": "api_server",
                              "timeout": "0s",
                              "idle_timeout": "0s",
                              "flush_timeout": "600s",
                              "max_stream_duration": {
                                "max_stream_duration": "86400s"
                              },
                              "retry_policy": {
                                "retry_on": "connect-failure,refused-stream,reset-before-request",
                                "num_retries": 5,
                                "retry_back_off": {
                                  "base_interval": "0.01s",
                                  "max_interval": "0.2s"
                                }
                              }
                            },
                            "typed_per_filter_config": {
                              "envoy.filters.http.ext_authz": {
                                "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute",
                                "check_settings": {
                                  "context_extensions": {
                                    "route": "stream"
                                  },
                                  "with_request_body": {
                                    "max_request_bytes": 1024,
                                    "allow_partial_message": false,
                                    "pack_as_bytes": true
                                  }
                                }
                              },
                              "cut": {
                                "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig",
                                "config": {},
                                "disabled": false
                              }
                            }
                          },
                          {
                            "name": "stream",
                            "match": {
                              "prefix": "/",
                              "headers": [
                                {
                                  "name": ":method",
                                  "string_match": {
                                    "exact": "GET"
                                  }
                                }
                              ],
                              "query_parameters": [
                                {
                                  "name": "follow",
                                  "present_match": true
                                }
                              ]
                            },
                            "route": {
                              "cluster": "api_server",
                              "timeout": "0s",
                              "idle_timeout": "0s",
                              "flush_timeout": "600s",
                              "max_stream_duration": {
                                "max_stream_duration": "86400s"
                              },
                              "retry_policy": {
                                "retry_on": "connect-failure,refused-stream,reset-before-request",
                                "num_retries": 5,
                                "retry_back_off": {
                                  "base_interval": "0.01s",
                                  "max_interval": "0.2s"
                                }
                              }
                            },
                            "typed_per_filter_config": {
                              "envoy.filters.http.ext_authz": {
                                "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute",
                                "check_settings": {
                                  "context_extensions": {
                                    "route": "stream"
                                  },
                                  "with_request_body": {
                                    "max_request_bytes": 1024,
                                    "allow_partial_message": false,
                                    "pack_as_bytes": true
                                  }
                                }
                              },
                              "cut": {
                                "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig",
                                "config": {},
                                "disabled": false
                              }
                            }
                          },
                          {
                            "name": "stream",
                            "match": {
                              "safe_regex": {
                                "regex": "/apis?/.*/watch/.*|/api/[^/]+/watch/.*|.*/log/?"
                              },
                              "headers": [
                                {
                                  "name": ":method",
                                  "string_match": {
                                    "exact": "GET"
                                  }
                                }
                              ]
                            },
                            "route": {
                              "cluster": "api_server",
                              "timeout": "0s",
                              "idle_timeout": "0s",
                              "flush_timeout": "600s",
                              "max_stream_duration": {
                                "max_stream_duration": "86400s"
                              },
                              "retry_policy": {
                                "retry_on": "connect-failure,refused-stream,reset-before-request",
                                "num_retries": 5,
                                "retry_back_off": {
                                  "base_interval": "0.01s",
                                  "max_interval": "0.2s"
                                }
                              }
                            },
                            "typed_per_filter_config": {
                              "envoy.filters.http.ext_authz": {
                                "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute",
                                "check_settings": {
                                  "context_extensions": {
                                    "route": "stream"
                                  },
                                  "with_request_body": {
                                    "max_request_bytes": 1024,
                                    "allow_partial_message": false,
                                    "pack_as_bytes": true
                                  }
                                }
                              },
                              "cut": {
                                "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig",
                                "config": {},
                                "disabled": false
                              }
                            }
                          },
                          {
                            "name": "stream",
                            "match": {
                              "safe_regex": {
                                "regex": "/api/v1/(namespaces/[^/]+/(pods|services)|nodes)/[^/]+/proxy(/.*)?|/api/v1/proxy/.*"
                              },
                              "headers": [
                                {
                                  "name": ":method",
                                  "string_match": {
                                    "exact": "GET"
                                  }
                                }
                              ]
                            },
                            "route": {
                              "cluster": "api_server",
                              "timeout": "0s",
                              "idle_timeout": "0s",
                              "flush_timeout": "600s",
                              "max_stream_duration": {
                                "max_stream_duration": "86400s"
                              },
                              "retry_policy": {
                                "retry_on": "connect-failure,refused-stream,reset-before-request",
                                "num_retries": 5,
                                "retry_back_off": {
                                  "base_interval": "0.01s",
                                  "max_interval": "0.2s"
                                }
                              }
                            },
                            "typed_per_filter_config": {
                              "envoy.filters.http.ext_authz": {
                                "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute",
                                "check_settings": {
                                  "context_extensions": {
                                    "route": "stream"
                                  },
                                  "with_request_body": {
                                    "max_request_bytes": 1024,
                                    "allow_partial_message": false,
                                    "pack_as_bytes": true
                                  }
                                }
                              },
                              "cut": {
                                "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig",
                                "config": {},
                                "disabled": false
                              }
                            }
                          },
                          {
                            "name": "stream",
                            "match": {
                              "safe_regex": {
                                "regex": "/api/v1/(namespaces/[^/]+/(pods|services)|nodes)/[^/]+/proxy(/.*)?|/api/v1/proxy/.*"
                              }
                            },
                            "route": {
                              "cluster": "api_server",
                              "timeout": "0s",
                              "idle_timeout": "0s",
                              "flush_timeout": "600s",
                              "max_stream_duration": {
                                "max_stream_duration": "86400s"
                              },
                              "retry_policy": {
                                "retry_on": "connect-failure,refused-stream,reset-before-request",
                                "num_retries": 5,
                                "retry_back_off": {
                                  "base_interval": "0.01s",
                                  "max_interval": "0.2s"
                                }
                              }
                            },
                            "typed_per_filter_config": {
                              "head": {
                                "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute",
                                "check_settings": {
                                  "context_extensions": {
                                    "route": "stream",
                                    "body_limit": "524288",
                                    "part": "head"
                                  }
                                }
                              },
                              "envoy.filters.http.ext_authz": {
                                "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute",
                                "check_settings": {
                                  "context_extensions": {
                                    "route": "stream",
                                    "body_limit": "524288"
                                  },
                                  "with_request_body": {
                                    "max_request_bytes": 524288,
                                    "allow_partial_message": false,
                                    "pack_as_bytes": true
                                  }
                                }
                              },
                              "cut": {
                                "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig",
                                "config": {},
                                "disabled": false
                              }
                            }
                          },
                          {
                            "name": "read",
                            "match": {
                              "prefix": "/",
                              "headers": [
                                {
                                  "name": ":method",
                                  "string_match": {
                                    "exact": "GET"
                                  }
                                }
                              ]
                            },
                            "route": {
                              "cluster": "api_server",
                              "timeout": "0s",
                              "idle_timeout": "60s",
                              "retry_policy": {
                                "retry_on": "connect-failure,refused-stream,reset-before-request",
                                "num_retries": 5,
                                "retry_back_off": {
                                  "base_interval": "0.01s",
                                  "max_interval": "0.2s"
                                }
                              }
                            },
                            "typed_per_filter_config": {
                              "envoy.filters.http.ext_authz": {
                                "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute",
                                "check_settings": {
                                  "context_extensions": {
                                    "route": "read"
                                  },
                                  "with_request_body": {
                                    "max_request_bytes": 1024,
                                    "allow_partial_message": false,
                                    "pack_as_bytes": true
                                  }
                                }
                              }
                            }
                          },
                          {
                            "name": "read",
                            "match": {
                              "prefix": "/",
                              "headers": [
                                {
                                  "name": ":method",
                                  "string_match": {
                                    "exact": "HEAD"
                                  }
                                }
                              ]
                            },
                            "route": {
                              "cluster": "api_server",
                              "timeout": "0s",
                              "idle_timeout": "60s",
                              "retry_policy": {
                                "retry_on": "connect-failure,refused-stream,reset-before-request",
                                "num_retries": 5,
                                "retry_back_off": {
                                  "base_interval": "0.01s",
                                  "max_interval": "0.2s"
                                }
                              }
                            },
                            "typed_per_filter_config": {
                              "envoy.filters.http.ext_authz": {
                                "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute",
                                "check_settings": {
                                  "context_extensions": {
                                    "route": "read"
                                  },
                                  "with_request_body": {
                                    "max_request_bytes": 1024,
                                    "allow_partial_message": false,
                                    "pack_as_bytes": true
                                  }
                                }
                              }
                            }
                          },
                          {
                            "name": "write",
                            "match": {
                              "prefix": "/",
                              "headers": [
                                {
                                  "name": ":method",
                                  "string_match": {
                                    "exact": "DELETE"
                                  }
                                }
                              ]
                            },
                            "route": {
                              "cluster": "api_server",
                              "timeout": "0s",
                              "idle_timeout": "60s",
                              "retry_policy": {
                                "retry_on": "connect-failure,refused-stream,reset-before-request",
                                "num_retries": 5,
                                "retry_back_off": {
                                  "base_interval": "0.01s",
                                  "max_interval": "0.2s"
                                }
                              }
                            },
                            "typed_per_filter_config": {
                              "head": {
                                "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute",
                                "check_settings": {
                                  "context_extensions": {
                                    "route": "write",
                                    "body_limit": "524288",
                                    "part": "head"
                                  }
                                }
                              },
                              "envoy.filters.http.ext_authz": {
                                "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute",
                                "check_settings": {
                                  "context_extensions": {
                                    "route": "write",
                                    "body_limit": "524288"
                                  },
                                  "with_request_body": {
                                    "max_request_bytes": 524288,
                                    "allow_partial_message": false,
                                    "pack_as_bytes": true
                                  }
                                }
                              }
                            }
                          },
                          {
                            "name": "connect",
                            "match": {
                              "connect_matcher": {}
                            },
                            "direct_response": {
                              "status": 405
                            }
                          },
                          {
                            "name": "write",
                            "match": {
                              "prefix": "/"
                            },
                            "route": {
                              "cluster": "api_server",
                              "timeout": "0s",
                              "idle_timeout": "60s",
                              "retry_policy": {
                                "retry_on": "connect-failure,refused-stream,reset-before-request",
                                "num_retries": 5,
                                "retry_back_off": {
                                  "base_interval": "0.01s",
                                  "max_interval": "0.2s"
                                }
                              }
                            },
                            "typed_per_filter_config": {
                              "head": {
                                "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute",
                                "check_settings": {
                                  "context_extensions": {
                                    "route": "write",
                                    "body_limit": "3145728",
                                    "part": "head"
                                  }
                                }
                              },
                              "envoy.filters.http.ext_authz": {
                                "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute",
                                "check_settings": {
                                  "context_extensions": {
                                    "route": "write",
                                    "body_limit": "3145728"
                                  },
                                  "with_request_body": {
                                    "max_request_bytes": 3145728,
                                    "allow_partial_message": false,
                                    "pack_as_bytes": true
                                  }
                                }
                              }
                            }
                          }
                        ]
                      }
                    ]
                  }
                }
              }
            ]
          }
        ],
        "socket_options": [
          {
            "description": "TCP_USER_TIMEOUT",
            "level": 6,
            "name": 18,
            "int_value": 600000,
            "state": "STATE_LISTENING"
          },
          {
            "description": "TCP_NOTSENT_LOWAT",
            "level": 6,
            "name": 25,
            "int_value": 32768,
            "state": "STATE_LISTENING"
          }
        ]
      },
      {
        "name": "broker",
        "address": {
          "socket_address": {
            "address": {{ ternary "::" "0.0.0.0" .Values.ipv6 | toJson }},
            "port_value": 10444,
            "ipv4_compat": {{ .Values.ipv6 }}
          }
        },
        "per_connection_buffer_limit_bytes": 131072,
        "listener_filters_timeout": "3s",
        "listener_filters": [
          {
            "name": "envoy.filters.listener.tls_inspector",
            "typed_config": {
              "@type": "type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector"
            }
          }
        ],
        "filter_chains": [
          {
            "transport_socket": {
              "name": "envoy.transport_sockets.tls",
              "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
                "require_client_certificate": false,
                "common_tls_context": {
{{- if .Values.clientCertificates.enabled }}
                  "validation_context": {
                    "trust_chain_verification": "ACCEPT_UNTRUSTED"
                  },
{{- end }}
                  "alpn_protocols": [
                    "http/1.1"
                  ],
                  "tls_params": {
                    "tls_minimum_protocol_version": "TLSv1_2"
                  },
                  "tls_certificate_sds_secret_configs": [
                    {
                      "name": "leasegate",
                      "sds_config": {
                        "path_config_source": {
                          "path": "/etc/envoy/server.json"
                        }
                      }
                    }
                  ]
                }
              }
            },
            "transport_socket_connect_timeout": "10s",
            "filters": [
              {
                "name": "envoy.filters.network.http_connection_manager",
                "typed_config": {
                  "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                  "stat_prefix": "broker",
                  "codec_type": "HTTP1",
                  "use_remote_address": true,
                  "path_with_escaped_slashes_action": "REJECT_REQUEST",
                  "generate_request_id": true,
                  "preserve_external_request_id": false,
                  "request_id_extension": {
                    "typed_config": {
                      "@type": "type.googleapis.com/envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig",
                      "pack_trace_reason": false
                    }
                  },
                  "server_header_transformation": "OVERWRITE",
                  "server_name": "leasegate",
                  "common_http_protocol_options": {
                    "headers_with_underscores_action": "REJECT_REQUEST",
                    "idle_timeout": "120s",
                    "max_headers_count": 100
                  },
                  "http_protocol_options": {
                    "allow_absolute_url": false
                  },
                  "http2_protocol_options": {
                    "max_concurrent_streams": 100,
                    "initial_stream_window_size": 131072,
                    "initial_connection_window_size": 1048576
                  },
                  "request_headers_timeout": "10s",
                  "request_timeout": "60s",
                  "delayed_close_timeout": "0s",
                  "early_header_mutation_extensions": [
                    {
                      "name": "envoy.http.early_header_mutation.header_mutation",
                      "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation",
                        "mutations": [
                          {
                            "remove": "x-forwarded-for"
                          },
                          {
                            "remove": "x-real-ip"
                          },
                          {
                            "remove": "forwarded"
                          }
                        ]
                      }
                    }
                  ],
                  "forward_client_cert_details": "SANITIZE_SET",
                  "set_current_client_cert_details": {
                    "chain": true
                  },
                  "max_request_headers_kb": 60,
                  "stream_idle_timeout": "30s",
                  "http_filters": [
                    {
                      "name": "envoy.filters.http.router",
                      "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router",
                        "suppress_envoy_headers": true
                      }
                    }
                  ],
                  "local_reply_config": {
                    "mappers": [
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 503,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "response_flag_filter": {
                                  "flags": [
                                    "UAEX"
                                  ]
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [
                          {
                            "header": {
                              "key": "retry-after",
                              "value": "1"
                            },
                            "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"
                          }
                        ],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the authorizer is not available, nothing was let through",
                            "reason": "ServiceUnavailable",
                            "details": {
                              "causes": [
                                {
                                  "reason": "unavailable",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "unavailable"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "later"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 403,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "header_filter": {
                                  "header": {
                                    "name": ":method",
                                    "string_match": {
                                      "exact": "CONNECT"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: CONNECT is not used with Kubernetes",
                            "reason": "MethodNotAllowed",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        },
                        "status_code": 405
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 413,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the body has more bytes than the boundary takes: 3145728 of a write (3 MiB, as the API server), 524288 of a delete or to a proxy, 1024 of a read",
                            "reason": "RequestEntityTooLarge",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 431,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the head of the request is larger than 61440 bytes, or has more than 100 lines",
                            "reason": "RequestHeaderFieldsTooLarge",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 400,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "BadRequest",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 403,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "Forbidden",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 404,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "NotFound",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 405,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "MethodNotAllowed",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 408,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "Timeout",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "later"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 413,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "RequestEntityTooLarge",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 426,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "BadRequest",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 431,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "RequestHeaderFieldsTooLarge",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 500,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "InternalError",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "later"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 502,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "ServiceUnavailable",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "later"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 503,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "ServiceUnavailable",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "later"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 504,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "Timeout",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "later"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      }
                    ]
                  },
                  "route_config": {
                    "name": "broker",
                    "virtual_hosts": [
                      {
                        "name": "broker",
                        "domains": [
                          "*"
                        ],
                        "routes": [
                          {
                            "match": {
                              "prefix": "/"
                            },
                            "route": {
                              "cluster": "broker",
                              "timeout": "15s"
                            }
                          }
                        ]
                      }
                    ]
                  }
                }
              }
            ]
          }
        ],
        "socket_options": [
          {
            "description": "TCP_USER_TIMEOUT",
            "level": 6,
            "name": 18,
            "int_value": 600000,
            "state": "STATE_LISTENING"
          },
          {
            "description": "TCP_NOTSENT_LOWAT",
            "level": 6,
            "name": 25,
            "int_value": 32768,
            "state": "STATE_LISTENING"
          }
        ]
{{- if .Values.sessions.enabled }}
      },
      {
        "name": "recording",
        "internal_listener": {},
        "filter_chains": [
          {
            "filters": [
              {
                "name": "envoy.filters.network.http_connection_manager",
                "typed_config": {
                  "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                  "stat_prefix": "recording",
                  "codec_type": "HTTP1",
                  "max_request_headers_kb": 448,
                  "common_http_protocol_options": {
                    "max_headers_count": 200,
                    "headers_with_underscores_action": "ALLOW"
                  },
                  "use_remote_address": false,
                  "skip_xff_append": true,
                  "generate_request_id": false,
                  "server_header_transformation": "PASS_THROUGH",
                  "normalize_path": false,
                  "merge_slashes": false,
                  "path_with_escaped_slashes_action": "KEEP_UNCHANGED",
                  "upgrade_configs": [
                    {
                      "upgrade_type": "websocket"
                    },
                    {
                      "upgrade_type": "SPDY/3.1"
                    }
                  ],
                  "stream_idle_timeout": "0s",
                  "request_timeout": "0s",
                  "delayed_close_timeout": "0s",
                  "http_filters": [
                    {
                      "name": "bytes",
                      "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor",
                        "grpc_service": {
                          "envoy_grpc": {
                            "cluster_name": "recorder"
                          },
                          "timeout": "0s",
                          "retry_policy": {
                            "retry_on": "connect-failure,refused-stream",
                            "num_retries": 2
                          },
                          "initial_metadata": [
                            {
                              "key": "x-leasegate-part",
                              "value": "bytes"
                            }
                          ]
                        },
                        "failure_mode_allow": false,
                        "status_on_error": {
                          "code": "ServiceUnavailable"
                        },
                        "message_timeout": "1.8s",
                        "processing_mode": {
                          "request_header_mode": "SEND",
                          "response_header_mode": "SEND",
                          "request_body_mode": "STREAMED",
                          "response_body_mode": "STREAMED",
                          "request_trailer_mode": "SKIP",
                          "response_trailer_mode": "SKIP"
                        },
                        "mutation_rules": {
                          "disallow_all": true
                        },
                        "forward_rules": {
                          "allowed_headers": {
                            "patterns": [
                              {
                                "exact": ":status"
                              },
                              {
                                "exact": "audit-id"
                              },
                              {
                                "exact": "sec-websocket-protocol"
                              },
                              {
                                "exact": "x-stream-protocol-version"
                              }
                            ]
                          }
                        }
                      }
                    },
                    {
                      "name": "envoy.filters.http.router",
                      "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router",
                        "suppress_envoy_headers": true
                      }
                    }
                  ],
                  "local_reply_config": {
                    "mappers": [
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 503,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "response_flag_filter": {
                                  "flags": [
                                    "UAEX"
                                  ]
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [
                          {
                            "header": {
                              "key": "retry-after",
                              "value": "1"
                            },
                            "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"
                          }
                        ],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the authorizer is not available, nothing was let through",
                            "reason": "ServiceUnavailable",
                            "details": {
                              "causes": [
                                {
                                  "reason": "unavailable",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "unavailable"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "later"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 403,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "header_filter": {
                                  "header": {
                                    "name": ":method",
                                    "string_match": {
                                      "exact": "CONNECT"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: CONNECT is not used with Kubernetes",
                            "reason": "MethodNotAllowed",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        },
                        "status_code": 405
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 413,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the body has more bytes than the boundary takes: 3145728 of a write (3 MiB, as the API server), 524288 of a delete or to a proxy, 1024 of a read",
                            "reason": "RequestEntityTooLarge",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 431,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the head of the request is larger than 229376 bytes, or has more than 100 lines",
                            "reason": "RequestHeaderFieldsTooLarge",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 400,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "BadRequest",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 403,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "Forbidden",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 404,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "NotFound",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 405,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "MethodNotAllowed",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 408,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "Timeout",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "later"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 413,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "RequestEntityTooLarge",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 426,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "BadRequest",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 431,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "RequestHeaderFieldsTooLarge",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "never"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 500,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "InternalError",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "later"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 502,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "ServiceUnavailable",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "later"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 503,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "ServiceUnavailable",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "later"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      },
                      {
                        "filter": {
                          "and_filter": {
                            "filters": [
                              {
                                "status_code_filter": {
                                  "comparison": {
                                    "op": "EQ",
                                    "value": {
                                      "default_value": 504,
                                      "runtime_key": "none"
                                    }
                                  }
                                }
                              },
                              {
                                "metadata_filter": {
                                  "matcher": {
                                    "filter": "envoy.filters.http.ext_authz",
                                    "path": [
                                      {
                                        "key": "denied"
                                      }
                                    ],
                                    "value": {
                                      "bool_match": false
                                    }
                                  },
                                  "match_if_key_not_found": true
                                }
                              }
                            ]
                          }
                        },
                        "headers_to_add": [],
                        "body_format_override": {
                          "json_format": {
                            "kind": "Status",
                            "apiVersion": "v1",
                            "metadata": {},
                            "status": "Failure",
                            "message": "leasegate: the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)",
                            "reason": "Timeout",
                            "details": {
                              "causes": [
                                {
                                  "reason": "refused-by-envoy",
                                  "message": "%RESPONSE_CODE_DETAILS%"
                                },
                                {
                                  "reason": "LeasegateReason",
                                  "message": "refused-by-envoy"
                                },
                                {
                                  "reason": "LeasegateRetry",
                                  "message": "later"
                                }
                              ]
                            },
                            "code": "%RESPONSE_CODE%"
                          },
                          "content_type": "application/json"
                        }
                      }
                    ]
                  },
                  "route_config": {
                    "name": "recording",
                    "virtual_hosts": [
                      {
                        "name": "sessions",
                        "domains": [
                          "*"
                        ],
                        "routes": [
                          {
                            "match": {
                              "prefix": "/"
                            },
                            "route": {
                              "cluster": "sessions",
                              "timeout": "0s",
                              "idle_timeout": "0s"
                            }
                          }
                        ]
                      }
                    ]
                  }
                }
              }
            ]
          }
        ],
        "per_connection_buffer_limit_bytes": 2
      },
      {
        "name": "sessions",
        "internal_listener": {},
        "filter_chains": [
          {
            "filters": [
              {
                "name": "envoy.filters.network.tcp_proxy",
                "typed_config": {
                  "@type": "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
                  "stat_prefix": "sessions",
                  "cluster": "api_server_upgrades",
                  "idle_timeout": "0s",
                  "max_connect_attempts": 5
                }
              }
            ]
          }
        ]
{{- end }}
      }
    ],
    "clusters": [
      {
        "name": "api_server",
        "type": "STRICT_DNS",
        "connect_timeout": "5s",
        "circuit_breakers": {
          "thresholds": [
            {
              "max_connections": 10000,
              "max_pending_requests": 10000,
              "max_requests": 100000,
              "max_retries": 1000
            }
          ]
        },
        "load_assignment": {
          "cluster_name": "api_server",
          "endpoints": [
            {
              "lb_endpoints": [
                {
                  "endpoint": {
                    "address": {
                      "socket_address": {
                        "address": {{ .Values.apiServer.host | toJson }},
                        "port_value": {{ .Values.apiServer.port | int }}
                      }
                    }
                  }
                }
              ]
            }
          ]
        },
        "typed_extension_protocol_options": {
          "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
            "explicit_http_config": {
              "http2_protocol_options": {
                "connection_keepalive": {
                  "interval": "30s",
                  "timeout": "15s"
                }
              }
            }
          }
        },
        "dns_lookup_family": "V4_PREFERRED",
        "upstream_connection_options": {
          "tcp_keepalive": {
            "keepalive_time": 30,
            "keepalive_interval": 5,
            "keepalive_probes": 3
          }
        },
        "transport_socket": {
          "name": "envoy.transport_sockets.tls",
          "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
{{- if not (include "leasegate.isAddress" .Values.apiServer.certificateName) }}
            "sni": {{ .Values.apiServer.certificateName | toJson }},
{{- end }}
            "common_tls_context": {
              "alpn_protocols": [
                "h2"
              ],
              "tls_params": {
                "tls_minimum_protocol_version": "TLSv1_2",
                "tls_maximum_protocol_version": "TLSv1_3"
              },
              "validation_context": {
                "trusted_ca": {
                  "filename": "/etc/leasegate/api-server/ca.crt"
                },
                "match_typed_subject_alt_names": [
                  {
                    "san_type": {{ ternary "IP_ADDRESS" "DNS" (ne (include "leasegate.isAddress" .Values.apiServer.certificateName) "") | toJson }},
                    "matcher": {
                      "exact": {{ .Values.apiServer.certificateName | toJson }}
                    }
                  }
                ]
              }
            }
          }
        }
      },
      {
        "name": "api_server_upgrades",
        "type": "STRICT_DNS",
        "connect_timeout": "5s",
        "circuit_breakers": {
          "thresholds": [
            {
              "max_connections": 10000,
              "max_pending_requests": 10000,
              "max_requests": 100000,
              "max_retries": 1000
            }
          ]
        },
        "load_assignment": {
          "cluster_name": "api_server_upgrades",
          "endpoints": [
            {
              "lb_endpoints": [
                {
                  "endpoint": {
                    "address": {
                      "socket_address": {
                        "address": {{ .Values.apiServer.host | toJson }},
                        "port_value": {{ .Values.apiServer.port | int }}
                      }
                    }
                  }
                }
              ]
            }
          ]
        },
        "typed_extension_protocol_options": {
          "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
            "explicit_http_config": {
              "http_protocol_options": {}
            },
            "common_http_protocol_options": {
              "max_requests_per_connection": 1
            }
          }
        },
        "dns_lookup_family": "V4_PREFERRED",
        "upstream_connection_options": {
          "tcp_keepalive": {
            "keepalive_time": 30,
            "keepalive_interval": 5,
            "keepalive_probes": 3
          }
        },
        "transport_socket": {
          "name": "envoy.transport_sockets.tls",
          "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
{{- if not (include "leasegate.isAddress" .Values.apiServer.certificateName) }}
            "sni": {{ .Values.apiServer.certificateName | toJson }},
{{- end }}
            "common_tls_context": {
              "alpn_protocols": [
                "http/1.1"
              ],
              "tls_params": {
                "tls_minimum_protocol_version": "TLSv1_2",
                "tls_maximum_protocol_version": "TLSv1_3"
              },
              "validation_context": {
                "trusted_ca": {
                  "filename": "/etc/leasegate/api-server/ca.crt"
                },
                "match_typed_subject_alt_names": [
                  {
                    "san_type": {{ ternary "IP_ADDRESS" "DNS" (ne (include "leasegate.isAddress" .Values.apiServer.certificateName) "") | toJson }},
                    "matcher": {
                      "exact": {{ .Values.apiServer.certificateName | toJson }}
                    }
                  }
                ]
              }
            }
          }
        }
      },
      {
        "name": "authorizers",
        "type": "STRICT_DNS",
        "connect_timeout": "1s",
        "circuit_breakers": {
          "thresholds": [
            {
              "max_connections": 10000,
              "max_pending_requests": 10000,
              "max_requests": 100000,
              "max_retries": 1000
            }
          ]
        },
        "load_assignment": {
          "cluster_name": "authorizers",
          "endpoints": [
            {
              "lb_endpoints": [
                {
                  "endpoint": {
                    "address": {
                      "socket_address": {
                        "address": {{ include "leasegate.partHost" (dict "root" . "component" "authorizer") | toJson }},
                        "port_value": 9001
                      }
                    }
                  }
                }
              ]
            }
          ]
        },
        "typed_extension_protocol_options": {
          "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
            "explicit_http_config": {
              "http2_protocol_options": {
                "connection_keepalive": {
                  "interval": "0.5s",
                  "timeout": "0.5s"
                }
              }
            }
          }
        },
        "dns_lookup_family": "V4_PREFERRED",
        "ignore_health_on_host_removal": true,
        "transport_socket": {
          "name": "envoy.transport_sockets.tls",
          "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
            "sni": "authorizer.leasegate.internal",
            "common_tls_context": {
              "alpn_protocols": [
                "h2"
              ],
              "tls_params": {
                "tls_minimum_protocol_version": "TLSv1_3",
                "tls_maximum_protocol_version": "TLSv1_3"
              },
              "tls_certificate_sds_secret_configs": [
                {
                  "name": "leasegate",
                  "sds_config": {
                    "path_config_source": {
                      "path": "/etc/envoy/parts.json"
                    }
                  }
                }
              ],
              "validation_context": {
                "trusted_ca": {
                  "filename": "/etc/leasegate/parts/ca.crt"
                },
                "match_typed_subject_alt_names": [
                  {
                    "san_type": "DNS",
                    "matcher": {
                      "exact": "authorizer.leasegate.internal"
                    }
                  }
                ]
              }
            }
          }
        },
        "lb_policy": "LEAST_REQUEST",
        "common_lb_config": {
          "healthy_panic_threshold": {
            "value": 0
          },
          "update_merge_window": "0s"
        },
        "health_checks": [
          {
            "grpc_health_check": {},
            "timeout": "0.5s",
            "interval": "0.5s",
            "no_traffic_interval": "0.5s",
            "unhealthy_threshold": 1,
            "healthy_threshold": 1
          }
        ]
      },
      {
        "name": "tap",
        "type": "STRICT_DNS",
        "connect_timeout": "1s",
        "circuit_breakers": {
          "thresholds": [
            {
              "max_connections": 10000,
              "max_pending_requests": 10000,
              "max_requests": 100000,
              "max_retries": 1000
            }
          ]
        },
        "load_assignment": {
          "cluster_name": "tap",
          "endpoints": [
            {
              "lb_endpoints": [
                {
                  "endpoint": {
                    "address": {
                      "socket_address": {
                        "address": {{ include "leasegate.partHost" (dict "root" . "component" "tap") | toJson }},
                        "port_value": 9001
                      }
                    }
                  }
                }
              ]
            }
          ]
        },
        "typed_extension_protocol_options": {
          "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
            "explicit_http_config": {
              "http2_protocol_options": {}
            }
          }
        },
        "dns_lookup_family": "V4_PREFERRED",
        "ignore_health_on_host_removal": true,
        "transport_socket": {
          "name": "envoy.transport_sockets.tls",
          "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
            "sni": "tap.leasegate.internal",
            "common_tls_context": {
              "alpn_protocols": [
                "h2"
              ],
              "tls_params": {
                "tls_minimum_protocol_version": "TLSv1_3",
                "tls_maximum_protocol_version": "TLSv1_3"
              },
              "tls_certificate_sds_secret_configs": [
                {
                  "name": "leasegate",
                  "sds_config": {
                    "path_config_source": {
                      "path": "/etc/envoy/parts.json"
                    }
                  }
                }
              ],
              "validation_context": {
                "trusted_ca": {
                  "filename": "/etc/leasegate/parts/ca.crt"
                },
                "match_typed_subject_alt_names": [
                  {
                    "san_type": "DNS",
                    "matcher": {
                      "exact": "tap.leasegate.internal"
                    }
                  }
                ]
              }
            }
          }
        },
        "common_lb_config": {
          "healthy_panic_threshold": {
            "value": 0
          },
          "update_merge_window": "0s"
        },
        "health_checks": [
          {
            "grpc_health_check": {},
            "timeout": "2s",
            "interval": "0.1s",
            "no_traffic_interval": "0.1s",
            "unhealthy_threshold": 1,
            "healthy_threshold": 1
          }
        ]
      },
      {
{{- if .Values.sessions.enabled }}
        "name": "recorder",
        "type": "STRICT_DNS",
        "connect_timeout": "1s",
        "circuit_breakers": {
          "thresholds": [
            {
              "max_connections": 10000,
              "max_pending_requests": 10000,
              "max_requests": 100000,
              "max_retries": 1000
            }
          ]
        },
        "load_assignment": {
          "cluster_name": "recorder",
          "endpoints": [
            {
              "lb_endpoints": [
                {
                  "endpoint": {
                    "address": {
                      "socket_address": {
                        "address": {{ include "leasegate.partHost" (dict "root" . "component" "tap") | toJson }},
                        "port_value": 9002
                      }
                    }
                  }
                }
              ]
            }
          ]
        },
        "typed_extension_protocol_options": {
          "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
            "explicit_http_config": {
              "http2_protocol_options": {
                "connection_keepalive": {
                  "interval": "0.5s",
                  "timeout": "1s"
                }
              }
            }
          }
        },
        "dns_lookup_family": "V4_PREFERRED",
        "ignore_health_on_host_removal": true,
        "transport_socket": {
          "name": "envoy.transport_sockets.tls",
          "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
            "sni": "tap.leasegate.internal",
            "common_tls_context": {
              "alpn_protocols": [
                "h2"
              ],
              "tls_params": {
                "tls_minimum_protocol_version": "TLSv1_3",
                "tls_maximum_protocol_version": "TLSv1_3"
              },
              "tls_certificate_sds_secret_configs": [
                {
                  "name": "leasegate",
                  "sds_config": {
                    "path_config_source": {
                      "path": "/etc/envoy/parts.json"
                    }
                  }
                }
              ],
              "validation_context": {
                "trusted_ca": {
                  "filename": "/etc/leasegate/parts/ca.crt"
                },
                "match_typed_subject_alt_names": [
                  {
                    "san_type": "DNS",
                    "matcher": {
                      "exact": "tap.leasegate.internal"
                    }
                  }
                ]
              }
            }
          }
        },
        "common_lb_config": {
          "healthy_panic_threshold": {
            "value": 0
          },
          "update_merge_window": "0s"
        },
        "health_checks": [
          {
            "grpc_health_check": {},
            "timeout": "1s",
            "interval": "0.5s",
            "no_traffic_interval": "0.5s",
            "unhealthy_threshold": 1,
            "healthy_threshold": 1
          }
        ]
      },
      {
{{- end }}
        "name": "broker",
        "type": "STRICT_DNS",
        "connect_timeout": "1s",
        "circuit_breakers": {
          "thresholds": [
            {
              "max_connections": 10000,
              "max_pending_requests": 10000,
              "max_requests": 100000,
              "max_retries": 1000
            }
          ]
        },
        "load_assignment": {
          "cluster_name": "broker",
          "endpoints": [
            {
              "lb_endpoints": [
                {
                  "endpoint": {
                    "address": {
                      "socket_address": {
                        "address": {{ include "leasegate.partHost" (dict "root" . "component" "broker") | toJson }},
                        "port_value": 9001
                      }
                    }
                  }
                }
              ]
            }
          ]
        },
        "typed_extension_protocol_options": {
          "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
            "explicit_http_config": {
              "http_protocol_options": {}
            }
          }
        },
        "dns_lookup_family": "V4_PREFERRED",
        "ignore_health_on_host_removal": true,
        "transport_socket": {
          "name": "envoy.transport_sockets.tls",
          "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
            "sni": "broker.leasegate.internal",
            "common_tls_context": {
              "alpn_protocols": [
                "http/1.1"
              ],
              "tls_params": {
                "tls_minimum_protocol_version": "TLSv1_3",
                "tls_maximum_protocol_version": "TLSv1_3"
              },
              "tls_certificate_sds_secret_configs": [
                {
                  "name": "leasegate",
                  "sds_config": {
                    "path_config_source": {
                      "path": "/etc/envoy/parts.json"
                    }
                  }
                }
              ],
              "validation_context": {
                "trusted_ca": {
                  "filename": "/etc/leasegate/parts/ca.crt"
                },
                "match_typed_subject_alt_names": [
                  {
                    "san_type": "DNS",
                    "matcher": {
                      "exact": "broker.leasegate.internal"
                    }
                  }
                ]
              }
            }
          }
        },
        "common_lb_config": {
          "healthy_panic_threshold": {
            "value": 0
          },
          "update_merge_window": "0s"
        },
        "health_checks": [
          {
            "tcp_health_check": {},
            "timeout": "1s",
            "interval": "1s",
            "no_traffic_interval": "1s",
            "unhealthy_threshold": 2,
            "healthy_threshold": 1
          }
        ]
{{- if .Values.sessions.enabled }}
      },
      {
        "name": "recording",
        "type": "STATIC",
        "connect_timeout": "0.5s",
        "circuit_breakers": {
          "thresholds": [
            {
              "max_connections": 10000,
              "max_pending_requests": 10000,
              "max_requests": 100000,
              "max_retries": 1000
            }
          ]
        },
        "load_assignment": {
          "cluster_name": "recording",
          "endpoints": [
            {
              "lb_endpoints": [
                {
                  "endpoint": {
                    "address": {
                      "envoy_internal_address": {
                        "server_listener_name": "recording"
                      }
                    }
                  }
                }
              ]
            }
          ]
        },
        "typed_extension_protocol_options": {
          "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
            "explicit_http_config": {
              "http_protocol_options": {}
            },
            "common_http_protocol_options": {
              "max_requests_per_connection": 1
            }
          }
        }
      },
      {
        "name": "sessions",
        "type": "STATIC",
        "connect_timeout": "0.5s",
        "circuit_breakers": {
          "thresholds": [
            {
              "max_connections": 10000,
              "max_pending_requests": 10000,
              "max_requests": 100000,
              "max_retries": 1000
            }
          ]
        },
        "load_assignment": {
          "cluster_name": "sessions",
          "endpoints": [
            {
              "lb_endpoints": [
                {
                  "endpoint": {
                    "address": {
                      "envoy_internal_address": {
                        "server_listener_name": "sessions"
                      }
                    }
                  }
                }
              ]
            }
          ]
        },
        "typed_extension_protocol_options": {
          "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
            "explicit_http_config": {
              "http_protocol_options": {}
            },
            "common_http_protocol_options": {
              "max_requests_per_connection": 1
            }
          }
        },
        "per_connection_buffer_limit_bytes": 1
{{- end }}
      }
    ]
  }
}
