//! Availability-zone rebalancing: a service in its steady state that has more than one task
//! more in one zone than in another gets tasks where it has the fewest, and once these are
//! healthy as many stop where it has the most.
//!
//! ```text
//! steady, uneven ─▶ start in the zone with the fewest ─▶ healthy ─▶ stop in the one with the most ─▶ even
//!        a deployment, another desired count, DISABLED, protected tasks: it stops half-way
//! ```
//! Source: "Balancing an Amazon ECS service across Availability Zones" and "Track Amazon ECS
//! Availability Zone rebalancing" in the ECS developer guide.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use neargate_ids::Timestamp;
use neargate_model::ecs::{Controller, Deployment, EventKind, RolloutState, Said, Task};

use super::count::{self, Verdict};
use super::{Plan, Start, View, words};

/// How many tasks a zone has, and how many of them may be stopped.
#[derive(Clone, Copy, Default)]
struct Zone {
    tasks: usize,
    free: usize,
}

/// What a spread of tasks over zones needs.
#[derive(Debug, PartialEq, Eq)]
enum Need {
    Nothing,
    Start {
        zone: String,
        count: u32,
    },
    /// There would be something to even out, but no task may go.
    Protected,
}

fn is_on(view: &View<'_>) -> bool {
    let wish = view.service.wire.availability_zone_rebalancing.as_deref();
    wish == Some("ENABLED") && view.service.controller == Controller::Ecs && view.zones.len() > 1
}

/// Gives up what is under way where it has lost its ground: what is too many is scaled in.
pub fn interrupt(view: &View<'_>, plan: &mut Plan) {
    let Some(desired_count) = plan.rebalancing else { return };
    let primary = plan.deployments.first();
    let wanted = view.tasks.iter().filter(|task| task.is_wanted()).count();
    let (_, maximum) = count::bounds(view.service);
    let stands = is_on(view)
        && wanted <= maximum as usize
        && desired_count == view.service.desired_count
        && primary.is_some_and(|primary| primary.rollout == RolloutState::Completed);
    if !stands {
        give_up(plan);
    }
}

fn give_up(plan: &mut Plan) {
    plan.rebalancing = None;
    plan.say(Said::new(EventKind::RebalancingStopped, "stopped AZ Rebalancing."));
}

/// Begins, goes on or ends.
pub fn rebalance(view: &View<'_>, now: Timestamp, plan: &mut Plan) {
    let busy = plan.start.is_some() || !plan.stop.is_empty() || plan.roll_back_to.is_some();
    let primary = plan.deployments.first().cloned();
    let Some(primary) = primary.filter(|p| p.rollout == RolloutState::Completed) else { return };
    // The steady state is told before it is left.
    let is_steady = plan.steady && view.service.steady;
    if busy || !is_on(view) || plan.rebalancing.is_none() && !is_steady {
        return;
    }
    let tasks = count::wanted(view, &primary.id, true);
    let verdicts: Vec<Verdict> = tasks.iter().map(|t| count::verdict(view, t, now)).collect();
    let healthy = verdicts.iter().filter(|verdict| **verdict == Verdict::Healthy).count();
    let ails = verdicts.iter().any(|verdict| matches!(verdict, Verdict::Unhealthy { .. }));
    let desired_count = view.service.desired_count as usize;
    if ails || tasks.len() < desired_count {
        return;
    }
    if healthy > desired_count {
        let fit = tasks.into_iter().zip(verdicts).filter(|(_, v)| *v == Verdict::Healthy);
        let fit: Vec<_> = fit.map(|(task, _)| task).collect();
        stop(view, &primary, fit, healthy - desired_count, now, plan);
        return;
    }
    if plan.rebalancing.is_some() && healthy < tasks.len() {
        let missing = tasks.len() - healthy;
        plan.waits_for.push(format!("{missing} tasks to become healthy, to even out the zones"));
    }
    let zones = zones(view, &tasks, now);
    match need(&zones, tasks.len() - desired_count) {
        Need::Start { zone, count } => {
            let room = (count::bounds(view.service).1 as usize).saturating_sub(tasks.len());
            start(view, &primary, &zones, (zone, count.min(room as u32)), now, plan);
        }
        Need::Protected => tell_protected(view, &primary, &tasks, now, plan),
        Need::Nothing if plan.rebalancing.is_some() && tasks.len() == healthy => {
            plan.rebalancing = None;
            let what = format!("is AZ balanced with {}.", words::spread(&counts(&zones)));
            plan.say(Said::new(EventKind::RebalancingCompleted, what));
            if !plan.steady {
                plan.steady = true;
                plan.say_steady();
            }
        }
        Need::Nothing => {}
    }
}

fn zones(view: &View<'_>, tasks: &[&Arc<Task>], now: Timestamp) -> BTreeMap<String, Zone> {
    let mut zones: BTreeMap<String, Zone> =
        view.zones.iter().map(|zone| (zone.clone(), Zone::default())).collect();
    for task in tasks {
        let zone = zones.entry(task.placement.availability_zone.clone()).or_default();
        zone.tasks += 1;
        zone.free += usize::from(!task.is_protected(now));
    }
    zones
}

fn counts(zones: &BTreeMap<String, Zone>) -> Vec<(String, usize)> {
    zones.iter().map(|(name, zone)| (name.clone(), zone.tasks)).collect()
}

