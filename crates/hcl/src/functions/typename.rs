//! A type as `type()` tells it in a console.

use crate::Type;

pub(super) fn typename(ty: &Type) -> String {
    written(ty, 0)
}

fn written(ty: &Type, depth: usize) -> String {
    let indent = "    ".repeat(depth + 1);
    let close = "    ".repeat(depth);
    match ty {
        Type::Dynamic => "dynamic".into(),
        Type::Bool | Type::Number | Type::String => ty.friendly(),
        Type::List(element) => format!("list({})", written(element, depth)),
        Type::Set(element) => format!("set({})", written(element, depth)),
        Type::Map(element) => format!("map({})", written(element, depth)),
        Type::Object(attributes) if attributes.is_empty() => "object({})".into(),
        Type::Object(attributes) => {
            let lines = attributes.iter().map(|(name, attribute)| {
                format!("{indent}{name}: {},\n", written(&attribute.ty, depth + 1))
            });
            format!("object({{\n{}{close}}})", lines.collect::<String>())
        }
        Type::Tuple(elements) if elements.is_empty() => "tuple([])".into(),
        Type::Tuple(elements) => {
            let lines = elements.iter().map(|ty| format!("{indent}{},\n", written(ty, depth + 1)));
            format!("tuple([\n{}{close}])", lines.collect::<String>())
        }
    }
}
