//! templatefile and templatestring.

use hcl_edit::template::Template;

use super::filesystem::{PATH, text_of};
use super::{Call, Fault, Function, Outcome, Param, Wants};
use crate::Type;
use crate::convert::convert;
use crate::diagnostic::{Range, Source, nearest};
use crate::eval::Evaluator;
use crate::references::template_references;
use crate::scope::Names;

const VARS: Param = Param::new("vars", Wants::Any).moved();

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("templatefile", &[PATH, VARS], Wants::Any, |call| {
        let text = text_of(call, call.text(0))?;
        render(call, call.text(0), text)
    }),
    Function::new(
        "templatestring",
        &[Param::new("template", Wants::String), VARS],
        Wants::String,
        |call| {
            let rendered = render(call, "<templatestring argument>", call.text(0).to_owned())?;
            Ok(convert(&rendered, &Type::String).map_err(|e| e.to_string())?)
        },
    ),
];

fn render(call: &Call<'_>, name: &str, text: String) -> Outcome {
    if call.args[1].entries().is_none() {
        return Err(call.bad(1, "invalid vars value: must be a map"));
    }
    for name in call.entries(1).keys() {
        let mut chars = name.chars();
        let starts = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_');
        if !starts || !chars.all(|c| c.is_alphanumeric() || c == '_' || c == '-') {
            return Err(call.bad(1, format!("invalid template variable name {name:?}: must start with a letter, followed by zero or more letters, digits, and underscores")));
        }
    }
    let template: Template = text.parse().map_err(|error: hcl_edit::parser::Error| {
        let at = error.location();
        Fault::Failed(format!(
            "{name}:{},{}: Invalid template; {}",
            at.line(),
            at.column(),
            error.message()
        ))
    })?;
    let source = Source::new(name, text);
    for reference in template_references(&template) {
        if !call.entries(1).contains_key(&reference.root) {
            let root = reference.root;
            let known = call.entries(1).keys().map(String::as_str);
            let meant = nearest(&root, known).map(|near| format!(" (did you mean {near:?}?)"));
            let end = reference.span.start + root.len();
            let place = Range::new(&source, reference.span.start..end);
            let meant = meant.unwrap_or_default();
            let why =
                format!("vars map does not contain key {root:?}, referenced at {place}{meant}");
            return Err(call.bad(1, why));
        }
    }
    let missing = |variable: &str| format!("vars map does not contain key {variable:?}.");
    let names = Names { values: call.entries(1), outside: call.outside(), missing: &missing };
    let Some(evaluator) = Evaluator::inner(&source, &names, call.budget) else {
        let name = call.function.name;
        return Err(format!(
            "cannot recursively call {name} from inside another template function"
        )
        .into());
    };
    let rendered = evaluator.whole_template(&template);
    evaluator.leave();
    rendered.map_err(|error| {
        let place = error.range.as_ref().map(|range| format!("{range}: ")).unwrap_or_default();
        Fault::Failed(format!("{place}{}; {}", error.summary, error.detail))
    })
}
