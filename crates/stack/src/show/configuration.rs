//! The configuration for machines: what is declared, and of each expression its value where that is
//! constant, and what it names where it is not.

use neargate_hcl::hcl_edit::expr::FuncCall;
use neargate_hcl::hcl_edit::visit::Visit;
use neargate_hcl::references::{Index, Part, Reference, references};
use serde_json::{Map, Value as Json, json};

use super::{mode, values};
use crate::address::{ConfigResource, ModulePath, Resource};
use crate::config::syntax::{Body, Expr};
use crate::config::{Module, ModuleCall, OutputDecl, ResourceDecl, Variable, constant};
use crate::run::{ProviderAddress, Stack};
use crate::schema::{BlockSchema, Nesting};

pub fn configuration(stack: &Stack) -> Json {
    let root = ModulePath::default();
    json!({ "provider_config": providers(stack), "root_module": module(stack, &root) })
}

/// Of every provider that a block configures, or a resource uses.
fn providers(stack: &Stack) -> Json {
    let mut told = Map::new();
    for (path, module) in &stack.config.modules {
        for block in module.providers.values() {
            let name = &block.key.name;
            let source = source(module, name);
            let address = ProviderAddress {
                module: path.clone(),
                source: source.clone(),
                alias: block.key.alias.clone(),
            };
            let mut one = provider(name, &source, &address);
            if let Some(provider) = stack.providers.get(&source) {
                let expressions = expressions(&block.body, &provider.config_schema().block);
                insert(&mut one, "expressions", expressions);
            }
            told.insert(key(stack, &address), Json::Object(one));
        }
        for (resource, decl) in &module.resources {
            let at = ConfigResource { module: path.clone(), resource: resource.clone() };
            let address = stack.provider_of(&at, decl);
            let name = local_name(stack, &address);
            let one = provider(&name, &address.source, &address);
            told.entry(key(stack, &address)).or_insert(Json::Object(one));
        }
    }
    Json::Object(told)
}

fn provider(name: &str, source: &str, at: &ProviderAddress) -> Map<String, Json> {
    let mut told = Map::new();
    told.insert("name".into(), name.into());
    told.insert("full_name".into(), source.into());
    if let Some(alias) = &at.alias {
        told.insert("alias".into(), alias.clone().into());
    }
    if !at.module.is_root() {
        told.insert("module_address".into(), at.module.to_string().into());
    }
    told
}

fn source(module: &Module, name: &str) -> String {
    let required = module.required_providers.get(name);
    required.map_or_else(|| crate::config::default_source(name), |r| r.source.clone())
}

/// What a module calls a provider.
fn local_name(stack: &Stack, at: &ProviderAddress) -> String {
    let module = stack.config.modules.get(&at.module);
    let required = module.into_iter().flat_map(|module| &module.required_providers);
    let named = required.into_iter().find(|(_, provider)| provider.source == at.source);
    let last = || at.source.rsplit('/').next().unwrap_or_default().to_owned();
    named.map_or_else(last, |(name, _)| name.clone())
}

/// `module.web:aws.west`
fn key(stack: &Stack, at: &ProviderAddress) -> String {
    let mut text = local_name(stack, at);
    if let Some(alias) = &at.alias {
        text = format!("{text}.{alias}");
    }
    if at.module.is_root() { text } else { format!("{}:{text}", at.module) }
}

fn module(stack: &Stack, path: &ModulePath) -> Json {
    let mut told = Map::new();
    let Some(module) = stack.config.modules.get(path) else { return Json::Object(told) };
    let outputs = module.outputs.iter().map(|(name, decl)| (name.clone(), output(decl)));
    insert(&mut told, "outputs", Json::Object(outputs.collect()));
    let resources = module.resources.iter().map(|(at, decl)| resource(stack, path, at, decl));
    insert(&mut told, "resources", resources.collect());
    let calls = module.calls.iter().map(|(name, of)| (name.clone(), call(stack, path, of)));
    insert(&mut told, "module_calls", Json::Object(calls.collect()));
    let variables = module.variables.iter().map(|(name, of)| (name.clone(), variable(of)));
    insert(&mut told, "variables", Json::Object(variables.collect()));
    Json::Object(told)
}

/// Puts in what is not empty.
fn insert(told: &mut Map<String, Json>, name: &str, value: Json) {
    let empty = match &value {
        Json::Array(items) => items.is_empty(),
        Json::Object(members) => members.is_empty(),
        Json::Null => true,
        _ => false,
    };
    if !empty {
        told.insert(name.to_owned(), value);
    }
}

fn output(decl: &OutputDecl) -> Json {
    let mut told = Map::new();
    told.insert("expression".into(), expression(&decl.value));
    if decl.sensitive {
        told.insert("sensitive".into(), true.into());
    }
    insert(&mut told, "description", json!(decl.description));
    insert(&mut told, "depends_on", texts(&decl.depends_on));
    Json::Object(told)
}

fn texts(exprs: &[Expr]) -> Json {
    exprs.iter().map(Expr::text).collect()
}

