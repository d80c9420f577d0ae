//! What must hold: validations of variables, pre- and postconditions, and checks, whose failure is a
//! warning only.

use std::sync::PoisonError;

use neargate_hcl::{Diagnostic, Severity, Type, Value, convert};
use serde::{Deserialize, Serialize};

use super::Evaluator;
use super::world::Repetition;
use crate::address::ModuleInstance;
use crate::config::syntax::{Expr, in_context, place};
use crate::config::{Check, Condition, Variable};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Pass,
    Unknown,
    Fail,
    Error,
}

impl Status {
    /// As the state's file has it.
    pub fn name(self) -> &'static str {
        match self {
            Status::Pass => "pass",
            Status::Unknown => "unknown",
            Status::Fail => "fail",
            Status::Error => "error",
        }
    }
}

/// How the conditions of one object came out.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckResult {
    pub object: Object,
    pub status: Status,
    pub messages: Vec<String>,
}

/// What has conditions: a variable, output, resource or check in a module instance.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Object {
    pub module: ModuleInstance,
    /// As the state's file has it: `var`, `output_value`, `resource`, `check`.
    pub kind: &'static str,
    /// Such as `var.name`, with its key.
    pub what: String,
}

impl Object {
    pub const KINDS: [&str; 4] = ["var", "output_value", "resource", "check"];
}

/// One condition, looked at.
enum Outcome {
    Holds,
    Unknown,
    Fails(String),
    Wrong(Diagnostic),
}

impl Evaluator {
    pub(super) fn validate_variable(
        &self,
        variable: &Variable,
        module: &ModuleInstance,
        problems: &mut Vec<Diagnostic>,
    ) {
        if variable.validations.is_empty() {
            return;
        }
        let mut status = Status::Pass;
        let mut messages = Vec::new();
        for validation in &variable.validations {
            match self.outcome(validation, module, (&Repetition::None, None)) {
                Outcome::Holds => {}
                Outcome::Unknown => status = status.max(Status::Unknown),
                Outcome::Wrong(error) => {
                    status = Status::Error;
                    problems.push(error);
                }
                Outcome::Fails(message) => {
                    status = status.max(Status::Fail);
                    let detail = format!(
                        "{message}\n\nThis was checked by the validation rule at {}.",
                        place(&validation.range)
                    );
                    problems.push(self.invalid_value(variable, module, detail));
                    messages.push(message);
                }
            }
        }
        let what = format!("var.{}", variable.name);
        self.note(Object { module: module.clone(), kind: "var", what }, status, messages);
    }

    /// A child's variable is wrong where its caller gives it.
    fn invalid_value(
        &self,
        variable: &Variable,
        module: &ModuleInstance,
        detail: String,
    ) -> Diagnostic {
        let call = self.config.call_of(&module.path());
        match call.and_then(|call| call.inputs.expr(&variable.name)) {
            Some(expr) => expr.error("Invalid value for variable", detail),
            None => {
                let value = self
                    .world()
                    .module(module)
                    .and_then(|m| m.variables.get(&variable.name).cloned());
                let told = value.and_then(|value| describe(&value));
                Diagnostic::error("Invalid value for variable", detail)
                    .at(variable.range.clone())
                    .with_values(
                        told.map(|t| format!("var.{} is {t}", variable.name)).into_iter().collect(),
                    )
            }
        }
    }

    /// Pre- and postconditions: whether all hold, with an error for each that does not.
    pub fn must_hold(
        &self,
        conditions: &[Condition],
        (summary, at): (&str, &Object),
        (repetition, this): (&Repetition, Option<&Value>),
        problems: &mut Vec<Diagnostic>,
    ) -> bool {
        if conditions.is_empty() {
            return true;
        }
        let mut status = Status::Pass;
        let mut messages = Vec::new();
        for condition in conditions {
            match self.outcome(condition, &at.module, (repetition, this)) {
                Outcome::Holds => {}
                Outcome::Unknown => status = status.max(Status::Unknown),
                Outcome::Wrong(error) => {
                    status = Status::Error;
                    problems.push(error);
                }
                Outcome::Fails(message) => {
                    status = status.max(Status::Fail);
                    problems.push(condition.condition.error(summary, message.clone()));
                    messages.push(message);
                }
            }
        }
        self.note(at.clone(), status, messages);
        status < Status::Fail
    }

