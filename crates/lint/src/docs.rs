//! The page of the rules, for `docs/lint.md`.

use crate::rules::RULES;

const HEAD: &str = "\
# What `neargate lint` finds

Written by a test from the code.

`neargate lint DIR` evaluates a directory as a first apply would, asks no cloud, and tells what would \
bite on AWS: each with the file and line where the value is written, what happens, and what to change. \
It ends with 1 where there is an error or a warning, and with 0 otherwise; hints are worth a look, as \
what decides them cannot be seen from the files. What is unknown, or is made elsewhere, is not judged. \
`--json` prints the findings for programs.

| rule | severity | looks for |
| --- | --- | --- |
";

/// The whole page.
pub fn page() -> String {
    let mut page = HEAD.to_owned();
    for rule in RULES {
        let (id, severity) = (rule.id, rule.severity.name());
        page.push_str(&format!("| [{id}](#{id}) | {severity} | {} |\n", rule.looks_for));
    }
    for rule in RULES {
        page.push_str(&format!("\n## {}\n\n", rule.id));
        page.push_str(&format!("{} {}\n", rule.on_aws, rule.change));
    }
    page
}
