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
        Type::List(element) => collection("list", element, depth),
        Type::Set(element) => collection("set", element, depth),
        Type::Map(element) => collection("map", element, depth),
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

/// On a line if the element's type is.
fn collection(name: &str, element: &Type, depth: usize) -> String {
    let of = written(element, depth + 1);
    if !of.contains('\n') {
        return format!("{name}({of})");
    }
    format!("{name}(\n{}{of},\n{})", "    ".repeat(depth + 1), "    ".repeat(depth))
}
