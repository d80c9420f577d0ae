//! Function calls: arguments, `...`, and the two functions that look at errors, `try` and `can`.

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, FuncCall};

use super::{Evaluated, Evaluator};
use crate::diagnostic::{Diagnostic, Range, nearest};
use crate::functions::{self, Call, Fault};
use crate::references::{reference, references};
use crate::value::{Kind, Marks};
use crate::{Type, Value};

impl Evaluator<'_> {
    pub(super) fn call(&self, expr: &Expression, call: &FuncCall) -> Evaluated {
        let name = call.name.name.as_str();
        let namespace: Vec<&str> = call.name.namespace.iter().map(|n| n.as_str()).collect();
        if let ["provider", provider] = namespace[..] {
            return Err(Diagnostic::error(
                "Unknown provider function",
                format!("There is no function named \"provider::{provider}::{name}\". Ensure that provider name {provider:?} is declared in this module's required_providers block, and that this provider offers a function named {name:?}."),
            )
            .at(self.range(&call.name.name)));
        }
        if !namespace.is_empty() && namespace != ["core"] {
            return Err(self.unknown_function(call, &format!("{}::{name}", namespace.join("::"))));
        }
        match name {
            "try" if !call.args.expand_final() => return self.try_each(expr, call),
            "can" if !call.args.expand_final() => {
                let fault = match (call.args.len(), call.args.get(0)) {
                    (1, Some(argument)) => return self.can(argument),
                    (0, _) => Fault::TooFew { expected: 1, least: false, missing: "expression" },
                    _ => Fault::TooMany { expected: 1 },
                };
                return Err(self.fault(expr, call, name, fault));
            }
            _ => {}
        }
        if name == "templatestring" && call.args.get(0).is_some_and(|e| reference(e).is_none()) {
            let message = "invalid template expression: templatestring is only for rendering templates retrieved dynamically from elsewhere, and so does not support providing a literal template; consider using a template string expression instead";
            let fault =
                Fault::Argument { index: 0, parameter: "template", message: message.into() };
            return Err(self.fault(expr, call, name, fault));
        }
        let Some(function) = functions::find(name) else {
            return Err(self.unknown_function(call, name));
        };
        let Some((values, marks)) = self.arguments(call)? else {
            return Ok(Value::unknown(Type::Dynamic));
        };
        let context = Call { scope: self.scope, budget: self.budget, function, args: values };
        let result = context.run().map_err(|fault| self.fault(expr, call, name, fault))?;
        Ok(result.with_marks(marks))
    }

    /// The values of the arguments, and the marks of what was expanded; None if what is to be
    /// expanded is not known.
    fn arguments(&self, call: &FuncCall) -> Result<Option<(Vec<Value>, Marks)>, Diagnostic> {
        let mut values = Vec::with_capacity(call.args.len());
        for argument in call.args.iter() {
            values.push(self.value(argument)?);
        }
        if !call.args.expand_final() {
            return Ok(Some((values, Marks::NONE)));
        }
        let Some((last, expr)) = values.pop().zip(call.args.iter().last()) else {
            return Ok(Some((values, Marks::NONE)));
        };
        let (last, marks) = last.unmark();
        let invalid = |detail| self.error(expr, "Invalid expanding argument value", detail);
        match last.kind() {
            Kind::Null(_) => {
                Err(invalid("The expanding argument (indicated by ...) must not be null."))
            }
            Kind::List(..) | Kind::Set(..) | Kind::Tuple(_) => {
                values.extend(last.children().cloned());
                Ok(Some((values, marks)))
            }
            Kind::Unknown(Type::Dynamic | Type::List(_) | Type::Set(_) | Type::Tuple(_)) => {
                Ok(None)
            }
            _ => Err(invalid(
                "The expanding argument (indicated by ...) must be of a tuple, list, or set type.",
            )),
        }
    }

    fn unknown_function(&self, call: &FuncCall, name: &str) -> Diagnostic {
        let meant = nearest(name, functions::names());
        let meant = meant.map(|near| format!(" Did you mean {near:?}?")).unwrap_or_default();
        Diagnostic::error(
            "Call to unknown function",
            format!("There is no function named {name:?}.{meant}"),
        )
        .at(Range::new(self.source, call.name.name.span().unwrap_or_default()))
    }

    fn fault(&self, expr: &Expression, call: &FuncCall, name: &str, fault: Fault) -> Diagnostic {
        match fault {
            Fault::TooFew { expected, least, missing } => self.error(
                expr,
                "Not enough function arguments",
                format!("Function {name:?} expects {}{expected} argument(s). Missing value for {missing:?}.", if least { "at least " } else { "" }),
            ),
            Fault::TooMany { expected } => self.error(
                expr,
                "Too many function arguments",
                format!("Function {name:?} expects only {expected} argument(s)."),
            ),
            Fault::Argument { index, parameter, message } => {
                // An argument of an expanded list stands where the list stands.
                let place = call.args.get(index).or_else(|| call.args.iter().last());
                self.error(
                    place.unwrap_or(expr),
                    "Invalid function argument",
                    format!("Invalid value for {parameter:?} parameter: {message}."),
                )
            }
            Fault::Failed(message) => {
                let error = self.error(
                    expr,
                    "Error in function call",
                    format!("Call to function {name:?} failed: {message}."),
                );
                // The name with its parenthesis.
                let span = call.name.name.span().unwrap_or_default();
                error.at(Range::new(self.source, span.start..span.end + 1))
            }
        }
    }

    /// The first argument that can be evaluated.
    fn try_each(&self, expr: &Expression, call: &FuncCall) -> Evaluated {
        let mut failures = String::new();
        for argument in call.args.iter() {
            self.check_names(argument)?;
            if self.depends_on_unknown(argument) {
                return Ok(Value::unknown(Type::Dynamic));
            }
            match self.value(argument) {
                Ok(value) => return Ok(value),
                Err(error) => {
                    let place = error.range.as_ref().map(|range| format!(" (at {range})"));
                    let place = place.unwrap_or_default();
                    failures.push_str(&format!("\n- {}{place}\n  {}", error.summary, error.detail));
                }
            }
        }
        let fault = match failures.as_str() {
            "" => Fault::Failed("at least one argument is required".into()),
            _ => Fault::Failed(format!(
                "no expression succeeded:{failures}\n\nAt least one expression must produce a successful result"
            )),
        };
        Err(self.fault(expr, call, "try", fault))
    }

    /// That a name stands for nothing is an error of the configuration, which nobody tries.
    fn check_names(&self, argument: &Expression) -> Result<(), Diagnostic> {
        for reference in references(argument) {
            self.reference(argument, &reference.root, &reference.names())?;
        }
        Ok(())
    }

    fn can(&self, argument: &Expression) -> Evaluated {
        self.check_names(argument)?;
        if self.depends_on_unknown(argument) {
            return Ok(Value::unknown(Type::Bool));
        }
        Ok(Value::bool(self.value(argument).is_ok()))
    }
}
