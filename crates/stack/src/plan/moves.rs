//! `moved` blocks, and what they do not need to say: an instance whose resource got or lost `count`.

use std::collections::BTreeMap;

use crate::address::{Key, ModuleInstance, ResourceInstance, Target};
use crate::config::Config;
use crate::state::State;

/// Moves what the state has to where the configuration has it now. Tells where each was.
pub fn apply(config: &Config, state: &mut State) -> BTreeMap<ResourceInstance, ResourceInstance> {
    let mut moved = BTreeMap::new();
    for (path, module) in &config.modules {
        for block in &module.moved {
            let found: Vec<ResourceInstance> =
                state.instances().map(|(address, _, _)| address).collect();
            for from in found {
                if let Some(to) = destination(path, &block.from, &block.to, &from) {
                    rename(state, &from, &to, &mut moved);
                }
            }
        }
    }
    implied(config, state, &mut moved);
    moved
}

/// Where a block moves an instance to, if it is one of those that it means.
fn destination(
    path: &crate::address::ModulePath,
    from: &Target,
    to: &Target,
    instance: &ResourceInstance,
) -> Option<ResourceInstance> {
    let depth = path.0.len();
    let (above, below) = instance.module.0.split_at_checked(depth)?;
    if above.iter().map(|(name, _)| name).ne(&path.0) {
        return None;
    }
    let steps = &from.module.0;
    let (head, rest) = below.split_at_checked(steps.len())?;
    let mut keys = Vec::new();
    for ((name, key), (other, at)) in steps.iter().zip(head) {
        if name != other || (*key != Key::None && key != at) {
            return None;
        }
        keys.push(if *key == Key::None { at.clone() } else { Key::None });
    }
    let mut module = above.to_vec();
    for (index, (name, key)) in to.module.0.iter().enumerate() {
        let kept = keys.get(index).cloned().unwrap_or_default();
        module.push((name.clone(), if *key == Key::None { kept } else { key.clone() }));
    }
    let moved = match (&from.resource, &to.resource) {
        (None, None) => {
            module.extend(rest.iter().cloned());
            ResourceInstance { module: ModuleInstance(module), ..instance.clone() }
        }
        (Some(resource), Some(target)) if rest.is_empty() && instance.resource == *resource => {
            if from.key != Key::None && from.key != instance.key {
                return None;
            }
            let whole = from.key == Key::None && to.key == Key::None;
            let key = if whole { instance.key.clone() } else { to.key.clone() };
            ResourceInstance { module: ModuleInstance(module), resource: target.clone(), key }
        }
        _ => return None,
    };
    (moved != *instance).then_some(moved)
}

/// One object takes another's place only where there is none.
fn rename(
    state: &mut State,
    from: &ResourceInstance,
    to: &ResourceInstance,
    moved: &mut BTreeMap<ResourceInstance, ResourceInstance>,
) {
    let Some(provider) = state.provider_of(from).map(str::to_owned) else { return };
    if state.get(to).is_some() {
        return;
    }
    if let Some(object) = state.remove(from, "") {
        state.put(to, &provider, object);
        let first = moved.remove(from).unwrap_or_else(|| from.clone());
        moved.insert(to.clone(), first);
    }
}

/// `a` becomes `a[0]` when it gets a count, and the other way round when it loses it.
fn implied(
    config: &Config,
    state: &mut State,
    moved: &mut BTreeMap<ResourceInstance, ResourceInstance>,
) {
    let found: Vec<ResourceInstance> = state.instances().map(|(address, _, _)| address).collect();
    for from in found {
        let Some(decl) = config.resource(&from.config()) else { continue };
        let key = match (&from.key, &decl.count, &decl.for_each) {
            (Key::None, Some(_), _) => Key::Index(0),
            (Key::Index(0), None, None) => Key::None,
            _ => continue,
        };
        let to = ResourceInstance { key, ..from.clone() };
        rename(state, &from, &to, moved);
    }
}
