//! A daemon to be killed: launches the task of a spec file, starts the
//! containers named, says so, and waits for its end.
//! Arguments: tasks' directory, spec file, shim program, control group, containers.

use neargate_runtime::{Config, Runtime};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [dir, spec, shim, prefix, containers @ ..] = &arguments[..] else {
        return Err("too few arguments".into());
    };
    let runtime = Runtime::new(Config::new(dir, vec![shim.into()], prefix))?;
    let task = runtime.launch(serde_json::from_slice(&std::fs::read(spec)?)?).await?;
    for container in containers {
        task.start_container(container).await?;
    }
    println!("started");
    std::future::pending().await
}
