//! `module` blocks.

use neargate_hcl::Diagnostic;

use super::content::missing_argument;
use super::declare::{static_list, text};
use super::syntax::{Block, Body};
use super::terraform::provider_map;
use super::{ModuleCall, syntax};

/// What is not an input of the module.
const META: [&str; 6] = ["source", "version", "count", "for_each", "depends_on", "providers"];

pub fn call(block: &Block, problems: &mut Vec<Diagnostic>) -> Option<ModuleCall> {
    let body = &block.body;
    let Some(source) = body.attribute("source") else {
        problems.push(missing_argument(body, "source"));
        return None;
    };
    let path = text(body, "source", problems)?;
    check_both(body, "resources to be created", problems);
    if !is_local(&path) {
        problems.push(foreign(&path, source));
        return None;
    }
    if let Some(version) = body.attribute("version") {
        problems.push(syntax::in_context(
            Diagnostic::error(
                "Invalid registry module source address",
                format!("A version belongs to a module of a registry, and {path:?} is a directory. Leave the version out."),
            )
            .at(version.range()),
            &body.context,
        ));
    }
    let mut inputs = body.clone();
    inputs.attributes.retain(|attribute| !META.contains(&attribute.name.as_str()));
    Some(ModuleCall {
        name: block.label(0).to_owned(),
        source: path,
        source_range: source.range(),
        count: body.expr("count").cloned(),
        for_each: body.expr("for_each").cloned(),
        depends_on: static_list(body, "depends_on", problems),
        providers: body.expr("providers").map(|e| provider_map(e, problems)).unwrap_or_default(),
        inputs,
        range: block.header.clone(),
    })
}

/// At most one of `count` and `for_each`.
pub fn check_both(body: &Body, what: &str, problems: &mut Vec<Diagnostic>) {
    if let (Some(_), Some(for_each)) = (body.attribute("count"), body.attribute("for_each")) {
        let detail = format!(
            "The \"count\" and \"for_each\" meta-arguments are mutually-exclusive, only one should be used to be explicit about the number of {what}."
        );
        let error = Diagnostic::error("Invalid combination of \"count\" and \"for_each\"", detail)
            .at(for_each.name_range.clone());
        problems.push(syntax::in_context(error, &body.context));
    }
}

fn is_local(source: &str) -> bool {
    source.starts_with("./") || source.starts_with("../")
}

fn foreign(path: &str, source: &syntax::Attribute) -> Diagnostic {
    let detail = if std::path::Path::new(path).is_relative()
        && path.split('/').count() < 3
        && !path.contains(':')
    {
        format!(
            "The source {path:?} is no address of a module. To refer to a local directory, start it with \"./\" or \"../\"."
        )
    } else {
        format!(
            "Neargate fetches no modules, and {path:?} is not a directory beside this one. Copy the module into your repository (git clone, or terraform get and .terraform/modules), and give its path, starting with \"./\" or \"../\"."
        )
    };
    let error = Diagnostic::error("Module source is not a local directory", detail);
    syntax::in_context(error.at(source.range()), &source.expr.context)
}
