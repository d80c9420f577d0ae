//! The form of a plan's file, and a plan as that form.

use std::collections::BTreeMap;
use std::path::PathBuf;

use neargate_hcl::{Diagnostic, Value};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{Origin, VERSION, broken, value};
use crate::address::{ResourceInstance, Target};
use crate::eval::{CheckResult, Object, Status};
use crate::objects::{path_from_json, path_to_json};
use crate::plan::{Action, Drift, OutputChange, Plan, PlanMode, Reason, ResourceChange};
use crate::run::{ProviderAddress, Stack};
use crate::state::State;

#[derive(Serialize, Deserialize)]
pub struct Document {
    /// The version of this form.
    neargate_plan: u64,
    pub origin: Origin,
    /// The root module's directory, as it was named.
    pub root: PathBuf,
    /// The configuration: each file's text by its path.
    pub files: BTreeMap<PathBuf, String>,
    pub variables: BTreeMap<String, Json>,
    mode: PlanMode,
    targets: Vec<String>,
    changes: Vec<Change>,
    outputs: BTreeMap<String, Output>,
    drift: Vec<Drifted>,
    checks: Vec<Check>,
    pub prior: State,
    state: State,
}

#[derive(Serialize, Deserialize)]
struct Change {
    address: String,
    previous: Option<String>,
    deposed: Option<String>,
    provider: String,
    action: Action,
    reason: Option<Reason>,
    before: Option<Json>,
    after: Option<Json>,
    replace: Json,
    importing: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Output {
    action: Action,
    before: Option<Json>,
    after: Option<Json>,
    sensitive: bool,
}

#[derive(Serialize, Deserialize)]
struct Drifted {
    address: String,
    provider: String,
    before: Json,
    after: Option<Json>,
}

#[derive(Serialize, Deserialize)]
struct Check {
    kind: String,
    module: String,
    what: String,
    status: Status,
    messages: Vec<String>,
}

impl Document {
    pub fn of(stack: &Stack, plan: &Plan, origin: &Origin) -> Document {
        let written = |(name, it): (&String, &Value)| (name.clone(), value::write(it));
        let output = |change: &OutputChange| Output {
            action: change.action,
            before: change.before.as_ref().map(value::write),
            after: change.after.as_ref().map(value::write),
            sensitive: change.sensitive,
        };
        let drifted = |drift: &Drift| Drifted {
            address: drift.address.to_string(),
            provider: drift.provider.to_string(),
            before: value::write(&drift.before),
            after: drift.after.as_ref().map(value::write),
        };
        Document {
            neargate_plan: VERSION,
            origin: origin.clone(),
            root: stack.config.root().directory.clone(),
            files: stack.config.files.clone(),
            variables: stack.inputs.iter().map(written).collect(),
            mode: plan.mode,
            targets: plan.targets.iter().map(ToString::to_string).collect(),
            changes: plan.changes.iter().map(Change::of).collect(),
            outputs: plan.outputs.iter().map(|(n, o)| (n.clone(), output(o))).collect(),
            drift: plan.drift.iter().map(drifted).collect(),
            checks: plan.checks.iter().map(Check::of).collect(),
            prior: plan.prior.clone(),
            state: plan.state.clone(),
        }
    }

    pub fn plan(self, stack: &Stack) -> Result<Plan, Vec<Diagnostic>> {
        let changes = self.changes.into_iter().map(|change| change.read(stack));
        let outputs = self.outputs.into_iter().map(|(name, output)| {
            let wrong = || broken(&format!("output {name:?}"));
            let change = output.read().ok_or_else(wrong)?;
            Ok((name, change))
        });
        let drift = self.drift.into_iter().map(|drift| drift.read(stack));
        let targets = self.targets.iter().map(|target| target.parse::<Target>());
        let targets: Result<Vec<Target>, _> = targets.collect();
        let checks: Option<Vec<CheckResult>> = self.checks.into_iter().map(Check::read).collect();
        Ok(Plan {
            mode: self.mode,
            changes: changes.collect::<Result<_, Vec<Diagnostic>>>()?,
            outputs: outputs.collect::<Result<_, Vec<Diagnostic>>>()?,
            drift: drift.collect::<Result<_, Vec<Diagnostic>>>()?,
            prior: self.prior,
            state: self.state,
            checks: checks.ok_or_else(|| broken("checks"))?,
            targets: targets.map_err(|_| broken("targets"))?,
            warnings: Vec::new(),
        })
    }
}

/// A value that may be left out; the outer none is one that is not understood.
fn optional(told: Option<&Json>) -> Option<Option<Value>> {
    match told {
        None => Some(None),
        Some(told) => Some(Some(value::read(told)?)),
    }
}

impl Change {
    fn of(change: &ResourceChange) -> Change {
        Change {
            address: change.address.to_string(),
            previous: change.previous.as_ref().map(ToString::to_string),
            deposed: change.deposed.clone(),
            provider: change.provider.to_string(),
            action: change.action,
            reason: change.reason,
            before: change.before.as_ref().map(value::write),
            after: change.after.as_ref().map(value::write),
            replace: change.replace.iter().map(|path| path_to_json(path)).collect(),
            importing: change.importing.clone(),
        }
    }

    fn read(self, stack: &Stack) -> Result<ResourceChange, Vec<Diagnostic>> {
        let wrong = || broken(&self.address);
        let address: ResourceInstance = self.address.parse().map_err(|_| wrong())?;
        let provider = ProviderAddress::parse(&self.provider).ok_or_else(wrong)?;
        let schema = stack.schema(&provider, &address.resource)?;
        let previous = self.previous.as_ref().map(|text| text.parse()).transpose();
        let replace = self.replace.as_array().into_iter().flatten().map(path_from_json);
        Ok(ResourceChange {
            previous: previous.map_err(|_| wrong())?,
            deposed: self.deposed.clone(),
            schema,
            action: self.action,
            reason: self.reason,
            before: optional(self.before.as_ref()).ok_or_else(wrong)?,
            after: optional(self.after.as_ref()).ok_or_else(wrong)?,
            replace: replace.collect::<Option<_>>().ok_or_else(wrong)?,
            importing: self.importing.clone(),
            address,
            provider,
        })
    }
}

impl Output {
    fn read(self) -> Option<OutputChange> {
        Some(OutputChange {
            action: self.action,
            before: optional(self.before.as_ref())?,
            after: optional(self.after.as_ref())?,
            sensitive: self.sensitive,
        })
    }
}

impl Drifted {
    fn read(self, stack: &Stack) -> Result<Drift, Vec<Diagnostic>> {
        let wrong = || broken(&self.address);
        let address: ResourceInstance = self.address.parse().map_err(|_| wrong())?;
        let provider = ProviderAddress::parse(&self.provider).ok_or_else(wrong)?;
        let schema = stack.schema(&provider, &address.resource)?;
        let before = value::read(&self.before).ok_or_else(wrong)?;
        let after = optional(self.after.as_ref()).ok_or_else(wrong)?;
        Ok(Drift { address, provider, schema, before, after })
    }
}

impl Check {
    fn of(result: &CheckResult) -> Check {
        Check {
            kind: result.object.kind.to_owned(),
            module: result.object.module.to_string(),
            what: result.object.what.clone(),
            status: result.status,
            messages: result.messages.clone(),
        }
    }

    fn read(self) -> Option<CheckResult> {
        let kind = Object::KINDS.into_iter().find(|kind| *kind == self.kind)?;
        let object = Object { module: self.module.parse().ok()?, kind, what: self.what };
        Some(CheckResult { object, status: self.status, messages: self.messages })
    }
}
