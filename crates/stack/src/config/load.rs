//! Reading directories: the root's, and those of the modules that it calls, and they in turn.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use neargate_hcl::{Diagnostic, Source};

use super::content::{missing_argument, unsupported_argument, unsupported_block};
use super::declare::{check_top, declare};
use super::files::{Files, normal};
use super::merge::merge;
use super::{Config, Module, ModuleCall, import, syntax};
use crate::address::ModulePath;

/// How deep modules may call modules.
const DEEPEST: usize = 32;
/// How many calls of modules a configuration may have in all: two calls of two each, and so on,
/// are many soon.
const MOST: usize = 2_000;

/// The configuration in a directory, or everything that is wrong with it. Files are named in errors
/// as they lie from there.
pub fn load(directory: &Path) -> Result<Config, Vec<Diagnostic>> {
    load_from(directory, Files::on_disk())
}

/// The configuration as it was read before: `files` are those of a `Config`.
pub fn load_files(
    directory: &Path,
    files: BTreeMap<PathBuf, String>,
) -> Result<Config, Vec<Diagnostic>> {
    load_from(directory, Files::kept(files))
}

fn load_from(directory: &Path, files: Files) -> Result<Config, Vec<Diagnostic>> {
    let mut loader =
        Loader { modules: BTreeMap::new(), read: BTreeMap::new(), problems: Vec::new(), files };
    loader.module(ModulePath::default(), directory, ".", &mut Vec::new());
    let Loader { modules, mut problems, files, .. } = loader;
    if problems.iter().any(Diagnostic::is_error) {
        return Err(problems);
    }
    let mut config = Config { modules, files: files.texts, warnings: Vec::new() };
    problems.extend(import::check(&config));
    if problems.iter().any(Diagnostic::is_error) {
        return Err(problems);
    }
    config.warnings = problems;
    Ok(config)
}

struct Loader {
    modules: BTreeMap<ModulePath, Arc<Module>>,
    /// Each directory's module once, however often it is called.
    read: BTreeMap<PathBuf, Option<Arc<Module>>>,
    problems: Vec<Diagnostic>,
    files: Files,
}

impl Loader {
    fn module(
        &mut self,
        path: ModulePath,
        directory: &Path,
        shown: &str,
        above: &mut Vec<PathBuf>,
    ) {
        let Some(module) = self.read(directory, shown) else { return };
        above.push(normal(directory));
        for call in module.calls.values() {
            let target = directory.join(&call.source);
            let told = |summary: &str, detail: String| {
                Diagnostic::error(summary, detail)
                    .at(call.source_range.clone())
                    .in_block(format!("module {:?}", call.name))
            };
            if above.contains(&normal(&target)) {
                let mut names: Vec<String> = path.0.clone();
                names.push(call.name.clone());
                self.problems.push(told(
                    "Module cycle",
                    format!(
                        "The module in {} calls itself: module.{}. A module may call only modules that do not call it.",
                        call.source,
                        names.join(".module.")
                    ),
                ));
                continue;
            }
            if above.len() >= DEEPEST || self.modules.len() >= MOST {
                self.problems.push(told(
                    "Too many modules",
                    format!("Modules may call modules {DEEPEST} deep, and {MOST} in all."),
                ));
                continue;
            }
            if !self.files.is_directory(&target) {
                self.problems.push(told(
                    "Unreadable module directory",
                    format!("The directory {} does not exist.", call.source),
                ));
                continue;
            }
            let shown = join_shown(shown, &call.source);
            let child = path.child(&call.name);
            self.module(child.clone(), &target, &shown, above);
            if let Some(module) = self.modules.get(&child) {
                check_inputs(call, module, &mut self.problems);
            }
        }
        above.pop();
        self.modules.insert(path, module);
    }

    fn read(&mut self, directory: &Path, shown: &str) -> Option<Arc<Module>> {
        let normal = normal(directory);
        if let Some(module) = self.read.get(&normal) {
            return module.clone();
        }
        let module =
            read_directory(directory, shown, &mut self.files, &mut self.problems).map(Arc::new);
        self.read.insert(normal, module.clone());
        module
    }
}

/// A call gives its module what the module asks for, and nothing else.
fn check_inputs(call: &ModuleCall, module: &Module, problems: &mut Vec<Diagnostic>) {
    for attribute in &call.inputs.attributes {
        if !module.variables.contains_key(&attribute.name) {
            let known = module.variables.keys().map(String::as_str);
            let error = unsupported_argument(&attribute.name, known, std::iter::empty());
            let error = error.at(attribute.name_range.clone());
            problems.push(syntax::in_context(error, &call.inputs.context));
        }
    }
    for block in &call.inputs.blocks {
        problems.push(unsupported_block(block, std::iter::empty()));
    }
    for (name, variable) in &module.variables {
        if variable.default_expr.is_none() && call.inputs.attribute(name).is_none() {
            problems.push(missing_argument(&call.inputs, name));
        }
    }
}

/// A directory's files as one module; none if a file cannot be parsed.
fn read_directory(
    directory: &Path,
    shown: &str,
    from: &mut Files,
    problems: &mut Vec<Diagnostic>,
) -> Option<Module> {
    let files = match from.of(directory) {
        Ok(files) => files,
        Err(error) => {
            let detail = format!("{} cannot be read: {error}.", directory.display());
            problems.push(Diagnostic::error("Failed to read module directory", detail));
            return None;
        }
    };
    let mut blocks = Vec::new();
    let mut overrides = Vec::new();
    let mut parsed = true;
    for file in &files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = match from.text(file) {
            Ok(text) => text,
            Err(error) => {
                let detail = format!("{} cannot be read: {error}.", file.display());
                problems.push(Diagnostic::error("Failed to read file", detail));
                parsed = false;
                continue;
            }
        };
        let source: Arc<Source> = Source::new(join_shown(shown, &name), text);
        match syntax::parse(&source) {
            Ok(body) => {
                check_top(&body, problems);
                if is_override(&name) { overrides.push(body) } else { blocks.extend(body.blocks) }
            }
            Err(error) => {
                problems.push(error);
                parsed = false;
            }
        }
    }
    for body in overrides {
        merge(&mut blocks, body, problems);
    }
    let mut module =
        Module { directory: directory.to_owned(), shown: shown.to_owned(), ..Module::default() };
    for block in &blocks {
        declare(block, &mut module, problems);
    }
    if files.is_empty() && shown == "." {
        problems.push(Diagnostic::error(
            "No configuration files",
            format!("{} has no files whose names end in .tf.", directory.display()),
        ));
    }
    parsed.then_some(module)
}

fn is_override(name: &str) -> bool {
    name == "override.tf" || name.ends_with("_override.tf")
}

/// The name of a file or directory as it is told: without `./`, and `..` taken out where it can be.
fn join_shown(shown: &str, name: &str) -> String {
    let joined = if shown == "." { PathBuf::from(name) } else { Path::new(shown).join(name) };
    let text = normal(&joined).to_string_lossy().into_owned();
    if text.is_empty() { ".".to_owned() } else { text }
}
