//! Terraform itself says what is right. `oracle/cases/*.txt` describe expressions; `make record` asks
//! `terraform console` for the value of each and writes it to `oracle/answers`; these tests hold ours
//! against them, offline.
//!
//! A line of a case file is an expression, a comment (`#`), or a list of alternatives:
//!
//! ```text
//! strings = "" | "a" | "Ünï"
//! upper(@strings)
//! ```
//!
//! stands for three expressions. Two lists in a line stand for all pairs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use neargate_hcl::hcl_edit::expr::Expression;
use neargate_hcl::{Diagnostic, Disk, Outside, Scope, Source, Value, evaluate, render};

fn directory(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle").join(name)
}

/// Each file of cases by its name, with all of its expressions.
fn cases() -> BTreeMap<String, Vec<String>> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(directory("cases")).expect("cases/") {
        let path = entry.expect("a file").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("readable cases");
        all.insert(name, expressions(&text));
    }
    all
}

fn expressions(text: &str) -> Vec<String> {
    let mut lists: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut all: Vec<String> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        let list = line
            .split_once(" = ")
            .filter(|(name, _)| name.chars().all(|c| c.is_ascii_lowercase() || c == '_'));
        match list {
            Some((name, alternatives)) => {
                lists.insert(name, alternatives.split(" | ").map(str::trim).collect());
            }
            None => expand(line, &lists, &mut all),
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|expression| seen.insert(expression.clone()));
    all
}

fn expand(line: &str, lists: &BTreeMap<&str, Vec<&str>>, all: &mut Vec<String>) {
    let named = line.find('@').map(|at| {
        let rest = &line[at + 1..];
        let end = rest.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(rest.len());
        (at, &rest[..end])
    });
    match named.and_then(|(at, name)| Some((at, name, lists.get(name)?))) {
        None => all.push(line.to_owned()),
        Some((at, name, list)) => {
            for alternative in list {
                let rest = &line[at + 1 + name.len()..];
                expand(&format!("{}{alternative}{rest}", &line[..at]), lists, all);
            }
        }
    }
}

/// Of a value, how it is shown; of an error, its summary and detail on lines that begin with `!`.
type Answers = BTreeMap<String, String>;

fn answers(text: &str) -> Answers {
    let mut answers = Answers::new();
    let mut current: Option<&str> = None;
    for line in text.lines().filter(|line| !line.starts_with("# ")) {
        match line.strip_prefix(">>> ") {
            Some(expression) => {
                current = Some(expression);
                answers.insert(expression.to_owned(), String::new());
            }
            None => {
                let answer = current.and_then(|expression| answers.get_mut(expression));
                let answer = answer.expect("an expression before its answer");
                answer.push_str(line);
                answer.push('\n');
            }
        }
    }
    answers
}

struct Console<'a>(&'a Disk);

impl Scope for Console<'_> {
    fn resolve(&self, root: &str, steps: &[&str]) -> Result<(Value, usize), Diagnostic> {
        match (root, steps) {
            ("path", ["module" | "root", ..]) => Ok((".".into(), 1)),
            ("terraform", ["workspace", ..]) => Ok(("default".into(), 1)),
            _ => Err(Diagnostic::error(
                "Invalid reference",
                "A reference to a resource type must be followed by at least one attribute access, specifying the resource name.",
            )),
        }
    }

    fn outside(&self) -> &dyn Outside {
        self.0
    }
}

fn ours(expression: &str) -> String {
    let disk = Disk {
        directory: directory("files"),
        home: Some("/home/somebody".into()),
        now: None,
        planned_at: None,
        random: None,
    };
    let parsed: Expression = match expression.parse() {
        Ok(parsed) => parsed,
        Err(error) => return format!("! syntax\n! {}\n", first_line(&error)),
    };
    let source = Source::new("<console-input>", expression);
    match evaluate(&parsed, &source, &Console(&disk)) {
        Ok(value) => format!("{}\n", render(&value)),
        Err(error) => format!("! {}\n! {}\n", error.summary, error.detail.replace('\n', "\n! ")),
    }
}

fn first_line(error: &neargate_hcl::hcl_edit::parser::Error) -> String {
    error.message().lines().next().unwrap_or_default().to_owned()
}

/// Where we differ from Terraform on purpose, or say more than it does.
const DIFFERENCES: &str = include_str!("oracle/differences.txt");

/// After these words come those of a library of Terraform's, for which we have our own.
const LIBRARIES: [&str; 11] = [
    "not a valid RFC3339 timestamp:",
    "failed: time:",
    "invalid regexp pattern:",
    "error parsing regexp:",
    "Call to function \"yamldecode\" failed:",
    "Call to function \"jsondecode\" failed:",
    "Call to function \"csvdecode\" failed:",
    "error occured generating password",
    "characters that cannot be represented in",
    "is not a supported IANA encoding name or alias",
    "Invalid value for \"privatekey\" parameter:",
];

/// Syntax errors are worded by the parser; what is asked is that there is one.
const SYNTAX: [&str; 1] = ["! syntax"];

