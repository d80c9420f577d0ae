//! `cargo run --release -p neargate-sim -- --seeds 100000`: runs the scenarios of many seeds,
//! and tells the story of the first that goes wrong. `--seed 7` tells that of one.

use std::process::ExitCode;

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

fn tell(outcome: &neargate_sim::Outcome) -> ExitCode {
    println!("{}", outcome.told());
    if outcome.broken.is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Runs all of them on as many threads as there are processors.
fn many(from: u64, count: u64) -> ExitCode {
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let share = |number: u64| (from..from + count).skip(number as usize).step_by(threads as usize);
    let mut broken = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|number| {
                scope.spawn(move || {
                    let runs = share(number).map(neargate_sim::run);
                    runs.filter(|outcome| outcome.broken.is_some()).collect::<Vec<_>>()
                })
            })
            .collect();
        workers.into_iter().flat_map(|w| w.join().expect("a scenario")).collect::<Vec<_>>()
    });
    broken.sort_by_key(|outcome| outcome.seed);
    let failed = broken.len();
    let Some(first) = broken.first() else {
        println!("{count} scenarios hold");
        return ExitCode::SUCCESS;
    };
    println!("{}", first.told());
    for outcome in &broken {
        println!("seed {}: {}", outcome.seed, outcome.broken.as_deref().unwrap_or_default());
    }
    println!("{failed} of {count} scenarios do not hold");
    ExitCode::FAILURE
}
