//! The commands that plan and apply Terraform's files without Terraform, and what they share: the
//! directory, its variables and state, and the cloud that is worked on.

pub mod apply;
pub mod arguments;
pub mod console;
pub mod cost;
pub mod fmt;
pub mod graph;
pub mod import;
pub mod look;
pub mod output;
pub mod plan;
mod saved;
pub mod show;
pub mod state;
pub mod validate;
mod watch;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use neargate_api::{Clock, Rng};
use neargate_api_iam::OperatorKey;
use neargate_aws_client::Surroundings;
use neargate_hcl::{Diagnostic, Disk};
use neargate_provider_aws::{Aws, SOURCE};
use neargate_stack::config::load;
use neargate_stack::graph::Graph;
use neargate_stack::inputs::{Given, Sources, inputs};
use neargate_stack::provider::Providers;
use neargate_stack::run::Stack;
use neargate_stack::state::{State, file};
use ring::rand::{SecureRandom, SystemRandom};

use crate::wiring;

/// Where the stack is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Cloud {
    /// A Neargate that runs here.
    Neargate,
    /// AWS itself, with the credentials that its own tools would use.
    Aws,
}

/// The directory and the cloud.
#[derive(Args, Clone)]
pub struct Place {
    /// The directory of the .tf files.
    #[arg(default_value = ".", value_name = "DIR")]
    directory: PathBuf,
    /// The state's file; a path in DIR.
    #[arg(long, default_value = "terraform.tfstate", value_name = "PATH")]
    state: PathBuf,
    /// Where the stack is: a Neargate here, if nothing is said, or AWS itself.
    #[arg(long = "target", value_name = "CLOUD")]
    cloud: Option<Cloud>,
    /// The port of the Neargate.
    #[arg(long, default_value_t = 4566, env = "NEARGATE_PORT")]
    port: u16,
    #[arg(
        long,
        default_value = OperatorKey::ACCESS_KEY_ID,
        env = "NEARGATE_ACCESS_KEY",
        hide = true
    )]
    access_key: String,
    #[arg(
        long,
        default_value = OperatorKey::SECRET_ACCESS_KEY,
        env = "NEARGATE_SECRET_KEY",
        hide_env_values = true,
        hide = true
    )]
    secret_key: String,
}

/// The values of the root's variables.
#[derive(Args)]
pub struct Variables {
    /// A variable's value: NAME=VALUE. Others come from terraform.tfvars, *.auto.tfvars and TF_VAR_NAME.
    #[arg(long, value_name = "NAME=VALUE")]
    pub var: Vec<String>,
    /// A file of values.
    #[arg(long, value_name = "FILE")]
    pub var_file: Vec<PathBuf>,
}

impl Variables {
    fn is_given(&self) -> bool {
        !self.var.is_empty() || !self.var_file.is_empty()
    }
}

/// A directory that was read, and what is known of it.
pub struct Opened {
    pub stack: Stack,
    pub warnings: Vec<Diagnostic>,
    pub clock: Clock,
    pub rng: Rng,
    /// In seconds since 1970.
    pub planned_at: i64,
}

