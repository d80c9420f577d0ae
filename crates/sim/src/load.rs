//! How much there is to do, over time, in percent of one task: 280 keeps 2.8 tasks busy.

use neargate_api::Rng;

/// A shape of load; times are minutes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Load {
    Constant(f64),
    Step {
        at: i64,
        from: f64,
        to: f64,
    },
    Ramp {
        over: i64,
        from: f64,
        to: f64,
    },
    Spike {
        at: i64,
        lasts: i64,
        base: f64,
        peak: f64,
    },
    Sine {
        period: i64,
        mean: f64,
        amplitude: f64,
    },
    Flapping {
        every: i64,
        low: f64,
        high: f64,
    },
    /// For a while nothing is measured.
    Missing {
        from: i64,
        to: i64,
        load: f64,
    },
}

impl Load {
    /// The load of a minute; `None` where it is not measured.
    pub fn at(self, minute: i64) -> Option<f64> {
        Some(match self {
            Load::Constant(load) => load,
            Load::Step { at, from, to } => {
                if minute < at {
                    from
                } else {
                    to
                }
            }
            Load::Ramp { over, from, to } => {
                from + (to - from) * (minute as f64 / over as f64).min(1.0)
            }
            Load::Spike { at, lasts, base, peak } => {
                if (at..at + lasts).contains(&minute) {
                    peak
                } else {
                    base
                }
            }
            Load::Sine { period, mean, amplitude } => {
                let turn = minute as f64 / period as f64 * std::f64::consts::TAU;
                mean + amplitude * turn.sin()
            }
            Load::Flapping { every, low, high } => {
                if minute / every % 2 == 0 {
                    low
                } else {
                    high
                }
            }
            Load::Missing { from, to, load } => {
                if (from..to).contains(&minute) {
                    return None;
                }
                load
            }
        })
    }

    pub fn is_constant(self) -> bool {
        matches!(self, Load::Constant(_))
    }

    pub fn of(rng: &Rng) -> Load {
        let load = || 20.0 + rng.below(700) as f64;
        let minutes = |most: u64| 1 + rng.below(most) as i64;
        match rng.below(8) {
            0 | 1 => Load::Constant(load()),
            2 => Load::Step { at: minutes(60), from: load(), to: load() },
            3 => Load::Ramp { over: minutes(90), from: load(), to: load() },
            4 => Load::Spike { at: minutes(60), lasts: minutes(20), base: load(), peak: load() },
            5 => Load::Sine { period: 10 + minutes(90), mean: 400.0, amplitude: load() / 2.0 },
            6 => Load::Flapping { every: minutes(8), low: load(), high: load() },
            _ => {
                let from = minutes(60);
                Load::Missing { from, to: from + minutes(40), load: load() }
            }
        }
    }
}
