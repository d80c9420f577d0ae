//! Targets: which kinds there are, and what each is given.

pub mod list;
pub mod put;
pub mod remove;

use std::collections::BTreeMap;

use neargate_api::Arn;
use neargate_api::types::events::Target;
use neargate_rules::Input;

/// What an event can be delivered to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Topic,
    LogGroup {
        name: String,
    },
    /// Tasks are run in the cluster of this name.
    Cluster {
        name: String,
    },
}

impl Kind {
    /// The kind of target behind an ARN; `None` for what Neargate has not.
    pub fn of(arn: &Arn) -> Option<Self> {
        match arn.service.as_str() {
            "sns" if !arn.resource.contains([':', '/']) => Some(Kind::Topic),
            "logs" => {
                let name = arn.resource.strip_prefix("log-group:")?;
                let name = name.strip_suffix(":*").unwrap_or(name);
                Some(Kind::LogGroup { name: name.to_owned() })
            }
            "ecs" => {
                let name = arn.resource.strip_prefix("cluster/")?;
                Some(Kind::Cluster { name: name.to_owned() })
            }
            _ => None,
        }
    }
}

/// How the target's input is made; the error says what is wrong with it.
pub fn input_of(target: &Target) -> Result<Input, String> {
    if let Some(text) = &target.input {
        return Input::constant(text);
    }
    if let Some(path) = &target.input_path {
        return Input::path(path);
    }
    match &target.input_transformer {
        None => Ok(Input::Whole),
        Some(transformer) => {
            let none = BTreeMap::new();
            let paths = transformer.input_paths_map.as_ref().unwrap_or(&none);
            Input::template(paths, &transformer.input_template)
        }
    }
}
