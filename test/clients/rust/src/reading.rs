use std::time::Duration;

use futures::StreamExt;
use http::Request;
use kube::api::{ApiResource, DynamicObject, GroupVersionKind, ListParams, WatchEvent, WatchParams};
use kube::runtime::watcher;
use kube::{Api, Error, ResourceExt};
use serde_json::{Value, json};

use crate::Outcome;
use crate::at::At;

const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io";

pub async fn version(at: &At) -> Outcome {
    Ok(json!({ "server": at.client.apiserver_version().await?.git_version }))
}

pub async fn discovery(at: &At) -> Outcome {
    let groups = at.client.list_api_groups().await?.groups;
    let names = groups.into_iter().map(|group| group.name);
    let apps = at.client.list_api_group_resources("apps/v1").await?.resources;
    let mut verbs = apps.into_iter().find(|each| each.name == "deployments").map(|each| each.verbs).unwrap_or_default();
    verbs.sort();
    let core = at.client.list_core_api_resources("v1").await?.resources;
    Ok(json!({
        "groups": names.filter(|name| name == "apps" || name == "batch").collect::<Vec<_>>(),
        "versions": at.client.list_core_api_versions().await?.versions,
        "deployments": verbs,
        "pods": core.iter().any(|each| each.name == "pods"),
    }))
}

pub async fn pages(at: &At) -> Outcome {
    let text = "x".repeat(40_000);
    for number in 0..5 {
        at.create(&format!("page-{number}"), &[("text", &text)], Some(("pages", &at.prefix))).await?;
    }
    let mut which = ListParams::default().labels(&format!("pages={}", at.prefix)).limit(2);
    let mut sizes = vec![];
    loop {
        let page = at.config_maps.list(&which).await?;
        sizes.push(page.items.len());
        match page.metadata.continue_ {
            Some(more) if !more.is_empty() => which = which.continue_token(&more),
            _ => return Ok(json!({ "sizes": sizes })),
        }
    }
}

pub async fn table(at: &At) -> Outcome {
    let path = format!("/api/v1/namespaces/{}/configmaps?labelSelector=pages%3D{}", at.namespace, at.prefix);
    let found: Value = at.client.request(Request::get(path).header("Accept", TABLE).body(vec![])?).await?;
    let columns = found["columnDefinitions"].as_array().into_iter().flatten().map(|column| &column["name"]);
    Ok(json!({
        "kind": found["kind"],
        "columns": columns.collect::<Vec<_>>(),
        "rows": found["rows"].as_array().map(Vec::len),
    }))
}

pub async fn metadata_only(at: &At) -> Outcome {
    let which = ListParams::default().labels(&format!("pages={}", at.prefix));
    let found = at.config_maps.list_metadata(&which).await?;
    // The type has no place for data: that there is none follows from its kind.
    Ok(json!({ "kind": found.types.kind, "items": found.items.len(), "data": false }))
}

/// Watches until an object comes that is made meanwhile.
async fn until_made(at: &At, name: &str, version: &str) -> Result<Value, Error> {
    let watched = at.named(name);
    let which = WatchParams::default().labels(&format!("watched={watched}")).timeout(30);
    let mut events = at.config_maps.watch(&which, version).await?.boxed();
    at.create(name, &[], Some(("watched", &watched))).await?;
    while let Some(event) = events.next().await {
        match event? {
            WatchEvent::Added(found) => {
                return Ok(json!({ "type": "ADDED", "name": found.name_any().replace(&at.prefix, "") }));
            }
            WatchEvent::Error(status) => return Err(Error::Api(status)),
            _ => {}
        }
    }
    Ok(Value::Null)
}

async fn now(at: &At) -> Result<String, Error> {
    let listed = at.config_maps.list(&ListParams::default().limit(1)).await?;
    Ok(listed.metadata.resource_version.unwrap_or_default())
}

pub async fn watched(at: &At) -> Outcome {
    Ok(until_made(at, "watched", &now(at).await?).await?)
}

/// A version that is too old, then the list anew, as reflectors do.
pub async fn gone(at: &At) -> Outcome {
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk("example.com", "v1", "Thing"));
    let things: Api<DynamicObject> = Api::namespaced_with(at.client.clone(), &at.namespace, &resource);
    let name = at.named("thing");
    let which = WatchParams::default().fields(&format!("metadata.name={name}")).timeout(30);
    let old = things.watch(&which, "1").await?.boxed().next().await;
    let Some(Ok(WatchEvent::Error(status)) | Err(Error::Api(status))) = old else {
        return Ok(Value::Null);
    };
    let listed = things.list(&ListParams::default()).await?;
    let version = listed.metadata.resource_version.unwrap_or_default();
    things.create(&Default::default(), &DynamicObject::new(&name, &resource)).await?;
    let event = things.watch(&which, &version).await?.boxed().next().await;
    let added = matches!(event, Some(Ok(WatchEvent::Added(_))));
    Ok(json!({ "status": status.code, "afterwards": if added { "ADDED" } else { "" } }))
}

pub async fn informer(at: &At) -> Outcome {
    let which = watcher::Config::default().labels(&format!("informed={}", at.prefix));
    let mut events = watcher(at.config_maps.clone(), which).boxed();
    let (mut added, mut deleted) = (false, false);
    let following = async {
        while let Some(event) = events.next().await {
            match event? {
                watcher::Event::InitDone => {
                    at.create("informed", &[], Some(("informed", &at.prefix))).await?;
                }
                watcher::Event::Apply(found) => {
                    added = true;
                    at.config_maps.delete(&found.name_any(), &Default::default()).await?;
                }
                watcher::Event::Delete(_) => {
                    deleted = true;
                    break;
                }
                _ => {}
            }
        }
        Ok::<(), Box<dyn std::error::Error>>(())
    };
    tokio::time::timeout(Duration::from_secs(60), following).await??;
    Ok(json!({ "added": added, "deleted": deleted }))
}

pub async fn dynamic_client(at: &At) -> Outcome {
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk("apps", "v1", "Deployment"));
    let deployments: Api<DynamicObject> = Api::namespaced_with(at.client.clone(), &at.namespace, &resource);
    let found = deployments.get(&at.deployment).await?;
    Ok(json!({ "kind": found.types.map(|types| types.kind), "replicas": found.data["spec"]["replicas"] }))
}
