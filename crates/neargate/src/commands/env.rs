//! `neargate env`: what a shell needs to speak to Neargate instead of AWS.

use clap::Args;

#[derive(Args)]
pub struct Options {
    /// The port of the running Neargate.
    #[arg(long, default_value_t = 4566, env = "NEARGATE_PORT")]
    port: u16,
    /// The region to work in.
    #[arg(long, default_value = "us-west-2", env = "AWS_REGION")]
    region: String,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let Options { port, region } = options;
    println!("export AWS_ENDPOINT_URL=http://127.0.0.1:{port}");
    // A live tail of logs is asked for at `stream-HOST`, which an address has not.
    println!("export AWS_DISABLE_HOST_PREFIX_INJECTION=true");
    println!("export AWS_ACCESS_KEY_ID=test");
    println!("export AWS_SECRET_ACCESS_KEY=test");
    println!("export AWS_REGION={region}");
    println!("export AWS_DEFAULT_REGION={region}");
    println!("unset AWS_SESSION_TOKEN AWS_PROFILE");
    Ok(())
}
