//! A program as people write them with kube; it knows nothing of Leasegate but the kubeconfig that it is given.
//! Usage: kube-program TASK KUBECONFIG NAMESPACE PREFIX DEPLOYMENT

mod at;
mod reading;
mod streams;
mod writing;

use std::time::Duration;

use futures::StreamExt;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::api::{ListParams, WatchEvent, WatchParams};
use kube::{Api, Error};
use serde_json::{Value, json};

use at::At;

type Outcome = Result<Value, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [task, kubeconfig, namespace, prefix, deployment] = args.as_slice() else {
        return Err("usage: kube-program TASK KUBECONFIG NAMESPACE PREFIX DEPLOYMENT".into());
    };
    let at = At::new(kubeconfig, namespace, prefix, deployment).await?;
    match task.as_str() {
        "check" => check(&at).await,
        "follow" => follow(&at).await?,
        "refused" => refused(&at).await,
        "approved" => approved(&at).await?,
        _ => return Err(format!("no such task: {task}").into()),
    }
    Ok(())
}

fn say(says: &str, more: Value) {
    let mut line = more;
    line["says"] = json!(says);
    println!("{line}");
}

/// What a program can read of a refusal: the API server's Status.
pub fn refusal(error: &(dyn std::error::Error + 'static)) -> Value {
    let Some(Error::Api(status)) = error.downcast_ref::<Error>() else {
        return json!({ "status": null, "reason": null, "message": format!("{error:?}"), "causes": [] });
    };
    let causes = status.details.iter().flat_map(|details| &details.causes);
    json!({
        "status": status.code,
        "reason": status.reason,
        "message": status.message,
        "causes": causes.map(|cause| &cause.reason).collect::<Vec<_>>(),
    })
}

async fn check(at: &At) {
    did("version", reading::version(at).await);
    did("discovery", reading::discovery(at).await);
    did("list in pages", reading::pages(at).await);
    did("table", reading::table(at).await);
    did("metadata only", reading::metadata_only(at).await);
    did("watch", reading::watched(at).await);
    did("watch after 410 Gone", reading::gone(at).await);
    did("informer", reading::informer(at).await);
    did("dynamic client", reading::dynamic_client(at).await);
    did("create", writing::create(at).await);
    did("dry run", writing::dry_run(at).await);
    did("replace", writing::replace(at).await);
    did("JSON patch", writing::json_patch(at).await);
    did("merge patch", writing::merge_patch(at).await);
    did("strategic merge patch", writing::strategic_patch(at).await);
    did("server-side apply", writing::apply(at).await);
    did("scale", writing::scale(at).await);
    did("status", writing::status(at).await);
    did("delete with options", writing::delete(at).await);
    did("delete a collection", writing::delete_all(at).await);
    did("logs", streams::logs(at).await);
    did("logs followed", streams::logs_followed(at).await);
    did("exec", streams::exec(at).await);
    did("exec with input", streams::exec_with_input(at).await);
    did("exec that fails", streams::exec_that_fails(at).await);
    did("port-forward", streams::port_forward(at).await);
}

fn did(capability: &str, outcome: Outcome) {
    match outcome {
        Ok(saw) => say("did", json!({ "capability": capability, "saw": saw })),
        Err(error) => say("failed", json!({ "capability": capability, "error": refusal(error.as_ref()) })),
    }
}

/// One watch for as long as it lasts.
async fn follow(at: &At) -> Result<(), Error> {
    let labels = format!("followed={}", at.prefix);
    let listed = at.config_maps.list(&ListParams::default().labels(&labels)).await?;
    let version = listed.metadata.resource_version.unwrap_or_default();
    let events = at.config_maps.watch(&WatchParams::default().labels(&labels).timeout(290), &version).await?;
    say("watching", json!({}));
    let mut events = events.boxed();
    let mut why = None;
    while let Some(event) = events.next().await {
        match event {
            Ok(WatchEvent::Added(found)) => say("event", json!({ "type": "ADDED", "name": found.metadata.name })),
            Ok(_) => {}
            Err(error) => {
                why = Some(error.to_string());
                break;
            }
        }
    }
    say("cut", json!({ "error": why }));
    if let Err(error) = at.config_maps.list(&ListParams::default()).await {
        say("refused", json!({ "error": refusal(&error) }));
    }
    Ok(())
}

async fn refused(at: &At) {
    let elsewhere: Api<ConfigMap> = Api::namespaced(at.client.clone(), &at.prefix);
    if let Err(error) = elsewhere.list(&ListParams::default()).await {
        say("refused", json!({ "error": refusal(&error) }));
    }
}

/// As a patient program does: 429 says when to come again.
async fn approved(at: &At) -> Result<(), Error> {
    let secrets: Api<Secret> = Api::namespaced(at.client.clone(), &at.namespace);
    for _ in 0..60 {
        match secrets.get(&at.prefix).await {
            Ok(secret) => {
                let keys: Vec<String> = secret.data.unwrap_or_default().into_keys().collect();
                say("read", json!({ "keys": keys }));
                return Ok(());
            }
            Err(Error::Api(status)) if status.code == 429 => {
                say("waiting", json!({ "error": refusal(&Error::Api(status)) }));
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
