//! `validate`: everything that can be told without a state or a provider's answers.

use std::path::Path;
use std::sync::Arc;

use neargate_hcl::{Diagnostic, Range, Value};
use serde_json::{Value as Json, json};

use crate::address::{ConfigResource, ResourceInstance};
use crate::config::load;
use crate::eval::{Evaluator, OutsideHandle, Purpose};
use crate::graph::{Graph, Node};
use crate::provider::Providers;
use crate::run::Stack;
use crate::schema::decode::decode;

/// What is wrong with the configuration in a directory, or worth a warning.
pub fn validate(
    directory: &Path,
    providers: &Providers,
    outside: OutsideHandle,
) -> Vec<Diagnostic> {
    let config = match load(directory) {
        Ok(config) => Arc::new(config),
        Err(problems) => return problems,
    };
    let graph = match Graph::of(&config) {
        Ok(graph) => graph,
        Err(problems) => return problems,
    };
    let mut problems = config.warnings.clone();
    let stack =
        Stack { config, graph, providers: providers.clone(), inputs: Default::default(), outside };
    values(&stack, &mut problems);
    problems
}

/// Evaluates everything once, with what is not known yet unknown.
fn values(stack: &Stack, problems: &mut Vec<Diagnostic>) {
    let evaluator = Evaluator::new(
        stack.config.clone(),
        Purpose::Validate,
        stack.inputs.clone(),
        stack.outside.clone(),
    );
    for node in stack.graph.order() {
        match &node {
            Node::Resource(at) => resource(stack, &evaluator, at, problems),
            node => problems.extend(evaluator.visit(node)),
        }
    }
}

fn resource(
    stack: &Stack,
    evaluator: &Evaluator,
    at: &ConfigResource,
    problems: &mut Vec<Diagnostic>,
) {
    let Some(decl) = stack.config.resource(at) else { return };
    let place = stack.provider_of(at, decl);
    let schema = match stack.schema(&place, &at.resource) {
        Ok(schema) => schema,
        Err(told) => {
            let placed = |p: Diagnostic| {
                crate::config::syntax::in_context(p.at(decl.range.clone()), &decl.body.context)
            };
            return problems.extend(told.into_iter().map(placed));
        }
    };
    let modules = evaluator.world().instances(&at.module);
    for (module, _) in modules {
        let expansion =
            match evaluator.expansion(decl.count.as_ref(), decl.for_each.as_ref(), &module) {
                Ok(expansion) => expansion,
                Err(error) => return problems.push(error),
            };
        let mut told = Vec::new();
        // One stands for all: they differ in values only.
        for (key, repetition) in expansion.instances().into_iter().take(1) {
            let config = evaluator.with_scope(&module, &repetition, None, |scope| {
                decode(&decl.body, &schema.block, scope, &mut told)
            });
            let address =
                ResourceInstance { module: module.clone(), resource: at.resource.clone(), key };
            if let (true, Ok(provider)) = (told.is_empty(), stack.provider(&place.source)) {
                let plain = config.unmark_deep().0;
                told.extend(provider.validate(at.resource.mode, &at.resource.of_type, &plain));
            }
            let about = |p: Diagnostic| {
                let placed =
                    p.of(address.config().to_string()).at_if_unplaced(|| decl.range.clone());
                crate::config::syntax::in_context(placed, &decl.body.context)
            };
            problems.extend(told.drain(..).map(about));
        }
        let value = match expansion {
            crate::eval::world::Expansion::Single => Value::unknown(schema.block.ty()),
            _ => Value::unknown(neargate_hcl::Type::Dynamic),
        };
        evaluator.world().module_mut(&module).resources.insert(at.resource.clone(), value);
    }
}

/// The whole result, in the form of `terraform validate -json`.
pub fn to_json(problems: &[Diagnostic]) -> Json {
    let errors = problems.iter().filter(|problem| problem.is_error()).count();
    json!({
        "format_version": "1.0",
        "valid": errors == 0,
        "error_count": errors,
        "warning_count": problems.len() - errors,
        "diagnostics": problems.iter().map(diagnostic).collect::<Vec<Json>>(),
    })
}

/// One problem, in Terraform's form.
pub fn diagnostic(problem: &Diagnostic) -> Json {
    let severity = if problem.is_error() { "error" } else { "warning" };
    let mut told =
        json!({"severity": severity, "summary": problem.summary, "detail": problem.detail});
    if let Some(address) = &problem.address {
        told["address"] = address.as_str().into();
    }
    if let Some(range) = &problem.range {
        told["range"] = json!({
            "filename": range.source.name,
            "start": position(range, range.bytes.start),
            "end": position(range, range.bytes.end),
        });
        told["snippet"] = snippet(problem, range);
    }
    told
}

fn position(range: &Range, byte: usize) -> Json {
    let at = Range::new(&range.source, byte..byte);
    json!({"line": at.line(), "column": at.column(), "byte": byte})
}

fn snippet(problem: &Diagnostic, range: &Range) -> Json {
    let text = &range.source.text;
    let start = text[..range.bytes.start.min(text.len())].rfind('\n').map_or(0, |at| at + 1);
    let end = text[range.bytes.end.min(text.len())..]
        .find('\n')
        .map_or(text.len(), |at| range.bytes.end + at);
    let context = problem.context.as_ref().map_or(Json::Null, |context| context.to_string().into());
    let values: Vec<Json> = problem
        .values
        .iter()
        .map(|told| match told.split_once(' ') {
            Some((name, statement)) => json!({"traversal": name, "statement": statement}),
            None => json!({"traversal": told, "statement": ""}),
        })
        .collect();
    json!({
        "context": context,
        "code": text[start..end],
        "start_line": range.line(),
        "highlight_start_offset": range.bytes.start - start,
        "highlight_end_offset": range.bytes.end.min(end) - start,
        "values": values,
    })
}
