//! `fmt` beside `terraform fmt`, where it is installed: the repository's own files, and a corpus of
//! what nobody would write.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use neargate_hcl::format;

/// Each parses. Between them is a line of dashes.
const CORPUS: &str = include_str!("format.corpus");

fn files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !name.starts_with('.') {
            files(&path, found);
        } else if name.ends_with(".tf") {
            found.push(path);
        }
    }
}

fn terraform(text: &str) -> Option<String> {
    let mut child = Command::new("terraform")
        .args(["fmt", "-no-color", "-"])
        .env_remove("TF_CLI_CONFIG_FILE")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success(), "terraform fmt takes\n{text}");
    let told = String::from_utf8(out.stdout).unwrap();
    // To a file it adds no newline; to the standard output it does.
    let added = !text.ends_with('\n') && told.ends_with('\n');
    Some(told[..told.len() - usize::from(added)].to_owned())
}

#[test]
fn the_repositorys_files_have_their_form() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    files(&root.join("modules"), &mut found);
    files(&root.join("examples"), &mut found);
    assert!(found.len() > 10);
    for path in found {
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(format(&text), text, "{}", path.display());
        // However it was indented and spaced.
        let flat: String = text.lines().map(|line| format!("{}\n", line.trim_start())).collect();
        if !text.contains("<<") && !text.contains("/*") {
            assert_eq!(format(&flat), text, "{}", path.display());
        }
    }
}

#[test]
fn the_form_is_that_of_terraform() {
    let mut differ = Vec::new();
    for text in CORPUS.split("------\n") {
        let ours = format(text);
        assert_eq!(format(&ours), ours, "a form has itself as form");
        let Some(theirs) = terraform(text) else {
            eprintln!("SKIPPED: terraform is not on the PATH");
            return;
        };
        if ours != theirs {
            differ.push(format!("of:\n{text}\nours:\n{ours}\ntheirs:\n{theirs}"));
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n======\n"));
}
