//! A scenario, made up from its seed: how the service is, what its images do, what the user
//! does and when, and how unreliable the machine is.

use neargate_api::Rng;
use neargate_model::ecs::FARGATE_SPOT;

/// What the image of a revision does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Image {
    Good,
    /// It cannot be pulled.
    Missing,
    /// Its process ends so soon after its start.
    Exits {
        after_ms: i64,
    },
    /// The kernel kills it for the memory that it takes, so soon after its start.
    Hungry {
        after_ms: i64,
    },
    /// Its health checks fail, from so long after its start.
    Sick {
        after_ms: i64,
    },
}

/// A capacity provider's part of a strategy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    pub provider: &'static str,
    pub base: u32,
    pub weight: u32,
}

impl Share {
    pub const fn fargate(base: u32, weight: u32) -> Share {
        Share { provider: "FARGATE", base, weight }
    }

    pub const fn spot(base: u32, weight: u32) -> Share {
        Share { provider: FARGATE_SPOT, base, weight }
    }
}

/// What a user does, or whoever runs Fargate Spot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    Deploy {
        revision: u32,
    },
    ForceNewDeployment,
    Scale {
        desired_count: u32,
    },
    Percents {
        minimum: u32,
        maximum: u32,
    },
    Breaker(Option<Breaker>),
    /// Of the tasks that there are, counted on.
    StopTask {
        number: u64,
    },
    StopDeployment {
        rollback: bool,
    },
    Protect {
        number: u64,
        minutes: u32,
    },
    Alarm {
        is_in_alarm: bool,
    },
    /// And make it anew after a while.
    Delete,
    /// Fargate Spot takes back the capacity of one of its tasks, counted on.
    Interrupt {
        number: u64,
        left_ms: i64,
    },
    /// Fargate Spot has no capacity for new tasks, or has it again.
    Shortage {
        short: bool,
    },
    /// Neargate dies. Where chance does not make it: in scripts.
    Crash,
    /// The machine is started anew, and Neargate with it.
    Reboot,
}

/// A circuit breaker's configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breaker {
    pub rollback: bool,
    /// A threshold by count; else the scenario's in percent, or AWS's own.
    pub count: Option<u32>,
    pub resets: bool,
}

/// A breaker's threshold in percent of the desired count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Percent {
    Bounded(u32),
    Unbounded(u32),
}

/// How often things go wrong: one in so many, 0 for never.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Neargate dies at a write.
    pub crash: u64,
    /// A report of what was seen is lost, and comes with the next one.
    pub lost: u64,
    /// A report comes twice.
    pub twice: u64,
    /// Something takes long.
    pub slow: u64,
    /// A container cannot start, ends, or falls ill for a while, without being asked to.
    pub container: u64,
    /// A pull fails.
    pub pull: u64,
    /// Where Neargate dies, the whole machine is started anew.
    pub reboot: u64,
}

#[derive(Clone, Debug)]
pub struct Scenario {
    pub desired_count: u32,
    pub percents: (u32, u32),
    pub breaker: Option<Breaker>,
    /// Of its breaker's threshold, where that is no count.
    pub percent: Option<Percent>,
    pub has_balancer: bool,
    /// Whether its container has a health check.
    pub has_check: bool,
    pub grace_secs: u32,
    /// Whether an alarm watches over its deployments, and whether that rolls them back.
    pub alarm: Option<bool>,
    /// Its capacity provider strategy; none is the launch type FARGATE.
    pub strategy: &'static [Share],
    /// Of revision 1, 2, …
    pub images: Vec<Image>,
    /// What the user does, and when.
    pub actions: Vec<(i64, Action)>,
    /// When the clock is set, and by how much.
    pub clock_moves: Vec<(i64, i64)>,
    pub faults: Faults,
    /// Nothing goes wrong any more from here on.
    pub calm_at_ms: i64,
}

const PERCENTS: [(u32, u32); 9] = [
    (100, 200),
    (100, 200),
    (100, 150),
    (50, 200),
    (50, 100),
    (0, 100),
    (0, 200),
    (75, 125),
    (100, 110),
];

/// Base first, then weights; on one alone, with nothing beyond the base, and as equals.
const STRATEGIES: [&[Share]; 6] = [
    &[Share::fargate(1, 1), Share::spot(0, 3)],
    &[Share::fargate(2, 0), Share::spot(0, 1)],
    &[Share::fargate(0, 1), Share::spot(0, 1)],
    &[Share::spot(1, 2), Share::fargate(0, 3)],
    &[Share::spot(0, 1)],
    &[Share::fargate(0, 1)],
];

impl Scenario {
    /// A service of so many tasks, to which nothing happens but what is added.
    pub fn plain(desired_count: u32) -> Scenario {
        Scenario {
            desired_count,
            percents: (100, 200),
            breaker: None,
            percent: None,
            has_balancer: false,
            has_check: false,
            grace_secs: 0,
            alarm: None,
            strategy: &[],
            images: vec![Image::Good; crate::base::REVISIONS as usize],
            actions: Vec::new(),
            clock_moves: Vec::new(),
            faults: Faults::default(),
            calm_at_ms: i64::MAX,
        }
    }

