//! The handle: applies configurations, and ends drains.
//!
//! `apply` builds the new table beside the old one and exchanges it address by
//! address; a request sees the one or the other, never a mixture of rules.
//! Targets that stay registered keep their pools, counts and turns.

use std::collections::{HashMap, HashSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use neargate_ids::{Clock, Rng, Timestamp};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{Duration, Instant, sleep};

use crate::config::{self, Config, TargetGroup, TargetState, Tls};
use crate::connect::Connector;
use crate::cookies::Seal;
use crate::front::{Slot, serve};
use crate::observe::{Drained, Observer};
use crate::proxy::Core;
use crate::rules::Test;
use crate::table::{Action, Listener, LoadBalancer, Rule};
use crate::target::Target;
use crate::target::choose::Group;
use crate::tls::{Acceptor, TlsError};

/// How often drains are compared with the clock, which may be moved.
const DRAIN_TICK: Duration = Duration::from_millis(200);
/// How often idle connections to targets are looked through.
const SWEEP: Duration = Duration::from_secs(5);

/// Why a listener of a configuration does not serve.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("listener {listener}: {error}")]
pub struct Problem {
    pub listener: Arc<str>,
    pub error: TlsError,
}

/// The load balancers of this instance. Dropping it closes everything.
pub struct Balancer {
    shared: Arc<Shared>,
    housekeeping: JoinHandle<()>,
}

struct Shared {
    core: Arc<Core>,
    state: Mutex<State>,
    /// Rung when a draining target has become idle.
    idle: Arc<Notify>,
}

/// Load balancer, target group, address.
type TargetKey = (Arc<str>, Arc<str>, SocketAddr);

#[derive(Default)]
struct State {
    applied: bool,
    targets: HashMap<TargetKey, Known>,
    turns: HashMap<(Arc<str>, Arc<str>), Arc<AtomicUsize>>,
    slots: HashMap<SocketAddr, Arc<Slot>>,
    /// By listener: for connections that are handed over.
    handed: HashMap<Arc<str>, Arc<Slot>>,
    acceptors: HashMap<Arc<str>, (Tls, bool, Arc<Acceptor>)>,
    idle_timeouts: HashMap<Arc<str>, Duration>,
    /// Draining targets of groups without a load balancer, already told.
    drained_unused: HashSet<(Arc<str>, SocketAddr)>,
}

struct Known {
    target: Arc<Target>,
    state: TargetState,
    /// Its drain has been told to the observer.
    drained: bool,
}

impl Balancer {
    /// Starts with nothing to balance, in the tokio runtime of the caller.
    pub fn start(
        connector: Arc<dyn Connector>,
        observer: Arc<dyn Observer>,
        clock: Clock,
        rng: Rng,
    ) -> Self {
        let seal = ArcSwap::from_pointee(Seal::new(&[0; 32]));
        let runtime = Handle::current();
        let core = Arc::new(Core { connector, observer, clock, seal, rng, runtime });
        let shared = Arc::new(Shared { core, state: Mutex::default(), idle: Arc::default() });
        let housekeeping = tokio::spawn(keep_house(shared.clone()));
        Balancer { shared, housekeeping }
    }

    /// Makes `config` the one that counts from now on. Listeners with a
    /// problem are left out, and everything else is served.
    pub fn apply(&self, config: &Config) -> Vec<Problem> {
        let shared = &self.shared;
        let now = shared.core.clock.now();
        shared.core.seal.store(Arc::new(Seal::new(&config.cookie_key)));
        let mut state = shared.state();
        let mut problems = Vec::new();
        let mut by_address: HashMap<SocketAddr, Vec<Arc<Listener>>> = HashMap::new();
        let mut kept: HashSet<TargetKey> = HashSet::new();
        for load_balancer in &config.load_balancers {
            let groups = state.groups(load_balancer, config, now, &shared.idle, &mut kept);
            let table = Arc::new(LoadBalancer {
                id: load_balancer.id.clone(),
                dns_name: load_balancer.dns_name.to_ascii_lowercase(),
                attributes: load_balancer.attributes.clone(),
            });
            for listener in &load_balancer.listeners {
                match state.listener(listener, &table, &groups) {
                    Ok(built) => {
                        state.hand(&built);
                        for &address in &listener.binds {
                            by_address.entry(address).or_default().push(built.clone());
                        }
                    }
                    Err(error) => {
                        problems.push(Problem { listener: listener.arn.clone(), error });
                    }
                }
            }
        }
        state.exchange_slots(by_address, &shared.core);
        state.forget_targets(&kept);
        state.forget_listeners(config);
        let drained = state.drain_unused(config);
        state.applied = true;
        drop(state);
        for drained in drained {
            shared.core.observer.drained(drained);
        }
        shared.idle.notify_one();
        problems
    }

    /// Serves a connection to its end that was accepted elsewhere, in a network
    /// namespace for example, as if it had come to the listener. False when
    /// there is no such listener, or it does not serve.
    pub async fn serve(&self, listener: &str, tcp: TcpStream, client: SocketAddr) -> bool {
        let slot = self.shared.state().handed.get(listener).cloned();
        let Some(slot) = slot else { return false };
        serve::serve(tcp, client, slot, self.shared.core.clone()).await;
        true
    }

    /// Requests in flight at a target, over all load balancers.
    pub fn in_flight(&self, target_group: &str, target: SocketAddr) -> usize {
        let state = self.shared.state();
        let of_target =
            state.targets.iter().filter(|((_, g, a), _)| **g == *target_group && *a == target);
        of_target.map(|(_, known)| known.target.in_flight()).sum()
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.housekeeping.abort();
        let state = self.shared.state();
        for slot in state.slots.values().chain(state.handed.values()) {
            slot.close();
        }
        for known in state.targets.values() {
            known.target.cut();
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The groups that a load balancer's rules use, with their run-time targets.
    fn groups(
        &mut self,
        load_balancer: &config::LoadBalancer,
        config: &Config,
        now: Timestamp,
        idle: &Arc<Notify>,
        kept: &mut HashSet<TargetKey>,
    ) -> HashMap<Arc<str>, Arc<Group>> {
        let secs = load_balancer.attributes.idle_timeout_secs;
        self.idle_timeouts.insert(load_balancer.id.clone(), Duration::from_secs(secs.into()));
        let used: HashSet<&Arc<str>> = load_balancer.target_groups().collect();
        let mut groups = HashMap::new();
        for group in config.target_groups.iter().filter(|g| used.contains(&g.arn)) {
            let targets = self.targets(&load_balancer.id, group, now, idle);
            kept.extend(
                targets.iter().map(|t| (t.load_balancer.clone(), t.group.clone(), t.address)),
            );
            let turn = self.turns.entry((load_balancer.id.clone(), group.arn.clone())).or_default();
            let built = Group::new(group.clone(), &targets, turn.clone());
            groups.insert(group.arn.clone(), Arc::new(built));
        }
        groups
    }

    fn targets(
        &mut self,
        load_balancer: &Arc<str>,
        group: &TargetGroup,
        now: Timestamp,
        idle: &Arc<Notify>,
    ) -> Vec<Arc<Target>> {
        let key_of = |address| (load_balancer.clone(), group.arn.clone(), address);
        // Slow start needs someone else to carry the load meanwhile.
        let has_warm = group.targets.iter().any(|t| {
            self.targets.get(&key_of(t.address)).is_some_and(|known| {
                known.state == TargetState::Healthy
                    && t.state == TargetState::Healthy
                    && known.target.warmth(group.slow_start_secs, now) >= 1000
            })
        });
        let starts_slowly = self.applied && has_warm && group.slow_start_secs > 0;
        let mut targets = Vec::with_capacity(group.targets.len());
        for config in &group.targets {
            let key = key_of(config.address);
            let draining = matches!(config.state, TargetState::Draining { .. });
            let new = || Known {
                target: Arc::new(Target::new(key.0.clone(), key.1.clone(), key.2, idle.clone())),
                state: TargetState::Initial,
                drained: false,
            };
            let known = self.targets.entry(key.clone()).or_insert_with(new);
            if known.drained && !draining {
                // Registered anew after its end.
                *known = new();
            }
            known.target.set_draining(draining);
            match (known.state, config.state) {
                (TargetState::Healthy, TargetState::Healthy) => {}
                (_, TargetState::Healthy) => {
                    known.target.set_slow_start(starts_slowly.then_some(now));
                }
                _ => known.target.set_slow_start(None),
            }
            known.state = config.state;
            targets.push(known.target.clone());
        }
        targets
    }

    fn listener(
        &mut self,
        listener: &config::Listener,
        load_balancer: &Arc<LoadBalancer>,
        groups: &HashMap<Arc<str>, Arc<Group>>,
    ) -> Result<Arc<Listener>, TlsError> {
        let action = |action| Action::new(action, |arn| groups.get(arn).cloned());
        let rules = listener.rules.iter().map(|rule| Rule {
            priority: rule.priority,
            tests: rule.conditions.iter().map(Test::new).collect(),
            action: action(&rule.action),
        });
        let tls = match &listener.tls {
            None => None,
            Some(tls) => Some(self.acceptor(&listener.arn, tls, load_balancer.attributes.http2)?),
        };
        Ok(Arc::new(Listener {
            arn: listener.arn.clone(),
            port: listener.port,
            load_balancer: load_balancer.clone(),
            tls,
            rules: rules.collect(),
            default_action: action(&listener.default_action),
        }))
    }

    /// The same as before when nothing changed, so that sessions resume.
    fn acceptor(
        &mut self,
        arn: &Arc<str>,
        tls: &Tls,
        http2: bool,
    ) -> Result<Arc<Acceptor>, TlsError> {
        if let Some((of, with_http2, acceptor)) = self.acceptors.get(arn)
            && of == tls
            && *with_http2 == http2
        {
            return Ok(acceptor.clone());
        }
        let acceptor = Arc::new(Acceptor::new(tls, http2)?);
        self.acceptors.insert(arn.clone(), (tls.clone(), http2, acceptor.clone()));
        Ok(acceptor)
    }

    fn exchange_slots(
        &mut self,
        by_address: HashMap<SocketAddr, Vec<Arc<Listener>>>,
        core: &Arc<Core>,
    ) {
        self.slots.retain(|address, slot| {
            let stays = by_address.contains_key(address);
            if !stays {
                slot.close();
            }
            stays
        });
        for (address, listeners) in by_address {
            match self.slots.get(&address) {
                Some(slot) => slot.listeners.store(Arc::new(listeners)),
                None => {
                    self.slots.insert(address, Slot::open(address, listeners, core));
                }
            }
        }
    }

    /// Keeps a listener's own slot up to date.
    fn hand(&mut self, listener: &Arc<Listener>) {
        match self.handed.get(&listener.arn) {
            Some(slot) => slot.listeners.store(Arc::new(vec![listener.clone()])),
            None => {
                let address = SocketAddr::from((Ipv4Addr::UNSPECIFIED, listener.port));
                let slot = Slot::unbound(address, vec![listener.clone()]);
                self.handed.insert(listener.arn.clone(), slot);
            }
        }
    }

    /// What is no longer registered is cut off.
    fn forget_targets(&mut self, kept: &HashSet<TargetKey>) {
        self.targets.retain(|key, known| {
            let stays = kept.contains(key);
            if !stays {
                known.target.cut();
            }
            stays
        });
        let used: HashSet<_> = kept.iter().map(|(l, g, _)| (l.clone(), g.clone())).collect();
        self.turns.retain(|key, _| used.contains(key));
    }

    fn forget_listeners(&mut self, config: &Config) {
        let balancers = &config.load_balancers;
        let arns: HashSet<_> =
            balancers.iter().flat_map(|l| &l.listeners).map(|l| &l.arn).collect();
        self.acceptors.retain(|arn, _| arns.contains(arn));
        self.handed.retain(|arn, slot| {
            let stays = arns.contains(arn);
            if !stays {
                slot.close();
            }
            stays
        });
        self.idle_timeouts.retain(|id, _| balancers.iter().any(|l| l.id == *id));
    }

    /// A group that nobody forwards to has nothing in flight: its drains end.
    fn drain_unused(&mut self, config: &Config) -> Vec<Drained> {
        let used: HashSet<&Arc<str>> =
            config.load_balancers.iter().flat_map(|l| l.target_groups()).collect();
        let mut still = HashSet::new();
        for group in config.target_groups.iter().filter(|g| !used.contains(&g.arn)) {
            for target in &group.targets {
                if matches!(target.state, TargetState::Draining { .. }) {
                    still.insert((group.arn.clone(), target.address));
                }
            }
        }
        let new = still.difference(&self.drained_unused);
        let drained = new.map(|(target_group, target)| Drained {
            target_group: target_group.clone(),
            target: *target,
            cut: 0,
        });
        let drained = drained.collect();
        self.drained_unused = still;
        drained
    }

    /// Ends the drains that are over; tells whether others go on.
    fn end_drains(&mut self, now: Timestamp, ended: &mut Vec<Drained>) -> bool {
        let mut others = false;
        for ((_, target_group, target), known) in &mut self.targets {
            let TargetState::Draining { until } = known.state else { continue };
            if known.drained {
                continue;
            }
            let cut = known.target.in_flight();
            if cut > 0 && now < until {
                others = true;
                continue;
            }
            known.target.cut();
            known.drained = true;
            ended.push(Drained { target_group: target_group.clone(), target: *target, cut });
        }
        others
    }

    fn sweep(&self) {
        for ((load_balancer, ..), known) in &self.targets {
            if let Some(&idle_timeout) = self.idle_timeouts.get(load_balancer) {
                known.target.pool.sweep(idle_timeout);
            }
        }
    }
}

/// Ends drains as soon as they can end, and closes idle connections.
async fn keep_house(shared: Arc<Shared>) {
    let mut swept = Instant::now();
    loop {
        let mut ended = Vec::new();
        let draining = shared.state().end_drains(shared.core.clock.now(), &mut ended);
        for drained in ended {
            shared.core.observer.drained(drained);
        }
        if swept.elapsed() >= SWEEP {
            shared.state().sweep();
            swept = Instant::now();
        }
        tokio::select! {
            () = shared.idle.notified() => {}
            () = sleep(if draining { DRAIN_TICK } else { SWEEP }) => {}
        }
    }
}