fn variable(of: &Variable) -> Json {
    let mut told = Map::new();
    if let Some(default) = &of.default {
        told.insert("default".into(), values::known(default).unwrap_or(Json::Null));
    }
    insert(&mut told, "description", json!(of.description));
    if of.sensitive {
        told.insert("sensitive".into(), true.into());
    }
    Json::Object(told)
}

fn resource(stack: &Stack, path: &ModulePath, at: &Resource, decl: &ResourceDecl) -> Json {
    let address = ConfigResource { module: path.clone(), resource: at.clone() };
    let provider = stack.provider_of(&address, decl);
    let mut told = Map::new();
    told.insert("address".into(), at.to_string().into());
    told.insert("mode".into(), mode(at.mode).into());
    told.insert("type".into(), at.of_type.clone().into());
    told.insert("name".into(), at.name.clone().into());
    told.insert("provider_config_key".into(), key(stack, &provider).into());
    if let Ok(schema) = stack.schema(&provider, at) {
        insert(&mut told, "expressions", expressions(&decl.body, &schema.block));
        told.insert("schema_version".into(), schema.version.into());
    }
    repeated(&mut told, decl.count.as_ref(), decl.for_each.as_ref());
    insert(&mut told, "depends_on", texts(&decl.depends_on));
    Json::Object(told)
}

fn repeated(told: &mut Map<String, Json>, count: Option<&Expr>, for_each: Option<&Expr>) {
    for (name, expr) in [("count_expression", count), ("for_each_expression", for_each)] {
        insert(told, name, expr.map_or(Json::Null, expression));
    }
}

fn call(stack: &Stack, path: &ModulePath, of: &ModuleCall) -> Json {
    let mut told = Map::new();
    told.insert("source".into(), of.source.clone().into());
    let inputs = of.inputs.attributes.iter().map(|a| (a.name.clone(), expression(&a.expr)));
    insert(&mut told, "expressions", Json::Object(inputs.collect()));
    repeated(&mut told, of.count.as_ref(), of.for_each.as_ref());
    told.insert("module".into(), module(stack, &path.child(&of.name)));
    insert(&mut told, "depends_on", texts(&of.depends_on));
    Json::Object(told)
}

/// Of a body, by its schema. Dynamic blocks are left out, as Terraform leaves them out.
fn expressions(body: &Body, schema: &BlockSchema) -> Json {
    let mut told = Map::new();
    for attribute in &body.attributes {
        if schema.attributes.contains_key(&attribute.name) {
            told.insert(attribute.name.clone(), expression(&attribute.expr));
        }
    }
    for (name, nested) in &schema.blocks {
        let mut blocks = body.blocks_of(name).map(|block| expressions(&block.body, &nested.block));
        let value = match nested.nesting {
            Nesting::Single => blocks.next().unwrap_or(Json::Null),
            Nesting::List | Nesting::Set => blocks.collect(),
        };
        insert(&mut told, name, value);
    }
    Json::Object(told)
}

fn expression(expr: &Expr) -> Json {
    let names: Vec<String> = references(&expr.syntax).iter().flat_map(prefixes).collect();
    if !names.is_empty() {
        return json!({ "references": names });
    }
    let mut calls = Calls::default();
    calls.visit_expr(&expr.syntax);
    match constant(expr).ok().filter(|_| !calls.any).and_then(|value| values::known(&value)) {
        Some(Json::Null) | None => json!({}),
        Some(known) => json!({ "constant_value": known }),
    }
}

/// Whether functions are called: what they give is told by a plan alone.
#[derive(Default)]
struct Calls {
    any: bool,
}

impl Visit for Calls {
    fn visit_func_call(&mut self, _call: &FuncCall) {
        self.any = true;
    }
}

/// What a reference names, and everything before it that can be named: `a.b.id`, `a.b`.
fn prefixes(reference: &Reference) -> Vec<String> {
    let mut names = vec![reference.root.clone()];
    for part in &reference.steps {
        let before = names.last().cloned().unwrap_or_default();
        match part {
            Part::Attribute(name) => names.push(format!("{before}.{name}")),
            Part::Index(Index::Key(key)) => names.push(format!("{before}[{key:?}]")),
            Part::Index(Index::Number(index)) => names.push(format!("{before}[{index}]")),
            Part::Dynamic => break,
        }
    }
    // The first names that mean something: a resource has a type and a name, and so on.
    let first = if reference.root == "data" { 2 } else { 1 };
    let mut found: Vec<String> = names.into_iter().skip(first).collect();
    found.reverse();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let syntax = neargate_hcl::hcl_edit::parser::parse_expr(text).unwrap();
        references(&syntax).iter().flat_map(prefixes).collect()
    }

    #[test]
    fn a_reference_is_told_with_what_it_is_of() {
        assert_eq!(told("data.a.b[0].id"), ["data.a.b[0].id", "data.a.b[0]", "data.a.b"]);
        assert_eq!(
            told("module.m[\"k\"].out"),
            ["module.m[\"k\"].out", "module.m[\"k\"]", "module.m"]
        );
        assert_eq!(told("a.b[count.index].id"), ["a.b", "count.index"]);
        assert_eq!(told("[var.x, each.key]"), ["var.x", "each.key"]);
    }
}