    pub fn of(rng: &Rng) -> Scenario {
        let calm_at_ms = 60_000 + rng.below(9 * 60_000) as i64;
        let has_balancer = rng.below(2) == 0;
        let mut images = vec![Image::Good];
        images.extend((1..crate::base::REVISIONS).map(|_| image(rng)));
        if rng.below(8) == 0 {
            images[0] = image(rng);
        }
        let strategy = strategy(rng);
        let has_spot = strategy.iter().any(|share| share.provider == FARGATE_SPOT);
        let count = 1 + rng.below(if has_spot { 14 } else { 8 });
        let action = || match has_spot && rng.below(2) == 0 {
            true => spot_action(rng),
            false => action(rng),
        };
        let mut actions: Vec<_> =
            (0..count).map(|_| (rng.below(calm_at_ms as u64) as i64, action())).collect();
        actions.sort_by_key(|(at, _)| *at);
        let moves = if rng.below(4) == 0 { 1 + rng.below(2) } else { 0 };
        Scenario {
            desired_count: desired_count(rng),
            percents: percents(rng),
            breaker: breaker(rng),
            percent: percent(rng),
            has_balancer,
            has_check: rng.below(3) == 0,
            grace_secs: if has_balancer { [0, 0, 10, 60][rng.below(4) as usize] } else { 0 },
            alarm: (rng.below(4) == 0).then(|| rng.below(2) == 0),
            strategy,
            images,
            actions,
            clock_moves: (0..moves).map(|_| clock_move(rng, calm_at_ms)).collect(),
            faults: faults(rng),
            calm_at_ms,
        }
    }
}

fn desired_count(rng: &Rng) -> u32 {
    match rng.below(10) {
        0 => 0,
        1..=7 => 1 + rng.below(4) as u32,
        _ => 5 + rng.below(5) as u32,
    }
}

fn percents(rng: &Rng) -> (u32, u32) {
    PERCENTS[rng.below(PERCENTS.len() as u64) as usize]
}

fn breaker(rng: &Rng) -> Option<Breaker> {
    (rng.below(3) > 0).then(|| Breaker {
        rollback: rng.below(2) == 0,
        count: (rng.below(4) == 0).then(|| 1 + rng.below(5) as u32),
        resets: rng.below(4) > 0,
    })
}

fn percent(rng: &Rng) -> Option<Percent> {
    let percent = 1 + rng.below(100) as u32;
    match rng.below(3) {
        0 => Some(Percent::Bounded(percent)),
        1 => Some(Percent::Unbounded(percent)),
        _ => None,
    }
}

fn strategy(rng: &Rng) -> &'static [Share] {
    match rng.below(5) {
        0 | 1 => STRATEGIES[rng.below(STRATEGIES.len() as u64) as usize],
        _ => &[],
    }
}

fn image(rng: &Rng) -> Image {
    match rng.below(9) {
        0 => Image::Missing,
        1 => Image::Exits { after_ms: rng.below(20_000) as i64 },
        2 => Image::Exits { after_ms: rng.below(120_000) as i64 },
        3 => Image::Sick { after_ms: 0 },
        4 => Image::Sick { after_ms: rng.below(120_000) as i64 },
        5 => Image::Hungry { after_ms: rng.below(60_000) as i64 },
        _ => Image::Good,
    }
}

fn action(rng: &Rng) -> Action {
    match rng.below(20) {
        0..=4 => Action::Deploy { revision: 1 + rng.below(crate::base::REVISIONS.into()) as u32 },
        5 | 6 => Action::ForceNewDeployment,
        7..=9 => Action::Scale { desired_count: desired_count(rng) },
        10 => {
            let (minimum, maximum) = percents(rng);
            Action::Percents { minimum, maximum }
        }
        11 => Action::Breaker(breaker(rng)),
        12..=14 => Action::StopTask { number: rng.next_u64() },
        15 => Action::StopDeployment { rollback: rng.below(3) > 0 },
        16 => Action::Protect { number: rng.next_u64(), minutes: 1 + rng.below(3) as u32 },
        17 | 18 => Action::Alarm { is_in_alarm: rng.below(3) > 0 },
        _ if rng.below(4) == 0 => Action::Reboot,
        _ => Action::Delete,
    }
}

/// What happens to Fargate Spot's capacity: mostly with AWS's two minutes.
fn spot_action(rng: &Rng) -> Action {
    match rng.below(5) {
        0 | 1 => Action::Shortage { short: rng.below(3) > 0 },
        _ => {
            let left_ms = if rng.below(3) == 0 { rng.below(120_000) as i64 } else { 120_000 };
            Action::Interrupt { number: rng.next_u64(), left_ms }
        }
    }
}

fn clock_move(rng: &Rng, until_ms: i64) -> (i64, i64) {
    let by_ms = match rng.below(3) {
        0 => -(rng.below(5_000) as i64),
        1 => rng.below(60_000) as i64,
        _ => rng.below(2 * 3_600_000) as i64,
    };
    (rng.below(until_ms as u64) as i64, by_ms)
}

fn faults(rng: &Rng) -> Faults {
    // A quarter of the scenarios are about the user alone.
    if rng.below(4) == 0 {
        return Faults::default();
    }
    let one_in = |choices: [u64; 3]| choices[rng.below(3) as usize];
    Faults {
        crash: one_in([0, 100, 15]),
        lost: one_in([0, 20, 4]),
        twice: one_in([0, 20, 4]),
        slow: one_in([0, 10, 3]),
        container: one_in([0, 10, 3]),
        pull: one_in([0, 20, 4]),
        reboot: one_in([0, 20, 4]),
    }
}
