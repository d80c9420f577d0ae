//! `terraform` and `provider` blocks.

mod version;

use std::fmt::{self, Display, Formatter};

use hcl_edit::expr::{Expression, ObjectKey};
use neargate_hcl::{Diagnostic, Range};

use super::content::{Content, unsupported_argument};
use super::declare::text;
use super::syntax::{Attribute, Block, Body, Expr, place};
use super::{Module, constant};
use crate::state::TERRAFORM_VERSION;
use version::{Constraint, Version};

/// The version of AWS's provider whose schemas and behaviour ours are.
const AWS_VERSION: &str = "5.100.0";

/// A provider's configuration by its names: `aws`, or `aws.west`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderKey {
    pub name: String,
    pub alias: Option<String>,
}

impl ProviderKey {
    pub fn default_of(name: &str) -> ProviderKey {
        ProviderKey { name: name.to_owned(), alias: None }
    }

    fn parse(text: &str) -> Option<ProviderKey> {
        let named = |name: &str| super::content::is_name(name);
        match text.split_once('.') {
            None if named(text) => Some(ProviderKey::default_of(text)),
            Some((name, alias)) if named(name) && named(alias) => {
                Some(ProviderKey { name: name.to_owned(), alias: Some(alias.to_owned()) })
            }
            _ => None,
        }
    }
}

impl Display for ProviderKey {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.alias {
            None => f.write_str(&self.name),
            Some(alias) => write!(f, "{}.{alias}", self.name),
        }
    }
}

#[derive(Clone, Debug)]
pub struct ProviderConfig {
    pub key: ProviderKey,
    /// What the provider itself is told.
    pub body: Body,
    pub range: Range,
}

#[derive(Clone, Debug)]
pub struct RequiredProvider {
    /// Whole: `registry.terraform.io/hashicorp/aws`.
    pub source: String,
    pub aliases: Vec<ProviderKey>,
    pub range: Range,
}

/// The address of the provider that a local name means where nothing else is said.
pub fn default_source(name: &str) -> String {
    match name {
        "terraform" => "terraform.io/builtin/terraform".to_owned(),
        _ => format!("registry.terraform.io/hashicorp/{name}"),
    }
}

const SETTINGS: Content = Content {
    arguments: &["required_version", "experiments", "language"],
    required: &[],
    blocks: &[
        ("required_providers", &[]),
        ("backend", &["type"]),
        ("cloud", &[]),
        ("provider_meta", &["provider"]),
    ],
};

pub fn settings(block: &Block, module: &mut Module, problems: &mut Vec<Diagnostic>) {
    let body = &block.body;
    SETTINGS.check(body, problems);
    if let Some(wanted) = text(body, "required_version", problems)
        && let Some(attribute) = body.attribute("required_version")
    {
        let detail = format!(
            "This configuration does not support Terraform version {TERRAFORM_VERSION}, which Neargate behaves as. To proceed, update this version constraint. Version constraints are normally set for good reason, so updating the constraint may lead to other errors or unexpected behavior."
        );
        let check = (wanted.as_str(), TERRAFORM_VERSION);
        check_version(
            check,
            &attribute.expr,
            "Unsupported Terraform Core version",
            detail,
            problems,
        );
    }
    for inner in &body.blocks {
        match inner.kind.as_str() {
            "required_providers" => required_providers(&inner.body, module, problems),
            "backend" if inner.label(0) == "local" => module.local_backend = Some(inner.body.clone()),
            "backend" => problems.push(inner.error(
                "Unsupported backend type",
                format!(
                    "Neargate keeps the state in a file beside the configuration, and has no backend {:?}. Leave the block out, or write backend \"local\" {{}}.",
                    inner.label(0)
                ),
            )),
            "cloud" => problems.push(inner.error(
                "HCP Terraform is not supported",
                "Neargate keeps the state in a file beside the configuration. Leave the cloud block out.",
            )),
            _ => {}
        }
    }
}

fn check_version(
    (wanted, ours): (&str, &str),
    at: &Expr,
    summary: &str,
    detail: String,
    problems: &mut Vec<Diagnostic>,
) {
    let version = Version::parse(ours).expect("our own version is one");
    match Constraint::parse(wanted) {
        None => problems.push(at.error(
            "Invalid version constraint",
            "This string does not use correct version constraint syntax.",
        )),
        Some(constraint) if !constraint.allows(&version) => {
            problems.push(at.error(summary, detail))
        }
        Some(_) => {}
    }
}

fn required_providers(body: &Body, module: &mut Module, problems: &mut Vec<Diagnostic>) {
    for Attribute { name, expr, .. } in &body.attributes {
        let mut required = RequiredProvider {
            source: default_source(name),
            aliases: Vec::new(),
            range: expr.range(),
        };
        let mut version = None;
        match &*expr.syntax {
            Expression::Object(object) => {
                for (key, value) in object.iter() {
                    let part = expr.part(value.expr());
                    let key = key_text(key);
                    match key.as_str() {
                        "source" => match constant(&part) {
                            Ok(value) => source(&value, &part, &mut required, problems),
                            Err(error) => problems.push(error),
                        },
                        "version" => version = Some(part),
                        "configuration_aliases" => aliases(&part, &mut required, problems),
                        other => {
                            let known = ["source", "version", "configuration_aliases"];
                            let error =
                                unsupported_argument(other, known.into_iter(), [].into_iter());
                            problems.push(error.at(part.range()));
                        }
                    }
                }
            }
            _ => version = Some(expr.clone()),
        }
        if let Some(part) = version {
            provider_version(&required, &part, problems);
        }
        module.required_providers.insert(name.clone(), required);
    }
}

