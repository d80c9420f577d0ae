//! The state's file: what Terraform wrote comes back byte for byte, and nothing is half written.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;

use neargate_ids::{Clock, Rng};
use neargate_stack::address::ResourceInstance;
use neargate_stack::state::file::{self, StateFile};
use neargate_stack::state::{State, lock};

const RECORDED: &str = include_str!("recorded/state.json");

fn recorded() -> State {
    State::parse(RECORDED, Path::new("terraform.tfstate")).unwrap()
}

#[test]
fn what_terraform_wrote_is_written_back_the_same() {
    assert_eq!(recorded().to_text(), RECORDED);
}

#[test]
fn an_object_put_back_leaves_the_file_the_same() {
    let mut state = recorded();
    let at: ResourceInstance = "module.m[\"k<1\"].terraform_data.c".parse().unwrap();
    let provider = state.provider_of(&at).unwrap().to_owned();
    let object = state.remove(&at, "").unwrap();
    assert!(state.get(&at).is_none());
    state.put(&at, &provider, object);
    assert_eq!(state.to_text(), RECORDED);
}

#[test]
fn a_write_keeps_what_was_before_the_run_and_counts_on() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("terraform.tfstate");
    std::fs::write(&path, RECORDED).unwrap();
    let mut state = file::read(&path).unwrap().unwrap();
    let mut file = StateFile::new(&path, None);
    file.write(&mut state).unwrap();
    assert_eq!(state.serial, 6, "nothing changed, nothing is written");
    state.outputs.clear();
    file.write(&mut state).unwrap();
    state.resources.clear();
    file.write(&mut state).unwrap();
    assert_eq!(file::read(&path).unwrap().unwrap().serial, 8);
    let backup = std::fs::read_to_string(directory.path().join("terraform.tfstate.backup"));
    assert_eq!(backup.unwrap(), RECORDED);
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 2);
}

#[test]
fn two_cannot_have_the_lock_even_after_a_write() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("terraform.tfstate");
    let (clock, rng) = (Clock::system(), Rng::seeded(7));
    let held = lock::acquire(&path, "OperationTypeApply", &clock, &rng).unwrap();
    let mut file = StateFile::new(&path, Some(held));
    let refused =
        || lock::acquire(&path, "OperationTypePlan", &clock, &rng).unwrap_err().to_string();
    assert!(refused().contains("(OperationTypeApply, lock ID "));
    file.write(&mut State::empty("lineage".into())).unwrap();
    assert!(refused().contains("(OperationTypeApply, lock ID "));
    drop(file);
    drop(lock::acquire(&path, "OperationTypePlan", &clock, &rng).unwrap());
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn what_is_no_state_says_so() {
    let wrong = |text: &str| State::parse(text, Path::new("x.tfstate")).unwrap_err().to_string();
    expect_test::expect![[r#"The state file x.tfstate has the format version 3, and only version 4 is known: let Terraform 0.13 or newer write it once."#]]
        .assert_eq(&wrong(r#"{"version": 3}"#));
    assert!(wrong("{").starts_with("The state file x.tfstate is no state of Terraform's"));
}
