use json_patch::jsonptr::PointerBuf;
use json_patch::{AddOperation, PatchOperation};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::Error;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use serde_json::{Value, json};

use crate::at::At;
use crate::{Outcome, refusal};

pub async fn create(at: &At) -> Outcome {
    Ok(json!({ "data": at.create("written", &[("one", "1")], None).await?.data }))
}

pub async fn dry_run(at: &At) -> Outcome {
    let dry = PostParams { dry_run: true, ..Default::default() };
    at.config_maps.create(&dry, &at.config_map("dry", &[], None)).await?;
    Ok(afterwards(at.config_maps.get(&at.named("dry")).await))
}

/// How the look at what should not be there ended.
fn afterwards<T>(looked: Result<T, Error>) -> Value {
    json!({ "afterwards": looked.err().map(|error| refusal(&error)["status"].clone()) })
}

pub async fn replace(at: &At) -> Outcome {
    let mut written = at.config_maps.get(&at.named("written")).await?;
    written.data.get_or_insert_default().insert("two".into(), "2".into());
    let replaced = at.config_maps.replace(&at.named("written"), &PostParams::default(), &written).await?;
    Ok(json!({ "data": replaced.data }))
}

async fn patched(at: &At, patch: Patch<Value>) -> Outcome {
    let found = at.config_maps.patch(&at.named("written"), &PatchParams::default(), &patch).await?;
    Ok(json!({ "data": found.data }))
}

pub async fn json_patch(at: &At) -> Outcome {
    let path = PointerBuf::parse("/data/json")?;
    let add = PatchOperation::Add(AddOperation { path, value: json!("yes") });
    patched(at, Patch::Json(json_patch::Patch(vec![add]))).await
}

pub async fn merge_patch(at: &At) -> Outcome {
    patched(at, Patch::Merge(json!({ "data": { "json": null, "merge": "yes" } }))).await
}

pub async fn strategic_patch(at: &At) -> Outcome {
    patched(at, Patch::Strategic(json!({ "data": { "strategic": "yes" } }))).await
}

async fn applied(at: &At, owner: &str, how: PatchParams) -> Result<ConfigMap, Error> {
    let name = at.named("applied");
    let object = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": name }, "data": { "owner": owner },
    });
    at.config_maps.patch(&name, &how, &Patch::Apply(object)).await
}

pub async fn apply(at: &At) -> Outcome {
    applied(at, "one", PatchParams::apply("one")).await?;
    let Err(error) = applied(at, "two", PatchParams::apply("two")).await else {
        return Ok(Value::Null);
    };
    let mut seen = refusal(&error);
    seen["forced"] = json!(applied(at, "two", PatchParams::apply("two").force()).await?.data);
    Ok(seen)
}

fn deployment(at: &At) -> Result<Deployment, serde_json::Error> {
    let labels = json!({ "app": at.named("scaled") });
    let pod = json!({ "automountServiceAccountToken": false, "containers": [{ "name": "main", "image": "main:1" }] });
    serde_json::from_value(json!({
        "metadata": { "name": at.named("scaled") },
        "spec": {
            "replicas": 1,
            "selector": { "matchLabels": labels },
            "template": { "metadata": { "labels": labels }, "spec": pod },
        },
    }))
}

pub async fn scale(at: &At) -> Outcome {
    let name = at.named("scaled");
    at.deployments.create(&PostParams::default(), &deployment(at)?).await?;
    let was = at.deployments.get_scale(&name).await?;
    let two = Patch::Merge(json!({ "spec": { "replicas": 2 } }));
    let now = at.deployments.patch_scale(&name, &PatchParams::default(), &two).await?;
    Ok(json!({ "was": was.spec.and_then(|spec| spec.replicas), "now": now.spec.and_then(|spec| spec.replicas) }))
}

pub async fn status(at: &At) -> Outcome {
    let seen = json!({ "type": "Seen", "status": "True", "reason": "Tested", "message": "by a program" });
    let patch = Patch::Strategic(json!({ "status": { "conditions": [seen] } }));
    let found = at.deployments.patch_status(&at.named("scaled"), &PatchParams::default(), &patch).await?;
    let conditions = found.status.and_then(|status| status.conditions).unwrap_or_default();
    Ok(json!({ "seen": conditions.iter().any(|condition| condition.type_.as_deref() == Some("Seen")) }))
}

pub async fn delete(at: &At) -> Outcome {
    let name = at.named("scaled");
    at.deployments.delete(&name, &DeleteParams::background().grace_period(0)).await?;
    at.config_maps.delete(&at.named("written"), &DeleteParams::default()).await?;
    Ok(afterwards(at.deployments.get(&name).await))
}

pub async fn delete_all(at: &At) -> Outcome {
    let which = ListParams::default().labels(&format!("client={}", at.prefix));
    at.config_maps.delete_collection(&DeleteParams::default(), &which).await?;
    Ok(json!({ "left": at.config_maps.list(&which).await?.items.len() }))
}
