terraform {
  required_providers {
    kubernetes = { source = "hashicorp/kubernetes" }
  }
}

variable "kubeconfig" {}
variable "app" {}

provider "kubernetes" {
  config_path = var.kubeconfig
}

resource "kubernetes_config_map_v1" "settings" {
  metadata {
    name      = "by-terraform"
    namespace = var.app
  }
  data = { a = "b" }
}

resource "kubernetes_service_v1" "web" {
  metadata {
    name      = "by-terraform"
    namespace = var.app
  }
  spec {
    selector = { app = "by-terraform" }
    port {
      port = 80
    }
  }
}

# It waits until the rollout is over.
resource "kubernetes_deployment_v1" "web" {
  metadata {
    name      = "by-terraform"
    namespace = var.app
  }
  spec {
    replicas = 1
    selector {
      match_labels = { app = "by-terraform" }
    }
    template {
      metadata {
        labels = { app = "by-terraform" }
      }
      spec {
        container {
          name  = "one"
          image = "one:1"
        }
      }
    }
  }
}

# Of any kind, by server-side apply.
resource "kubernetes_manifest" "more" {
  manifest = {
    apiVersion = "v1"
    kind       = "ConfigMap"
    metadata   = { name = "by-manifest", namespace = var.app }
    data       = { a = "b" }
  }
}