    /// The asserts of a `check` block: what fails is a warning.
    pub fn check(
        &self,
        name: &str,
        check: &Check,
        module: &ModuleInstance,
        problems: &mut Vec<Diagnostic>,
    ) {
        let mut status = Status::Pass;
        let mut messages = Vec::new();
        for assert in &check.asserts {
            let mut warn = |mut told: Diagnostic| {
                told.severity = Severity::Warning;
                problems.push(told);
            };
            match self.outcome(assert, module, (&Repetition::None, None)) {
                Outcome::Holds => {}
                Outcome::Unknown => {
                    status = status.max(Status::Unknown);
                    warn(assert.condition.error(
                        "Check block assertion known after apply",
                        "The condition could not be evaluated at this time, a result will be known when this plan is applied.",
                    ));
                }
                Outcome::Wrong(error) => {
                    status = Status::Error;
                    warn(error);
                }
                Outcome::Fails(message) => {
                    status = status.max(Status::Fail);
                    warn(assert.condition.error("Check block assertion failed", message.clone()));
                    messages.push(message);
                }
            }
        }
        let what = format!("check.{name}");
        self.note(Object { module: module.clone(), kind: "check", what }, status, messages);
    }

    fn outcome(
        &self,
        condition: &Condition,
        module: &ModuleInstance,
        (repetition, this): (&Repetition, Option<&Value>),
    ) -> Outcome {
        let Condition { condition, error_message, .. } = condition;
        let value = match self.value(condition, module, repetition, this) {
            Ok(value) => value,
            Err(error) => return Outcome::Wrong(error),
        };
        let (value, _) = value.unmark();
        let holds = match convert(&value, &Type::Bool) {
            Ok(value) if !value.is_known() => return Outcome::Unknown,
            Ok(value) => value.as_bool(),
            Err(error) => {
                let detail = format!("Invalid condition result value: {error}.");
                return Outcome::Wrong(condition.error("Invalid condition result", detail));
            }
        };
        match holds {
            Some(true) => Outcome::Holds,
            Some(false) => self.message(error_message, module, repetition, this),
            None => Outcome::Wrong(condition.error(
                "Invalid condition result",
                "Condition expression must return either true or false, not null.",
            )),
        }
    }

    fn message(
        &self,
        expr: &Expr,
        module: &ModuleInstance,
        repetition: &Repetition,
        this: Option<&Value>,
    ) -> Outcome {
        let value = match self.value(expr, module, repetition, this) {
            Ok(value) => value,
            Err(error) => return Outcome::Wrong(in_context(error, &expr.context)),
        };
        if value.marks_deep().contains(neargate_hcl::Marks::SENSITIVE) {
            return Outcome::Fails(
                "The error message included a sensitive value, so it will not be displayed."
                    .to_owned(),
            );
        }
        let text = convert(&value, &Type::String).ok();
        let text =
            text.as_ref().and_then(Value::as_str).unwrap_or("The error message is not known.");
        Outcome::Fails(text.trim_end().to_owned())
    }

    fn note(&self, object: Object, status: Status, messages: Vec<String>) {
        let mut results = self.results.lock().unwrap_or_else(PoisonError::into_inner);
        match results.iter_mut().find(|result| result.object == object) {
            Some(result) => {
                result.status = result.status.max(status);
                result.messages.extend(messages);
            }
            None => results.push(CheckResult { object, status, messages }),
        }
    }
}

/// A value in a few words, if it may be shown.
fn describe(value: &Value) -> Option<String> {
    if value.is_sensitive() || !value.is_known() {
        return None;
    }
    match value.kind() {
        neargate_hcl::Kind::String(text) => Some(format!("{text:?}")),
        neargate_hcl::Kind::Bool(value) => Some(value.to_string()),
        neargate_hcl::Kind::Number(_) | neargate_hcl::Kind::Null(_) => {
            neargate_hcl::json::encode(value)
        }
        _ => None,
    }
}
