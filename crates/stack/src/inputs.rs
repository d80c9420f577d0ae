//! The values of the root's variables: defaults, the environment, files and the command line, the
//! later of which win, as Terraform has it.
//!
//! ```text
//! default < TF_VAR_name < terraform.tfvars < *.auto.tfvars < -var and -var-file in their order
//! ```
//!
//! Source: "Variable Definition Precedence" in Terraform's documentation.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use neargate_hcl::{Diagnostic, Source, Value, convert};

use crate::config::syntax::{self, Expr, place};
use crate::config::{Config, Variable};
use crate::eval::constant;
use crate::schema::decode::told;

/// An option of the command line.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// `-var name=value`
    Var(String),
    /// `-var-file path`
    File(PathBuf),
}

/// Where values come from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The environment's variables, `TF_VAR_` ones or not.
    pub environment: Vec<(String, String)>,
    pub given: Vec<Given>,
}

struct Found {
    value: Value,
    expr: Option<Expr>,
}

/// The value of each variable, and warnings.
pub type Inputs = (BTreeMap<String, Value>, Vec<Diagnostic>);

/// The value of each of the root's variables, with warnings; or everything that is wrong.
pub fn inputs(
    config: &Config,
    directory: &Path,
    sources: &Sources,
) -> Result<Inputs, Vec<Diagnostic>> {
    let mut reader = Reader {
        variables: &config.root().variables,
        found: BTreeMap::new(),
        problems: Vec::new(),
    };
    reader.environment(&sources.environment);
    for file in files(directory) {
        reader.file(&file, true);
    }
    for given in &sources.given {
        match given {
            Given::Var(text) => reader.option(text),
            Given::File(path) => reader.file(path, false),
        }
    }
    let values = reader.values();
    let problems = reader.problems;
    if problems.iter().any(Diagnostic::is_error) { Err(problems) } else { Ok((values, problems)) }
}

/// The files that are read without being named, in their order.
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut automatic: Vec<PathBuf> = fs::read_dir(directory)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with(".auto.tfvars"))
        .collect();
    automatic.sort();
    let first = directory.join("terraform.tfvars");
    first.is_file().then_some(first).into_iter().chain(automatic).collect()
}

struct Reader<'a> {
    variables: &'a BTreeMap<String, Variable>,
    found: BTreeMap<String, Found>,
    problems: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn environment(&mut self, environment: &[(String, String)]) {
        for (name, text) in environment {
            let Some(name) = name.strip_prefix("TF_VAR_") else { continue };
            // Others may be meant for another configuration.
            if let Some(variable) = self.variables.get(name)
                && let Some(value) = self.parsed(variable, text)
            {
                self.found.insert(name.to_owned(), Found { value, expr: None });
            }
        }
    }

    fn option(&mut self, text: &str) {
        let Some((name, value)) = text.split_once('=') else {
            let detail = format!(
                "The given -var option {text:?} is not correctly specified. Must be a variable name and value separated by an equals sign, like -var=\"key=value\"."
            );
            return self.problems.push(Diagnostic::error("Invalid -var option", detail));
        };
        let name = name.trim();
        let Some(variable) = self.variables.get(name) else {
            let detail = format!(
                "A variable named {name:?} was assigned on the command line, but the root module does not declare a variable of that name. To use this value, add a \"variable\" block to the configuration."
            );
            return self.problems.push(Diagnostic::error("Value for undeclared variable", detail));
        };
        if let Some(value) = self.parsed(variable, value) {
            self.found.insert(name.to_owned(), Found { value, expr: None });
        }
    }

    /// A text as it is, where the variable's type is a simple one; else an expression.
    fn parsed(&mut self, variable: &Variable, text: &str) -> Option<Value> {
        if !variable.parsed {
            return Some(Value::string(text));
        }
        let source = Source::new(format!("<value for var.{}>", variable.name), text);
        let parsed = hcl_edit::parser::parse_expr(text).map_err(|error| {
            let detail = format!(
                "This is no expression, as the type of var.{} wants: {}.",
                variable.name,
                error.message()
            );
            Diagnostic::error("Invalid expression", detail)
        });
        let value = parsed.and_then(|syntax| {
            constant(&Expr { syntax: std::sync::Arc::new(syntax), source, context: None })
        });
        value.map_err(|error| self.problems.push(error)).ok()
    }

    fn file(&mut self, path: &Path, automatic: bool) {
        let shown = path
            .file_name()
            .filter(|_| automatic)
            .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(_) => {
                let detail = format!("Given variables file {shown} does not exist.");
                return self
                    .problems
                    .push(Diagnostic::error("Failed to read variables file", detail));
            }
        };
        let source = Source::new(shown.clone(), text);
        let body = match syntax::parse(&source) {
            Ok(body) => body,
            Err(error) => return self.problems.push(error),
        };
        for block in &body.blocks {
            let detail = "Variables files hold arguments only: write a map as an argument, with an equals sign.";
            self.problems.push(block.error("Unexpected block", detail));
        }
        for attribute in body.attributes {
            let name = attribute.name.clone();
            if !self.variables.contains_key(&name) {
                let detail = format!(
                    "The root module does not declare a variable named {name:?} but a value was found in file {shown:?}. If you meant to use this value, add a \"variable\" block to the configuration."
                );
                let warning = Diagnostic::warning("Value for undeclared variable", detail);
                self.problems.push(warning.at(attribute.range()));
                continue;
            }
            match constant(&attribute.expr) {
                Ok(value) => {
                    drop(self.found.insert(name, Found { value, expr: Some(attribute.expr) }));
                }
                Err(error) => self.problems.push(error),
            }
        }
    }

    fn values(&mut self) -> BTreeMap<String, Value> {
        let mut values = BTreeMap::new();
        for (name, variable) in self.variables {
            match self.found.remove(name) {
                Some(found) => match of_type(variable, &found) {
                    Ok(value) => drop(values.insert(name.clone(), value)),
                    Err(error) => self.problems.push(error),
                },
                None => match &variable.default {
                    Some(default) => drop(values.insert(name.clone(), default.clone())),
                    None => {
                        let detail = format!(
                            "The root module input variable {name:?} is not set, and has no default value. Use a -var or -var-file command line argument to provide a value for this variable."
                        );
                        let error = Diagnostic::error("No value for required variable", detail);
                        self.problems.push(error.at(variable.range.clone()));
                    }
                },
            }
        }
        values
    }
}

fn of_type(variable: &Variable, found: &Found) -> Result<Value, Diagnostic> {
    let at = place(&variable.range);
    let name = &variable.name;
    let error = |summary: &str, detail: String| {
        let error = Diagnostic::error(summary, detail);
        error.at(found.expr.as_ref().map_or_else(|| variable.range.clone(), Expr::range))
    };
    if found.value.is_null() && !variable.nullable {
        return variable.default.clone().ok_or_else(|| {
            let detail = format!("The given value is not suitable for var.{name} defined at {at}: required variable may not be set to null.");
            error("Required variable not set", detail)
        });
    }
    convert(&found.value, &variable.ty).map_err(|wrong| {
        let detail = format!(
            "The given value is not suitable for var.{name} declared at {at}: {}.",
            told(&wrong)
        );
        error("Invalid value for input variable", detail)
    })
}