fn same(theirs: &str, ours: &str) -> bool {
    if ours.starts_with(SYNTAX[0]) {
        return theirs.starts_with('!');
    }
    let words = |text: &str| {
        text.split(['!', ' ', '\n']).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ")
    };
    match theirs.starts_with('!') {
        // Ours may go on where theirs ends, and suggest a name.
        true => {
            let ours = without_suggestions(&words(ours));
            ours.starts_with(without_suggestions(&words(theirs)).trim_end_matches('.'))
        }
        false => theirs == ours,
    }
}

fn without_suggestions(text: &str) -> String {
    let library = LIBRARIES.iter().find_map(|words| Some(text.find(words)? + words.len()));
    let text = &text[..library.unwrap_or(text.len())];
    let mut parts = text.split(" Did you mean ");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str(part.split_once('?').map_or(part, |(_, rest)| rest));
    }
    kept
}

#[test]
fn every_answer_is_terraforms() {
    let differences = answers(DIFFERENCES);
    let mut wrong = String::new();
    let (mut count, mut failed) = (0, 0);
    let only = std::env::var("ONLY").ok();
    for (name, expressions) in cases() {
        if only.as_ref().is_some_and(|only| *only != name) {
            continue;
        }
        let recorded = std::fs::read_to_string(directory("answers").join(format!("{name}.txt")));
        let recorded = answers(&recorded.unwrap_or_default());
        for expression in expressions {
            count += 1;
            let ours = ours(&expression);
            let wanted = differences.get(&expression).or_else(|| recorded.get(&expression));
            let Some(wanted) = wanted else {
                panic!("{name}: `{expression}` has no recorded answer: run `make record`");
            };
            if !same(wanted, &ours) {
                failed += 1;
                wrong.push_str(&format!(">>> {expression}\nTerraform:\n{wanted}ours:\n{ours}\n"));
            }
        }
    }
    assert!(wrong.is_empty(), "{failed} of {count} differ:\n\n{wrong}");
    assert!(only.is_some() || count > 2000, "{count} expressions are few");
}

#[test]
#[ignore = "asks terraform console, for `make record`"]
fn record() {
    for (name, expressions) in cases() {
        let path = directory("answers").join(format!("{name}.txt"));
        let known = answers(&std::fs::read_to_string(&path).unwrap_or_default());
        let renew = std::env::var_os("RECORD_ALL").is_some();
        let asked: Vec<&String> =
            expressions.iter().filter(|e| renew || !known.contains_key(*e)).collect();
        let mut fresh = ask_all(&asked);
        let mut text = String::new();
        for expression in &expressions {
            let answer = fresh.remove(expression).or_else(|| known.get(expression).cloned());
            text.push_str(&format!(">>> {expression}\n{}", answer.expect("asked or known")));
        }
        std::fs::create_dir_all(directory("answers")).expect("answers/");
        std::fs::write(path, text).expect("written answers");
    }
}

/// A console without a terminal tells only the value of its last line, so each expression has
/// its own; a few run at once, each in its own copy of the files, as consoles lock their state.
fn ask_all(expressions: &[&String]) -> Answers {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let answers = std::sync::Mutex::new(Answers::new());
    let (next, answers_of_all) = (&next, &answers);
    std::thread::scope(|scope| {
        for worker in 0..4 {
            scope.spawn(move || {
                let here = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("console-{worker}"));
                copy(&directory("files"), &here);
                loop {
                    let i = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let Some(expression) = expressions.get(i) else { break };
                    let answer = ask(expression, &here);
                    let mut answers = answers_of_all.lock().expect("no panic");
                    answers.insert((*expression).clone(), answer);
                }
                std::fs::remove_dir_all(&here).expect("a directory of ours");
            });
        }
    });
    answers.into_inner().expect("no panic")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory");
    for entry in std::fs::read_dir(from).expect("files/") {
        let path = entry.expect("a file").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).expect("a copy");
        }
    }
}

fn ask(expression: &str, here: &Path) -> String {
    use std::io::Write;
    let mut console = Command::new("terraform")
        .arg("console")
        .current_dir(here)
        .env_remove("TF_CLI_CONFIG_FILE")
        .env("HOME", "/home/somebody")
        .env("CHECKPOINT_DISABLE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("terraform is installed");
    let mut input = console.stdin.take().expect("a pipe");
    writeln!(input, "{expression}").expect("a console that reads");
    drop(input);
    let output = console.wait_with_output().expect("a console that ends");
    if output.status.success() {
        return String::from_utf8_lossy(&output.stdout).into_owned();
    }
    told_error(&String::from_utf8_lossy(&output.stderr))
}

/// The first error of the boxes, unwrapped.
fn told_error(boxes: &str) -> String {
    let mut plain = String::new();
    let mut escaped = false;
    for c in boxes.chars() {
        match c {
            '\u{1b}' => escaped = true,
            'm' if escaped => escaped = false,
            _ if escaped => {}
            c => plain.push(c),
        }
    }
    let first = plain.split('╵').next().unwrap_or_default();
    let lines: Vec<&str> =
        first.lines().filter_map(|line| line.strip_prefix('│')).map(str::trim).collect();
    let summary = lines.iter().find_map(|line| line.strip_prefix("Error: ")).unwrap_or_default();
    let detail =
        lines.iter().skip_while(|line| !line.contains("source code not available")).skip(1);
    let detail: Vec<&str> = detail.copied().filter(|line| !line.is_empty()).collect();
    format!("! {summary}\n! {}\n", detail.join("\n! "))
}
