//! Type constraints as variables write them: `list(object({ name = string, port = optional(number, 80) }))`.

use std::sync::Arc;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, FuncCall, ObjectKey};

use crate::Type;
use crate::convert::convert;
use crate::diagnostic::{Diagnostic, Range, Source};
use crate::types::Attribute;

/// Reads the expression of a variable's `type`. `constant` evaluates the default of an optional
/// attribute, which knows no variables.
pub fn type_constraint(
    expr: &Expression,
    source: &Arc<Source>,
    constant: &dyn Fn(&Expression) -> Result<crate::Value, Diagnostic>,
) -> Result<Type, Diagnostic> {
    Constraints { source, constant }.read(expr)
}

struct Constraints<'a> {
    source: &'a Arc<Source>,
    constant: &'a dyn Fn(&Expression) -> Result<crate::Value, Diagnostic>,
}

impl Constraints<'_> {
    fn error(&self, expr: &impl Span, detail: impl Into<String>) -> Diagnostic {
        Diagnostic::error("Invalid type specification", detail)
            .at(Range::new(self.source, expr.span().unwrap_or_default()))
    }

    fn read(&self, expr: &Expression) -> Result<Type, Diagnostic> {
        match expr {
            Expression::Variable(name) => self.keyword(expr, name.as_str()),
            Expression::FuncCall(call) => self.constructor(expr, call),
            Expression::Parenthesis(inner) => self.read(inner.inner()),
            Expression::String(text) => self.quoted(expr, text.as_str()),
            _ => Err(self.error(
                expr,
                "A type specification is either a primitive type keyword (bool, number, string) or a complex type constructor call, like list(string).",
            )),
        }
    }

    fn keyword(&self, expr: &Expression, name: &str) -> Result<Type, Diagnostic> {
        match name {
            "any" => Ok(Type::Dynamic),
            "bool" => Ok(Type::Bool),
            "number" => Ok(Type::Number),
            "string" => Ok(Type::String),
            "list" | "set" | "map" => Err(self.error(
                expr,
                format!("The {name} type constructor requires one argument specifying the element type."),
            )),
            "object" => Err(self.error(
                expr,
                "The object type constructor requires one argument specifying the attribute types and values as a map.",
            )),
            "tuple" => Err(self.error(
                expr,
                "The tuple type constructor requires one argument specifying the element types as a list.",
            )),
            _ => Err(self.error(
                expr,
                format!("The keyword {name:?} is not a valid type specification."),
            )),
        }
    }

    /// The forms of Terraform 0.11: `"string"`, `"list"`, `"map"`.
    fn quoted(&self, expr: &Expression, text: &str) -> Result<Type, Diagnostic> {
        match text {
            "string" => Ok(Type::String),
            "list" => Ok(Type::list(Type::Dynamic)),
            "map" => Ok(Type::map(Type::Dynamic)),
            _ => Err(self.error(
                expr,
                "Terraform 0.11 and earlier required type constraints to be given in quotes. Remove the quotes around this type.",
            )),
        }
    }

    fn constructor(&self, expr: &Expression, call: &FuncCall) -> Result<Type, Diagnostic> {
        let name = call.name.name.as_str();
        match name {
            "bool" | "number" | "string" | "any" => {
                return Err(self.error(
                    expr,
                    format!("Primitive type keyword {name:?} does not expect arguments."),
                ));
            }
            "optional" => {
                return Err(self.error(
                    expr,
                    "Keyword \"optional\" is valid only as a modifier for object type attributes.",
                ));
            }
            _ => {}
        }
        let argument = match (call.args.len(), call.args.get(0)) {
            (1, Some(argument)) => argument,
            _ => {
                return Err(self.keyword(expr, name).err().unwrap_or_else(|| self.error(expr, "")));
            }
        };
        match name {
            "list" => Ok(Type::list(self.read(argument)?)),
            "set" => Ok(Type::set(self.read(argument)?)),
            "map" => Ok(Type::map(self.read(argument)?)),
            "object" => self.object(argument),
            "tuple" => self.tuple(argument),
            _ => {
                Err(self.error(expr, format!("Keyword {name:?} is not a valid type constructor.")))
            }
        }
    }

    fn tuple(&self, argument: &Expression) -> Result<Type, Diagnostic> {
        let Expression::Array(elements) = argument else {
            return Err(
                self.error(argument, "Tuple type constructor requires a list of element types.")
            );
        };
        let types: Result<Vec<Type>, Diagnostic> = elements.iter().map(|e| self.read(e)).collect();
        Ok(Type::tuple(types?))
    }

    fn object(&self, argument: &Expression) -> Result<Type, Diagnostic> {
        let Expression::Object(object) = argument else {
            return Err(self.error(
                argument,
                "Object type constructor requires a map whose keys are attribute names and whose values are the corresponding attribute types.",
            ));
        };
        let mut attributes = Vec::new();
        for (key, value) in object.iter() {
            let name = match key {
                ObjectKey::Ident(name) => name.as_str().to_owned(),
                ObjectKey::Expression(Expression::String(name)) => name.as_str().to_owned(),
                ObjectKey::Expression(other) => {
                    return Err(
                        self.error(other, "Object constructor map keys must be attribute names.")
                    );
                }
            };
            attributes.push((name, self.attribute(value.expr())?));
        }
        Ok(Type::object_with(attributes))
    }

    fn attribute(&self, expr: &Expression) -> Result<Attribute, Diagnostic> {
        let Expression::FuncCall(call) = expr else {
            return Ok(Attribute::required(self.read(expr)?));
        };
        if call.name.name.as_str() != "optional" {
            return Ok(Attribute::required(self.read(expr)?));
        }
        let Some(ty) = call.args.get(0) else {
            return Err(self.error(
                expr,
                "Optional attribute modifier requires the attribute type as its argument.",
            ));
        };
        let ty = self.read(ty)?;
        match (call.args.len(), call.args.get(1)) {
            (1, _) => Ok(Attribute::optional(ty)),
            (2, Some(default)) => {
                let value = (self.constant)(default)?;
                let default = convert(&value, &ty).map_err(|e| {
                    Diagnostic::error(
                        "Invalid default value for optional attribute",
                        format!("This default value is not compatible with the attribute's type constraint: {e}."),
                    )
                    .at(Range::new(self.source, default.span().unwrap_or_default()))
                })?;
                Ok(Attribute { ty, optional: true, default: Some(default) })
            }
            _ => Err(self.error(
                expr,
                "Optional attribute modifier expects only one or two arguments: the attribute type, and a default value.",
            )),
        }
    }
}
