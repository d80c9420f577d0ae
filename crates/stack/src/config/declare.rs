//! Blocks into declarations: one module of all of its files, each name once.

use neargate_hcl::{Diagnostic, Value};

use super::content::{
    BAD_NAME, Content, check_labels, is_name, unsupported_argument, unsupported_block,
};
use super::syntax::{Attribute, Block, Body, Expr, place};
use super::{Check, Condition, Module, OutputDecl, constant};
use super::{import, module_call, refactor, resource, terraform, variable};
use crate::address::{Mode, Resource};

/// What stands at the top of a file, with the names of its labels.
const TOP: [(&str, &[&str]); 13] = [
    ("terraform", &[]),
    ("provider", &["name"]),
    ("variable", &["name"]),
    ("locals", &[]),
    ("output", &["name"]),
    ("module", &["name"]),
    ("resource", &["type", "name"]),
    ("data", &["type", "name"]),
    ("ephemeral", &["type", "name"]),
    ("moved", &[]),
    ("removed", &[]),
    ("import", &[]),
    ("check", &["name"]),
];

pub fn check_top(body: &Body, problems: &mut Vec<Diagnostic>) {
    for Attribute { name, name_range, .. } in &body.attributes {
        let error = unsupported_argument(name, std::iter::empty(), std::iter::empty());
        problems.push(error.at(name_range.clone()));
    }
    for block in &body.blocks {
        match TOP.iter().find(|(kind, _)| *kind == block.kind) {
            Some((_, labels)) => check_labels(block, labels, problems),
            None => problems.push(unsupported_block(block, TOP.iter().map(|top| top.0))),
        }
    }
}

/// Declares everything of one block in its module.
pub fn declare(block: &Block, module: &mut Module, problems: &mut Vec<Diagnostic>) {
    let labels = TOP.iter().find(|(kind, _)| *kind == block.kind).map(|top| top.1);
    if labels.is_none_or(|labels| labels.len() != block.labels.len()) {
        return; // already told
    }
    match block.kind.as_str() {
        "terraform" => terraform::settings(block, module, problems),
        "provider" => terraform::provider(block, module, problems),
        "variable" => declare_variable(block, module, problems),
        "locals" => declare_locals(block, module, problems),
        "output" => declare_output(block, module, problems),
        "module" => declare_call(block, module, problems),
        "resource" => {
            declare_resource(block, Mode::Managed, module, problems);
        }
        "data" => {
            declare_resource(block, Mode::Data, module, problems);
        }
        "moved" => module.moved.extend(refactor::moved(block, problems)),
        "removed" => module.removed.extend(refactor::removed(block, problems)),
        "import" => module.imports.extend(import::import(block, problems)),
        "check" => declare_check(block, module, problems),
        _ => problems.push(block.error(
            "Ephemeral resources are not supported",
            "Neargate has no ephemeral resources yet. Read the value with a data source, and mark what is made of it as sensitive.",
        )),
    }
}

fn declare_variable(block: &Block, module: &mut Module, problems: &mut Vec<Diagnostic>) {
    let name = block.label(0);
    if let Some(first) = module.variables.get(name) {
        let detail = format!(
            "A variable named {name:?} was already declared at {}. Variable names must be unique within a module.",
            place(&first.range)
        );
        problems.push(unplaced(block, "Duplicate variable declaration", detail));
        return;
    }
    check_name(block, 0, "Invalid variable name", problems);
    let declared = variable::variable(block, problems);
    module.variables.insert(declared.name.clone(), declared);
}

fn declare_locals(block: &Block, module: &mut Module, problems: &mut Vec<Diagnostic>) {
    for inner in &block.body.blocks {
        problems.push(unsupported_block(inner, std::iter::empty()));
    }
    for Attribute { name, name_range, expr } in &block.body.attributes {
        if let Some(first) = module.locals.get(name) {
            let detail = format!(
                "A local value named {name:?} was already defined at {}. Local value names must be unique within a module.",
                place(&first.range())
            );
            let error = Diagnostic::error("Duplicate local value definition", detail);
            problems.push(error.at(name_range.clone()).in_block("locals"));
            continue;
        }
        module.locals.insert(name.clone(), expr.clone());
    }
}

const OUTPUT: Content = Content {
    arguments: &["description", "sensitive", "depends_on", "ephemeral"],
    required: &["value"],
    blocks: &[("precondition", &[])],
};

fn declare_output(block: &Block, module: &mut Module, problems: &mut Vec<Diagnostic>) {
    let name = block.label(0);
    let body = &block.body;
    if let Some(first) = module.outputs.get(name) {
        let detail = format!(
            "An output named {name:?} was already defined at {}. Output names must be unique within a module.",
            place(&first.range)
        );
        problems.push(unplaced(block, "Duplicate output definition", detail));
        return;
    }
    check_name(block, 0, "Invalid output name", problems);
    OUTPUT.check(body, problems);
    if flag(body, "ephemeral", false, problems) {
        problems.push(block.error(
            "Ephemeral outputs are not supported",
            "Neargate keeps no ephemeral values yet. Use sensitive = true.",
        ));
    }
    let Some(value) = body.expr("value") else { return };
    let output = OutputDecl {
        value: value.clone(),
        description: text(body, "description", problems),
        sensitive: flag(body, "sensitive", false, problems),
        depends_on: static_list(body, "depends_on", problems),
        preconditions: conditions(body, "precondition", problems),
        range: block.header.clone(),
    };
    module.outputs.insert(name.to_owned(), output);
}