/// What the zones need, given that so many of their tasks are going to be stopped.
fn need(zones: &BTreeMap<String, Zone>, surplus: usize) -> Need {
    let mut zones: Vec<(String, Zone)> = zones.clone().into_iter().collect();
    let fullest = |zones: &[(String, Zone)], than: usize| {
        let able = |zone: &Zone| zone.free > 0 && zone.tasks > than;
        let able = zones.iter().enumerate().filter(|(_, (_, zone))| able(zone));
        able.max_by_key(|(at, (_, zone))| (zone.tasks, Reverse(*at))).map(|(at, _)| at)
    };
    for _ in 0..surplus {
        let Some(from) = fullest(&zones, 0) else { return Need::Protected };
        zones[from].1.tasks -= 1;
        zones[from].1.free -= 1;
    }
    let mut start: Option<(String, u32)> = None;
    loop {
        let most = zones.iter().map(|(_, zone)| zone.tasks).max().unwrap_or(0);
        let Some(to) = (0..zones.len()).min_by_key(|at| zones[*at].1.tasks) else { break };
        let fewest = zones[to].1.tasks;
        if most <= fewest + 1 {
            break;
        }
        let Some(from) = fullest(&zones, fewest + 1) else {
            return start.map_or(Need::Protected, |(zone, count)| Need::Start { zone, count });
        };
        zones[from].1.tasks -= 1;
        zones[from].1.free -= 1;
        zones[to].1.tasks += 1;
        let (zone, count) = start.get_or_insert_with(|| (zones[to].0.clone(), 0));
        *count += u32::from(*zone == zones[to].0);
    }
    start.map_or(Need::Nothing, |(zone, count)| Need::Start { zone, count })
}

fn start(
    view: &View<'_>,
    primary: &Deployment,
    zones: &BTreeMap<String, Zone>,
    (zone, count): (String, u32),
    now: Timestamp,
    plan: &mut Plan,
) {
    if count == 0 {
        let (_, maximum) = count::bounds(view.service);
        plan.waits_for.push(format!("room for a task in {zone}: the maximum is {maximum}"));
        return;
    }
    if let Some(at) = primary.next_launch_at.max(primary.next_placement_at).filter(|at| *at > now) {
        plan.waits_for
            .push(format!("the next try to start tasks in {zone}, at {}", at.iso8601_secs()));
        plan.wake(at);
        return;
    }
    if plan.rebalancing.is_none() {
        plan.rebalancing = Some(view.service.desired_count);
        let spread = words::spread(&counts(zones));
        let what = format!("is not AZ balanced with {spread}. AZ Rebalancing in progress.");
        plan.say(Said::new(EventKind::RebalancingStarted, what));
    }
    let deployment = primary.id.clone();
    plan.start = Some(Start { deployment, count, replaces_unhealthy: false, zone: Some(zone) });
}

/// Stops so many healthy tasks, each in the zone that has the most, and there the newest.
fn stop(
    view: &View<'_>,
    primary: &Deployment,
    mut fit: Vec<&Arc<Task>>,
    surplus: usize,
    now: Timestamp,
    plan: &mut Plan,
) {
    for _ in 0..surplus {
        let zones = zones(view, &fit, now);
        let able = fit.iter().enumerate().filter(|(_, task)| !task.is_protected(now));
        let first = able.max_by_key(|(_, task)| {
            let zone = zones.get(&task.placement.availability_zone);
            (zone.map_or(0, |zone| zone.tasks), task.created_at)
        });
        let Some((at, _)) = first else {
            tell_protected(view, primary, &fit, now, plan);
            return;
        };
        let task = fit.remove(at);
        plan.stop_rebalancing(task);
    }
}

fn tell_protected(
    view: &View<'_>,
    primary: &Deployment,
    tasks: &[&Arc<Task>],
    now: Timestamp,
    plan: &mut Plan,
) {
    // Half-way, what is too many goes first.
    if plan.rebalancing.is_some() {
        give_up(plan);
        return;
    }
    let protected = || tasks.iter().filter(|task| task.is_protected(now));
    let said = words::protected("AZ Rebalance", &primary.id, protected().count());
    plan.tell_once(view.service, now, said);
    if let Some(until) = protected().filter_map(|task| task.protected_until).min() {
        let at = until.iso8601_secs();
        plan.waits_for.push(format!("a protected task to be free to change its zone, at {at}"));
        plan.wake(until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The need of zones `a`, `b`, … with so many tasks, of which so many may go.
    fn needed(zones: &[(usize, usize)], surplus: usize) -> Need {
        let named = zones
            .iter()
            .zip('a'..)
            .map(|((tasks, free), name)| (name.to_string(), Zone { tasks: *tasks, free: *free }));
        need(&named.collect(), surplus)
    }

    fn start(zone: &str, count: u32) -> Need {
        Need::Start { zone: zone.into(), count }
    }

    #[test]
    fn a_difference_of_one_is_even() {
        assert_eq!(needed(&[(1, 1), (0, 0), (1, 1)], 0), Need::Nothing);
        assert_eq!(needed(&[(2, 2), (1, 1), (1, 1)], 0), Need::Nothing);
    }

    #[test]
    fn the_zone_with_the_fewest_comes_first() {
        assert_eq!(needed(&[(3, 3), (1, 1), (1, 1)], 0), start("b", 1));
        assert_eq!(needed(&[(6, 6), (0, 0)], 0), start("b", 3));
        assert_eq!(needed(&[(6, 6), (0, 0), (0, 0)], 0), start("b", 2));
    }

    #[test]
    fn what_is_under_way_counts() {
        assert_eq!(needed(&[(3, 3), (2, 2), (1, 1)], 1), Need::Nothing);
        assert_eq!(needed(&[(6, 6), (2, 2), (0, 0)], 2), start("c", 2));
    }

    #[test]
    fn protected_tasks_stay_where_they_are() {
        assert_eq!(needed(&[(3, 0), (1, 1)], 0), Need::Protected);
        assert_eq!(needed(&[(3, 1), (1, 1)], 0), start("b", 1));
    }
}
