//! `count` and `for_each`: how often something is made, and what is no number or collection for it.

use std::collections::BTreeMap;

use neargate_hcl::{Diagnostic, Kind, Type, Value, convert};

use super::world::{Expansion, Repetition};
use super::{Evaluator, Purpose};
use crate::address::ModuleInstance;
use crate::config::syntax::Expr;

/// More instances of one resource, and of all of them, than anybody means: the memory of the machine
/// is not theirs.
pub const MOST: u64 = 100_000;
/// The same of modules.
pub const MOST_MODULES: u64 = 10_000;

impl Evaluator {
    /// How often a call or resource is made in one instance of its module.
    pub fn expansion(
        &self,
        count: Option<&Expr>,
        for_each: Option<&Expr>,
        module: &ModuleInstance,
    ) -> Result<Expansion, Diagnostic> {
        match (count, for_each) {
            (Some(expr), _) => {
                let value = self.value(expr, module, &Repetition::None, None)?;
                self.counted(expr, value)
            }
            (None, Some(expr)) => {
                let value = self.value(expr, module, &Repetition::None, None)?;
                self.each(expr, value)
            }
            (None, None) => Ok(Expansion::Single),
        }
    }

    fn counted(&self, expr: &Expr, value: Value) -> Result<Expansion, Diagnostic> {
        let wrong = |detail: &str| Err(expr.error("Invalid count argument", detail));
        if value.is_sensitive() {
            return wrong(
                "Sensitive values, or values derived from sensitive values, cannot be used as count arguments. If used, the sensitive value could be exposed as a resource instance key.",
            );
        }
        if value.is_null() {
            return wrong("The given \"count\" argument value is null. An integer is required.");
        }
        let number = match convert(&value, &Type::Number) {
            Ok(number) => number,
            Err(error) => {
                return wrong(&format!(
                    "The given \"count\" argument value is unsuitable: {error}."
                ));
            }
        };
        if !number.is_known() {
            if self.purpose == Purpose::Validate {
                return Ok(Expansion::Unknown { count: true });
            }
            return wrong(
                "The \"count\" value depends on resource attributes that cannot be determined until apply, so Terraform cannot predict how many instances will be created. To work around this, use the -target argument to first apply only the resources that the count depends on.",
            );
        }
        match number.as_number().map(|n| (n.is_negative(), n.to_i64())) {
            Some((true, _)) => wrong(
                "The given \"count\" argument value is unsuitable: must be greater than or equal to zero.",
            ),
            Some((_, Some(count))) if count as u64 <= MOST => Ok(Expansion::Count(count as u64)),
            Some((_, Some(_))) => wrong(&format!(
                "The given \"count\" argument value is unsuitable: at most {MOST} instances are made."
            )),
            _ => wrong(
                "The given \"count\" argument value is unsuitable: a whole number is required.",
            ),
        }
    }

    fn each(&self, expr: &Expr, value: Value) -> Result<Expansion, Diagnostic> {
        let wrong = |detail: &str| Err(expr.error("Invalid for_each argument", detail));
        if value.is_sensitive() {
            return wrong(
                "Sensitive values, or values derived from sensitive values, cannot be used as for_each arguments. If used, the sensitive value could be exposed as a resource instance key.",
            );
        }
        if value.is_null() {
            return wrong(
                "The given \"for_each\" argument value is null. A map, or set of strings is allowed.",
            );
        }
        match value.kind() {
            Kind::Unknown(Type::Dynamic | Type::Map(_) | Type::Object(_) | Type::Set(_)) => {
                self.unknown_each(expr, matches!(value.ty(), Type::Set(_)))
            }
            Kind::Map(_, entries) | Kind::Object(entries) => self.some(expr, (**entries).clone()),
            Kind::Set(element, elements) => {
                if !matches!(element, Type::String | Type::Dynamic) {
                    return wrong(&format!(
                        "The given \"for_each\" argument value is unsuitable: \"for_each\" supports maps and sets of strings, but you have provided a set containing type {}.",
                        element.friendly()
                    ));
                }
                if elements.iter().any(|element| !element.is_known()) {
                    return self.unknown_each(expr, true);
                }
                if elements.iter().any(Value::is_null) {
                    return wrong(
                        "The given \"for_each\" argument value is unsuitable: \"for_each\" sets must not contain null values.",
                    );
                }
                let named =
                    elements.iter().filter_map(|e| Some((e.as_str()?.to_owned(), e.clone())));
                self.some(expr, named.collect())
            }
            _ => wrong(&format!(
                "The given \"for_each\" argument value is unsuitable: the \"for_each\" argument must be a map, or set of strings, and you have provided a value of type {}.",
                value.ty().friendly()
            )),
        }
    }

    fn some(&self, expr: &Expr, each: BTreeMap<String, Value>) -> Result<Expansion, Diagnostic> {
        if each.len() as u64 > MOST {
            return Err(expr.error(
                "Invalid for_each argument",
                format!("The given \"for_each\" argument value is unsuitable: at most {MOST} instances are made."),
            ));
        }
        Ok(Expansion::Each(each))
    }

    fn unknown_each(&self, expr: &Expr, set: bool) -> Result<Expansion, Diagnostic> {
        if self.purpose == Purpose::Validate {
            return Ok(Expansion::Unknown { count: false });
        }
        let detail = if set {
            "The \"for_each\" set includes values derived from resource attributes that cannot be determined until apply, and so Terraform cannot determine the full set of keys that will identify the instances of this resource.\n\nWhen working with unknown values in for_each, it's better to use a map value where the keys are defined statically in your configuration and where only the values contain apply-time results.\n\nAlternatively, you could use the -target planning option to first apply only the resources that the for_each value depends on, and then apply a second time to fully converge."
        } else {
            "The \"for_each\" map includes keys derived from resource attributes that cannot be determined until apply, and so Terraform cannot determine the full set of keys that will identify the instances of this resource.\n\nWhen working with unknown values in for_each, it's better to define the map keys statically in your configuration and place apply-time results only in the map values.\n\nAlternatively, you could use the -target planning option to first apply only the resources that the for_each value depends on, and then apply a second time to fully converge."
        };
        Err(expr.error("Invalid for_each argument", detail))
    }
}
