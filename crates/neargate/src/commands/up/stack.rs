//! The stack of `neargate up DIR`: applied as `neargate apply DIR --auto-approve` does it, by this
//! process, once its cloud answers. What fails leaves the cloud up, as what was made is in it.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::{Args, Parser};
use neargate_api_iam::OperatorKey;
use neargate_stack::run::Stop;
use neargate_stack::state::State;

use super::Signals;
use crate::commands::stack::{Variables, apply, rng};

#[derive(Args)]
// `up` has a group of this name already.
#[group(skip)]
pub struct Options {
    /// A directory of Terraform's files to apply once the cloud is ready, as `neargate apply DIR
    /// --auto-approve` does.
    #[arg(value_name = "DIR")]
    directory: Option<PathBuf>,
    #[command(flatten)]
    variables: Variables,
}

/// An apply that waits for its cloud.
pub struct Stack {
    directory: PathBuf,
    port: u16,
    apply: apply::Options,
}

/// The words after `neargate apply`.
#[derive(Parser)]
#[command(no_binary_name = true)]
struct Words {
    #[command(flatten)]
    apply: apply::Options,
}

impl Options {
    /// The apply for a cloud on a port; none where no directory is given.
    pub fn stack(self, port: u16, operator: &OperatorKey) -> Result<Option<Stack>> {
        let Variables { var, var_file } = self.variables;
        let Some(directory) = self.directory else {
            if var.is_empty() && var_file.is_empty() {
                return Ok(None);
            }
            bail!("--var and --var-file are for the stack of a DIR, and none is given");
        };
        if !directory.is_dir() {
            bail!(
                "{} is no directory: neargate up takes one of .tf files, or none",
                directory.display()
            );
        }
        let mut words: Vec<OsString> = vec!["--auto-approve".into()];
        let mut option = |name: &str, value: OsString| {
            let mut word = OsString::from(format!("--{name}="));
            word.push(value);
            words.push(word);
        };
        option("port", port.to_string().into());
        option("access-key", operator.access_key_id.clone().into());
        option("secret-key", operator.secret_access_key.clone().into());
        var.into_iter().for_each(|var| option("var", var.into()));
        var_file.into_iter().for_each(|file| option("var-file", file.into()));
        words.extend(["--".into(), directory.clone().into()]);
        let apply = Words::try_parse_from(words)?.apply;
        Ok(Some(Stack { directory, port, apply }))
    }
}

impl Stack {
    /// Applies it. Whoever ends the process meanwhile has what is in flight end first; whether
    /// somebody did.
    pub async fn applied(self, signals: &mut Signals) -> bool {
        let stop = Stop::default();
        let applying = apply::applied(&self.apply, false, stop.clone());
        tokio::pin!(applying);
        let ended = loop {
            tokio::select! {
                ended = &mut applying => break ended,
                () = signals.next() => {
                    if stop.is_asked() {
                        eprintln!("Interrupted again: what was in flight may not be in the state.");
                        return true;
                    }
                    stop.ask();
                    eprintln!("Interrupted: what is in flight ends first, and then the cloud. Ctrl-C again ends both at once.");
                }
            }
        };
        let done = match ended {
            Ok(code) => code == ExitCode::SUCCESS,
            Err(trouble) => {
                trouble.tell();
                false
            }
        };
        match (stop.is_asked(), done) {
            (true, _) => return true,
            (_, true) => self.tell_done(),
            (_, false) => self.tell_failed(),
        }
        false
    }

    fn tell_done(&self) {
        let urls: String = self.urls().iter().map(|url| format!("    {url}\n")).collect();
        let answers = match urls.is_empty() {
            true => String::new(),
            false => format!(
                "It answers, once its tasks are healthy (neargate status --port {} shows them), at\n\n{urls}\n",
                self.port
            ),
        };
        println!(
            "\n{} is up. {answers}The cloud goes on here; Ctrl-C ends it.",
            self.directory.display()
        );
    }

    fn tell_failed(&self) {
        let (directory, port) = (self.directory.display(), self.port);
        eprintln!(
            "neargate: {directory} was not applied, or in part. The cloud goes on, and so does the apply where it has \
             ended, once what is told above is put right:\n\n    neargate apply {directory} --port {port}\n\nCtrl-C ends the cloud."
        );
    }

    /// The outputs that are URLs.
    fn urls(&self) -> Vec<String> {
        let state = rng().and_then(|rng| self.apply.place.read_state(&rng));
        state.map(|state| urls(&state)).unwrap_or_default()
    }
}

fn urls(state: &State) -> Vec<String> {
    let open = state.outputs.values().filter(|output| !output.sensitive);
    let texts = open.filter_map(|output| serde_json::from_str::<String>(output.value.get()).ok());
    texts.filter(|text| ["http://", "https://"].iter().any(|it| text.starts_with(it))).collect()
}
