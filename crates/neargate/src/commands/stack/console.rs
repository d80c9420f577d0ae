//! `neargate console`: expressions from the standard input, a line each, or more where brackets stay
//! open; what they are worth by a directory's variables and its state.

use std::io::{self, BufRead, IsTerminal, Write};
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use neargate_stack::console::{Console, is_whole};

use super::{Place, Trouble, Variables, block_on};

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    variables: Variables,
}

pub fn run(options: &Options) -> ExitCode {
    talk(options).unwrap_or_else(Trouble::tell)
}

fn talk(options: &Options) -> Result<ExitCode, Trouble> {
    options.place.enter()?;
    let mut opened = options.place.open(&options.variables)?;
    opened.applying()?;
    let state = options.place.read_state(&opened.rng)?;
    let console = block_on(Console::new(&opened.stack, state))?;
    let asks = io::stdin().is_terminal();
    let mut waiting = String::new();
    prompt(asks, &waiting)?;
    for line in io::stdin().lock().lines() {
        waiting.push_str(&line?);
        if !is_whole(&waiting) {
            waiting.push('\n');
            prompt(asks, &waiting)?;
            continue;
        }
        let text = std::mem::take(&mut waiting);
        match text.trim() {
            "" => {}
            "exit" => break,
            "help" => println!("{HELP}"),
            text => match console.evaluate(text) {
                Ok(shown) => println!("{shown}"),
                Err(problem) => {
                    eprint!("{problem}");
                    // Whoever types may try again; a script is told that it went wrong.
                    if !asks {
                        return Ok(ExitCode::FAILURE);
                    }
                }
            },
        }
        prompt(asks, &waiting)?;
    }
    Ok(ExitCode::SUCCESS)
}

const HELP: &str = "Type an expression of Terraform's language, and its value is shown: variables,\n\
                    locals, resources as the state has them, and functions. \"exit\" ends.";

fn prompt(asks: bool, waiting: &str) -> Result<()> {
    if asks {
        print!("{}", if waiting.is_empty() { "> " } else { ": " });
        io::stdout().flush()?;
    }
    Ok(())
}
