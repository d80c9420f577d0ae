//! `neargate graph`: what comes before what, for Graphviz: `neargate graph | dot -Tsvg`.

use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use neargate_stack::config::load;
use neargate_stack::graph::{Graph, Node};

use super::{Place, Trouble};

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    place: Place,
}

pub fn run(options: &Options) -> ExitCode {
    match graph(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => trouble.tell(),
    }
}

/// Resources alone, as Terraform has it: an arrow points to what is needed.
fn graph(options: &Options) -> Result<(), Trouble> {
    options.place.enter()?;
    let config = load(Path::new(".")).map_err(Trouble::Problems)?;
    let graph = Graph::of(&config).map_err(Trouble::Problems)?;
    let resources = graph.needs.keys().filter(|node| matches!(node, Node::Resource(_)));
    println!(
        "digraph G {{\n  rankdir = \"RL\";\n  node [shape = rect, fontname = \"sans-serif\"];"
    );
    for node in resources {
        let Node::Resource(of) = node else { continue };
        println!("  {:?};", node.to_string());
        for needed in graph.resources_before(of) {
            println!("  {:?} -> {:?};", node.to_string(), Node::Resource(needed).to_string());
        }
    }
    println!("}}");
    Ok(())
}
