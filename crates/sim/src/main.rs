//! `cargo run --release -p neargate-sim -- --seeds 100000`: runs the scenarios of many seeds,
//! and tells the story of the first that goes wrong. `--seed 7` tells that of one.

use std::process::ExitCode;
use std::time::Instant;

use neargate_sim::Outcome;

const USAGE: &str = "usage: neargate-sim [--from SEED] [--seeds COUNT] | --seed SEED";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (mut from, mut count, mut one) = (0, 10_000, None);
    for pair in arguments.chunks(2) {
        let [name, value] = pair else { return usage() };
        let Ok(number) = value.parse::<u64>() else { return usage() };
        match name.as_str() {
            "--from" => from = number,
            "--seeds" => count = number,
            "--seed" => one = Some(number),
            _ => return usage(),
        }
    }
    match one {
        Some(seed) => tell(&neargate_sim::run(seed)),
        None => many(from, count),
    }
}

fn usage() -> ExitCode {
    eprintln!("{USAGE}");
    ExitCode::from(2)
}

fn tell(outcome: &Outcome) -> ExitCode {
    println!("{}", outcome.told());
    if outcome.broken.is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// What all scenarios together came to.
#[derive(Default)]
struct Sum {
    writes: u64,
    crashes: u64,
    lasted_ms: i64,
    broken: Vec<Outcome>,
}

impl Sum {
    fn add(mut self, outcome: Outcome) -> Sum {
        self.writes += outcome.writes;
        self.crashes += outcome.crashes;
        self.lasted_ms += outcome.lasted_ms;
        self.broken.extend(Some(outcome).filter(|outcome| outcome.broken.is_some()));
        self
    }
}

/// Runs all of them on as many threads as there are processors.
fn many(from: u64, count: u64) -> ExitCode {
    let began = Instant::now();
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let share = |number: u64| (from..from + count).skip(number as usize).step_by(threads as usize);
    let sums: Vec<Sum> = std::thread::scope(|scope| {
        let run = move |number| share(number).map(neargate_sim::run).fold(Sum::default(), Sum::add);
        let workers: Vec<_> = (0..threads).map(|n| scope.spawn(move || run(n))).collect();
        workers.into_iter().map(|worker| worker.join().expect("a scenario ends")).collect()
    });
    report(count, sums, began.elapsed().as_secs_f64())
}

fn report(count: u64, sums: Vec<Sum>, took_secs: f64) -> ExitCode {
    let writes: u64 = sums.iter().map(|sum| sum.writes).sum();
    let crashes: u64 = sums.iter().map(|sum| sum.crashes).sum();
    let days = sums.iter().map(|sum| sum.lasted_ms).sum::<i64>() / 86_400_000;
    let mut broken: Vec<Outcome> = sums.into_iter().flat_map(|sum| sum.broken).collect();
    broken.sort_by_key(|outcome| outcome.seed);
    if let Some(first) = broken.first() {
        println!("{}", first.told());
    }
    for outcome in &broken {
        println!("seed {}: {}", outcome.seed, outcome.broken.as_deref().unwrap_or_default());
    }
    println!(
        "{} of {count} scenarios hold: {writes} writes, {crashes} crashes of Neargate, {days} days; \
         {took_secs:.1} s, {:.0} scenarios/s",
        count - broken.len() as u64,
        count as f64 / took_secs
    );
    if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
