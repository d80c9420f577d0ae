//! `state mv`: what the state has under one address has another from now on.

use neargate_hcl::Diagnostic;

use super::State;
use crate::address::{Key, ModuleInstance, ResourceInstance, Target};

/// Moves a module, a resource with all of its instances, or one instance.
pub fn mv(state: &mut State, from: &Target, to: &Target) -> Result<(), Diagnostic> {
    let refused = |why: &str| {
        let detail = format!("Cannot move {from} to {to}: {why}.");
        Err(Diagnostic::error("Invalid state move request", detail))
    };
    match (&from.resource, &to.resource) {
        (None, Some(_)) | (Some(_), None) => {
            return refused("a module moves to a module, and a resource to a resource");
        }
        (Some(a), Some(b)) if a.mode != b.mode => {
            return refused("a data source and a managed resource are not the same");
        }
        (Some(a), Some(b)) if a.of_type != b.of_type => {
            return refused("resource types don't match");
        }
        _ => {}
    }
    let moves = moves(state, from, to);
    if moves.is_empty() {
        let detail = format!("Cannot move {from}: does not match anything in the current state.");
        return Err(Diagnostic::error("Invalid source address", detail));
    }
    let going: Vec<&ResourceInstance> = moves.iter().map(|(from, _, _)| from).collect();
    let taken =
        state.instances().any(|(at, ..)| is_taken(&at, to, &moves) && !going.contains(&&at));
    if taken {
        let what = match (&to.resource, &to.key) {
            (None, _) => "module",
            (Some(_), Key::None) => "resource",
            _ => "resource instance",
        };
        let detail = format!(
            "Cannot move to {to}: there is already a {what} at that address in the current state."
        );
        return Err(Diagnostic::error("Invalid target address", detail));
    }
    let mut removed = Vec::new();
    for (from, deposed, to) in moves {
        let provider = state.provider_of(&from).map(str::to_owned);
        if let (Some(provider), Some(object)) = (provider, state.remove(&from, &deposed)) {
            removed.push((to, provider, object));
        }
    }
    for (to, provider, object) in removed {
        state.put(&to, &provider, object);
    }
    Ok(())
}

type Move = (ResourceInstance, String, ResourceInstance);

/// Every object that is meant, with where it goes.
fn moves(state: &State, from: &Target, to: &Target) -> Vec<Move> {
    let alone = |at: &ResourceInstance| at.key == Key::None;
    let meant = state.instances().filter_map(|(at, _, instance)| {
        let moved = match (&from.resource, &to.resource) {
            (Some(resource), Some(target)) => {
                let named = at.module == from.module && at.resource == *resource;
                let keyed = from.key == at.key || from.key == Key::None && to.key == Key::None;
                if !named || !keyed {
                    return None;
                }
                let whole = from.key == Key::None && !alone(&at);
                let key = if whole { at.key.clone() } else { to.key.clone() };
                ResourceInstance { module: to.module.clone(), resource: target.clone(), key }
            }
            _ => {
                let below = at.module.0.strip_prefix(from.module.0.as_slice())?;
                let steps = to.module.0.iter().chain(below).cloned().collect();
                ResourceInstance { module: ModuleInstance(steps), ..at.clone() }
            }
        };
        Some((at, instance.deposed.clone(), moved))
    });
    meant.collect()
}

fn is_taken(at: &ResourceInstance, to: &Target, moves: &[Move]) -> bool {
    match &to.resource {
        None => at.module.0.starts_with(&to.module.0),
        Some(resource) if moves.iter().any(|(_, _, moved)| moved.key != to.key) => {
            at.module == to.module && at.resource == *resource
        }
        Some(_) => moves.iter().any(|(_, _, moved)| moved == at),
    }
}
