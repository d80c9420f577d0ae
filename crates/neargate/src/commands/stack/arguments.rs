//! Options as Terraform writes them: `-auto-approve` beside `--auto-approve`. Its `-target=ADDRESS`
//! is `--only=ADDRESS` here, where `--target` says which cloud.

use std::ffi::OsString;

const COMMANDS: [&str; 12] = [
    "validate", "plan", "apply", "destroy", "show", "output", "state", "import", "console", "fmt",
    "graph", "lint",
];

/// The arguments of the process, with two dashes.
pub fn normal(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let arguments: Vec<OsString> = arguments.collect();
    let is_ours = arguments.get(1).is_some_and(|word| COMMANDS.iter().any(|own| word == own));
    if !is_ours {
        return arguments;
    }
    arguments
        .into_iter()
        .map(|argument| argument.to_str().and_then(two_dashes).unwrap_or(argument.clone()))
        .collect()
}

fn two_dashes(argument: &str) -> Option<OsString> {
    let name =
        argument.strip_prefix('-').filter(|name| !name.starts_with('-') && name.len() > 1)?;
    if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return None;
    }
    let rest = name.strip_prefix("target").filter(|rest| rest.is_empty() || rest.starts_with('='));
    Some(match rest {
        Some(rest) => format!("--only{rest}").into(),
        None => format!("--{name}").into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str) -> String {
        let normal = normal(line.split(' ').map(OsString::from));
        let words: Vec<_> = normal.iter().map(|word| word.to_string_lossy()).collect();
        words.join(" ")
    }

    #[test]
    fn terraforms_options_are_taken() {
        assert_eq!(
            told("neargate apply -auto-approve -var=a=-b -target=aws_vpc.this --target aws ."),
            "neargate apply --auto-approve --var=a=-b --only=aws_vpc.this --target aws ."
        );
        assert_eq!(told("neargate cost -"), "neargate cost -");
        assert_eq!(told("neargate exec t -- ls -la"), "neargate exec t -- ls -la");
    }
}