fn source(
    value: &neargate_hcl::Value,
    part: &Expr,
    required: &mut RequiredProvider,
    problems: &mut Vec<Diagnostic>,
) {
    let parts: Vec<&str> = value.as_str().unwrap_or_default().split('/').collect();
    match parts.as_slice() {
        [namespace, name] => required.source = format!("registry.terraform.io/{namespace}/{name}"),
        [host, namespace, name] => required.source = format!("{host}/{namespace}/{name}"),
        _ => problems.push(part.error(
            "Invalid provider source string",
            "The \"source\" attribute must be in the format \"[hostname/][namespace/]name\"",
        )),
    }
}

fn provider_version(required: &RequiredProvider, part: &Expr, problems: &mut Vec<Diagnostic>) {
    let value = match constant(part) {
        Ok(value) => value,
        Err(error) => return problems.push(error),
    };
    let wanted = value.as_str().unwrap_or_default();
    if required.source.ends_with("/hashicorp/aws") {
        let detail = format!(
            "Neargate behaves as version {AWS_VERSION} of the AWS provider, which {wanted:?} does not allow. Allow it, such as by \">= 5.0\"."
        );
        let check = (wanted, AWS_VERSION);
        check_version(check, part, "Unsupported provider version", detail, problems);
    }
}

fn aliases(part: &Expr, required: &mut RequiredProvider, problems: &mut Vec<Diagnostic>) {
    match part.static_list() {
        Ok(items) => {
            required
                .aliases
                .extend(items.iter().filter_map(|item| ProviderKey::parse(&item.text())));
        }
        Err(error) => problems.push(error),
    }
}

fn key_text(key: &ObjectKey) -> String {
    match key {
        ObjectKey::Ident(name) => name.as_str().to_owned(),
        ObjectKey::Expression(Expression::String(text)) => text.as_str().to_owned(),
        ObjectKey::Expression(Expression::Variable(name)) => name.as_str().to_owned(),
        ObjectKey::Expression(_) => String::new(),
    }
}

pub fn provider(block: &Block, module: &mut Module, problems: &mut Vec<Diagnostic>) {
    let name = block.label(0).to_owned();
    let key = ProviderKey { name: name.clone(), alias: text(&block.body, "alias", problems) };
    if let Some(first) = module.providers.get(&key) {
        let at = place(&first.range);
        let (summary, detail) = match &key.alias {
            None => (
                "Duplicate provider configuration",
                format!(
                    "A default (non-aliased) provider configuration for {name:?} was already given at {at}. If multiple configurations are required, set the \"alias\" argument for alternative configurations."
                ),
            ),
            Some(alias) => (
                "Duplicate provider configuration",
                format!(
                    "A provider configuration for {name:?} with alias {alias:?} was already given at {at}. Each configuration for the same provider must have a distinct alias."
                ),
            ),
        };
        problems.push(Diagnostic::error(summary, detail).at(block.header.clone()));
        return;
    }
    let mut body = block.body.clone();
    body.attributes.retain(|attribute| !matches!(attribute.name.as_str(), "alias" | "version"));
    module.providers.insert(key.clone(), ProviderConfig { key, body, range: block.header.clone() });
}

/// The argument `provider` of a resource: `aws.west`.
pub fn provider_ref(expr: &Expr, problems: &mut Vec<Diagnostic>) -> Option<ProviderKey> {
    let text = match &*expr.syntax {
        Expression::String(text) => text.as_str().to_owned(),
        _ => expr.text(),
    };
    let key = ProviderKey::parse(&text);
    if key.is_none() {
        problems.push(expr.error(
            "Invalid provider configuration reference",
            "Provider configuration addresses must be a provider name, with the alias of a configuration behind a dot, such as aws.west.",
        ));
    }
    key
}

/// The argument `providers` of a module call.
pub fn provider_map(
    expr: &Expr,
    problems: &mut Vec<Diagnostic>,
) -> Vec<(ProviderKey, ProviderKey)> {
    let Expression::Object(object) = &*expr.syntax else {
        problems.push(expr.error("Invalid expression", "A static map expression is required."));
        return Vec::new();
    };
    let mut found = Vec::new();
    for (key, value) in object.iter() {
        let inner = match key {
            ObjectKey::Ident(name) => ProviderKey::parse(name.as_str()),
            ObjectKey::Expression(syntax) => ProviderKey::parse(&expr.part(syntax).text()),
        };
        let outer = provider_ref(&expr.part(value.expr()), problems);
        match (inner, outer) {
            (Some(inner), Some(outer)) => found.push((inner, outer)),
            (None, _) => problems.push(expr.error(
                "Invalid provider configuration reference",
                "The keys of this map are names of providers in the module, such as aws or aws.west.",
            )),
            _ => {}
        }
    }
    found
}
