use futures::{AsyncBufReadExt, StreamExt};
use kube::api::{AttachParams, LogParams};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::Outcome;
use crate::at::At;

pub async fn logs(at: &At) -> Outcome {
    let last = LogParams { tail_lines: Some(1), ..Default::default() };
    Ok(json!({ "text": at.pods.logs(&at.pod().await?, &last).await? }))
}

pub async fn logs_followed(at: &At) -> Outcome {
    let following = LogParams { follow: true, ..Default::default() };
    let lines = at.pods.log_stream(&at.pod().await?, &following).await?.lines();
    let first = std::pin::pin!(lines).next().await.transpose()?;
    Ok(json!({ "first": first }))
}

struct Ran {
    stdout: String,
    stderr: String,
    failed: bool,
}

async fn run(at: &At, command: &[&str], typed: Option<&str>) -> Result<Ran, Box<dyn std::error::Error>> {
    let how = AttachParams::default().stdin(typed.is_some()).stdout(true).stderr(true);
    let mut running = at.pods.exec(&at.pod().await?, command.to_vec(), &how).await?;
    let status = running.take_status().ok_or("no status")?;
    if let (Some(text), Some(mut stdin)) = (typed, running.stdin()) {
        stdin.write_all(text.as_bytes()).await?;
        stdin.shutdown().await?;
    }
    let (mut stdout, mut stderr) = (String::new(), String::new());
    running.stdout().ok_or("no output")?.read_to_string(&mut stdout).await?;
    running.stderr().ok_or("no errors")?.read_to_string(&mut stderr).await?;
    let succeeded = status.await.is_some_and(|status| status.status.as_deref() == Some("Success"));
    Ok(Ran { stdout, stderr, failed: !succeeded })
}

pub async fn exec(at: &At) -> Outcome {
    let Ran { stdout, failed, .. } = run(at, &["echo", "hello"], None).await?;
    Ok(json!({ "stdout": stdout, "failed": failed }))
}

pub async fn exec_with_input(at: &At) -> Outcome {
    let Ran { stdout, failed, .. } = run(at, &["sh", "-c", "head -n 1; sleep 1"], Some("typed\n")).await?;
    Ok(json!({ "stdout": stdout, "failed": failed }))
}

pub async fn exec_that_fails(at: &At) -> Outcome {
    let Ran { stderr, failed, .. } = run(at, &["sh", "-c", "echo wrong >&2; exit 1"], None).await?;
    Ok(json!({ "stderr": stderr, "failed": failed }))
}

pub async fn port_forward(at: &At) -> Outcome {
    let mut forwarder = at.pods.portforward(&at.pod().await?, &[80]).await?;
    let mut stream = forwarder.take_stream(80).ok_or("no stream")?;
    stream.write_all(b"ping").await?;
    let mut echo = [0; 4];
    stream.read_exact(&mut echo).await?;
    Ok(json!({ "echo": String::from_utf8_lossy(&echo) }))
}