fn declare_call(block: &Block, module: &mut Module, problems: &mut Vec<Diagnostic>) {
    let name = block.label(0);
    if let Some(first) = module.calls.get(name) {
        let detail = format!(
            "A module call named {name:?} was already defined at {}. Module calls must have unique names within a module.",
            place(&first.range)
        );
        problems.push(unplaced(block, "Duplicate module call", detail));
        return;
    }
    check_name(block, 0, "Invalid module instance name", problems);
    if let Some(call) = module_call::call(block, problems) {
        module.calls.insert(call.name.clone(), call);
    }
}

/// Declares a `resource` or `data` block, and tells its name.
fn declare_resource(
    block: &Block,
    mode: Mode,
    module: &mut Module,
    problems: &mut Vec<Diagnostic>,
) -> Option<Resource> {
    let (of_type, name) = (block.label(0), block.label(1));
    let at = Resource { mode, of_type: of_type.to_owned(), name: name.to_owned() };
    let noun = if mode == Mode::Data { "data" } else { "resource" };
    if let Some(first) = module.resources.get(&at) {
        let (what, noun) = match mode {
            Mode::Data => (format!("{of_type} data resource"), "data"),
            Mode::Managed => (format!("{of_type} resource"), "resource"),
        };
        let detail = format!(
            "A {what} named {name:?} was already declared at {}. Resource names must be unique per type in each module.",
            place(&first.range)
        );
        let summary = format!("Duplicate {noun} {of_type:?} configuration");
        problems.push(unplaced(block, &summary, detail));
        return None;
    }
    check_name(block, 0, &format!("Invalid {noun} type name"), problems);
    check_name(block, 1, &format!("Invalid {noun} name"), problems);
    let declared = resource::resource(block, mode, problems);
    module.resources.insert(at.clone(), declared);
    Some(at)
}

const CHECK: Content = Content {
    arguments: &[],
    required: &[],
    blocks: &[("data", &["type", "name"]), ("assert", &[])],
};

fn declare_check(block: &Block, module: &mut Module, problems: &mut Vec<Diagnostic>) {
    let name = block.label(0);
    CHECK.check(&block.body, problems);
    if let Some(first) = module.checks.get(name) {
        let detail = format!(
            "A check block named {name:?} was already declared at {}. Check blocks must be unique within each module.",
            place(&first.range)
        );
        problems.push(unplaced(block, "Duplicate check block configuration", detail));
        return;
    }
    let asserts = conditions(&block.body, "assert", problems);
    if asserts.is_empty() {
        let detail = "Check blocks must have at least one assert block.";
        problems.push(unplaced(block, "Zero assert blocks", detail.to_owned()));
    }
    let mut data = None;
    for inner in block.body.blocks_of("data") {
        if inner.labels.len() == 2 {
            data = declare_resource(inner, Mode::Data, module, problems);
        }
    }
    module.checks.insert(name.to_owned(), Check { asserts, data, range: block.header.clone() });
}

fn check_name(block: &Block, label: usize, summary: &str, problems: &mut Vec<Diagnostic>) {
    if !is_name(block.label(label)) {
        let at = block.labels[label].range.clone();
        problems.push(block.error(summary, BAD_NAME).at(at));
    }
}

/// Of a block as such: its place says which it is.
fn unplaced(block: &Block, summary: &str, detail: String) -> Diagnostic {
    Diagnostic::error(summary, detail).at(block.header.clone())
}

const CONDITION: Content =
    Content { arguments: &[], required: &["condition", "error_message"], blocks: &[] };

/// The blocks of a kind that say what must hold, and what is told where it does not.
pub fn conditions(body: &Body, kind: &str, problems: &mut Vec<Diagnostic>) -> Vec<Condition> {
    let mut found = Vec::new();
    for block in body.blocks_of(kind) {
        CONDITION.check(&block.body, problems);
        if let (Some(condition), Some(error_message)) =
            (block.body.expr("condition"), block.body.expr("error_message"))
        {
            found.push(Condition {
                condition: condition.clone(),
                error_message: error_message.clone(),
                range: block.header.clone(),
            });
        }
    }
    found
}

/// An argument that is written as `true` or `false`, or is not there.
pub fn flag(body: &Body, name: &str, default: bool, problems: &mut Vec<Diagnostic>) -> bool {
    match constant_of(body, name, problems) {
        None => default,
        Some((value, expr)) => value.as_bool().unwrap_or_else(|| {
            let detail =
                format!("Unsuitable value: a bool is required, not {}", value.ty().friendly());
            problems.push(expr.error("Unsuitable value type", detail));
            default
        }),
    }
}

/// An argument that is written as a text, or is not there.
pub fn text(body: &Body, name: &str, problems: &mut Vec<Diagnostic>) -> Option<String> {
    let (value, expr) = constant_of(body, name, problems)?;
    let text = value.as_str().map(str::to_owned);
    if text.is_none() {
        problems.push(expr.error("Unsuitable value type", "Unsuitable value: string required"));
    }
    text
}

fn constant_of<'a>(
    body: &'a Body,
    name: &str,
    problems: &mut Vec<Diagnostic>,
) -> Option<(Value, &'a Expr)> {
    let expr = body.expr(name)?;
    match constant(expr) {
        Ok(value) => Some((value, expr)),
        Err(error) => {
            problems.push(error);
            None
        }
    }
}

/// The items of an argument such as `depends_on`.
pub fn static_list(body: &Body, name: &str, problems: &mut Vec<Diagnostic>) -> Vec<Expr> {
    let Some(expr) = body.expr(name) else { return Vec::new() };
    expr.static_list().unwrap_or_else(|error| {
        problems.push(error);
        Vec::new()
    })
}