/// Why a command ends: with what is wrong in the files, or with what is wrong around them.
pub enum Trouble {
    Problems(Vec<Diagnostic>),
    Other(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Trouble {
    fn from(error: E) -> Self {
        Trouble::Other(error.into())
    }
}

impl Trouble {
    /// Says it, and gives the code to end with.
    pub fn tell(self) -> ExitCode {
        match self {
            Trouble::Problems(problems) => problems.iter().for_each(|problem| eprint!("{problem}")),
            Trouble::Other(error) => eprintln!("neargate: {error:#}"),
        }
        ExitCode::FAILURE
    }
}

impl Place {
    /// Works in the directory from here on, as `-chdir` does: paths in the files begin there.
    pub fn enter(&self) -> Result<()> {
        std::env::set_current_dir(&self.directory)
            .with_context(|| format!("entering {}", self.directory.display()))
    }

    /// The state's file, once the directory was entered.
    pub fn state_path(&self) -> &Path {
        &self.state
    }

    /// The state as it is; of a stack that has nothing yet, an empty one.
    pub fn read_state(&self, rng: &Rng) -> Result<State> {
        Ok(file::read(&self.state)?.unwrap_or_else(|| State::empty(rng.uuid())))
    }

    fn cloud(&self) -> Cloud {
        self.cloud.unwrap_or(Cloud::Neargate)
    }

    /// The providers that there are.
    pub fn providers(&self, rng: &Rng, clock: &Clock) -> Result<Providers> {
        let (surroundings, endpoint) = match self.cloud() {
            Cloud::Aws => (Surroundings::of_this_process(), None),
            Cloud::Neargate => {
                let url = format!("http://127.0.0.1:{}", self.port);
                (Surroundings::with_variables(self.operators_environment()), Some(url))
            }
        };
        let surroundings = surroundings.context("reading AWS's configuration files")?;
        let aws = Aws::new(surroundings, endpoint, rng.clone(), clock.clone());
        Ok(Providers::builtin(rng).with(SOURCE, Arc::new(aws)))
    }

    /// The environment, with the operator's key in place of AWS's.
    fn operators_environment(&self) -> BTreeMap<String, String> {
        let mut all: BTreeMap<String, String> = std::env::vars().collect();
        all.insert("AWS_ACCESS_KEY_ID".into(), self.access_key.clone());
        all.insert("AWS_SECRET_ACCESS_KEY".into(), self.secret_key.clone());
        all.remove("AWS_SESSION_TOKEN");
        all.remove("AWS_PROFILE");
        all
    }

    /// Reads the directory, which was entered, and the values of its variables.
    pub fn open(&self, variables: &Variables) -> Result<Opened, Trouble> {
        let (clock, rng) = (Clock::system(), rng()?);
        let providers = self.providers(&rng, &clock)?;
        opened(variables, providers, clock, rng)
    }
}

/// The directory that was entered, for these providers.
pub fn opened(
    variables: &Variables,
    providers: Providers,
    clock: Clock,
    rng: Rng,
) -> Result<Opened, Trouble> {
    let planned_at = now();
    let config = load(Path::new(".")).map_err(Trouble::Problems)?;
    let graph = Graph::of(&config).map_err(Trouble::Problems)?;
    let files = variables.var_file.iter().cloned().map(Given::File);
    let values = variables.var.iter().cloned().map(Given::Var);
    let sources =
        Sources { environment: std::env::vars().collect(), given: files.chain(values).collect() };
    let (inputs, told) = inputs(&config, Path::new("."), &sources).map_err(Trouble::Problems)?;
    let warnings = config.warnings.iter().cloned().chain(told).collect();
    let outside = Arc::new(disk(None, planned_at)?);
    let stack = Stack { config: Arc::new(config), graph, providers, inputs, outside };
    Ok(Opened { stack, warnings, clock, rng, planned_at })
}

impl Opened {
    /// From a plan on, it is known what time it is, and there is chance.
    pub fn applying(&mut self) -> Result<()> {
        self.stack.outside = Arc::new(disk(Some(now()), self.planned_at)?);
        Ok(())
    }
}

/// In seconds since 1970.
fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    now.as_secs() as i64
}

/// The files of this machine; with a time, chance too.
pub fn disk(now: Option<i64>, planned_at: i64) -> Result<Disk> {
    Ok(Disk {
        directory: std::env::current_dir().context("finding the working directory")?,
        home: std::env::var("HOME").ok(),
        now,
        planned_at: Some(planned_at),
        random: now.map(|_| chance as fn() -> [u8; 16]),
    })
}

fn chance() -> [u8; 16] {
    let mut bytes = [0; 16];
    // Without the machine's randomness no process gets this far: the first seed is out of it too.
    let _ = SystemRandom::new().fill(&mut bytes);
    bytes
}

/// For ids and names.
pub fn rng() -> Result<Rng> {
    Ok(Rng::seeded(wiring::seed()?))
}

/// Runs what asks a cloud.
pub fn block_on<T>(future: impl Future<Output = T>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    Ok(runtime.block_on(future))
}
