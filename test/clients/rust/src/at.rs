use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use kube::api::{ListParams, ObjectMeta, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config, Error, ResourceExt};

/// Where a program works, and with what.
pub struct At {
    pub client: Client,
    pub namespace: String,
    pub prefix: String,
    pub deployment: String,
    pub config_maps: Api<ConfigMap>,
    pub deployments: Api<Deployment>,
    pub pods: Api<Pod>,
}

impl At {
    pub async fn new(
        kubeconfig: &str,
        namespace: &str,
        prefix: &str,
        deployment: &str,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let file = Kubeconfig::read_from(kubeconfig)?;
        let config = Config::from_custom_kubeconfig(file, &KubeConfigOptions::default()).await?;
        let client = Client::try_from(config)?;
        Ok(Self {
            config_maps: Api::namespaced(client.clone(), namespace),
            deployments: Api::namespaced(client.clone(), namespace),
            pods: Api::namespaced(client.clone(), namespace),
            client,
            namespace: namespace.into(),
            prefix: prefix.into(),
            deployment: deployment.into(),
        })
    }

    pub fn named(&self, name: &str) -> String {
        format!("{}-{name}", self.prefix)
    }

    pub fn config_map(&self, name: &str, data: &[(&str, &str)], label: Option<(&str, &str)>) -> ConfigMap {
        let own = [("client", self.prefix.as_str())];
        ConfigMap {
            metadata: ObjectMeta {
                name: Some(self.named(name)),
                labels: Some(to_map(own.into_iter().chain(label))),
                ..Default::default()
            },
            data: Some(to_map(data.iter().copied())),
            ..Default::default()
        }
    }

    pub async fn create(
        &self,
        name: &str,
        data: &[(&str, &str)],
        label: Option<(&str, &str)>,
    ) -> Result<ConfigMap, Error> {
        self.config_maps.create(&PostParams::default(), &self.config_map(name, data, label)).await
    }

    pub async fn pod(&self) -> Result<String, Error> {
        let which = ListParams::default().labels(&format!("app={}", self.deployment)).fields("status.phase=Running");
        let found = self.pods.list(&which).await?;
        Ok(found.items.first().map(ResourceExt::name_any).unwrap_or_default())
    }
}

fn to_map<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> BTreeMap<String, String> {
    pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect()
}
