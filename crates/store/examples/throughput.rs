//! Prints how many durable writes the store answers in a second, with one
//! writer and with sixteen: `cargo run --release -p neargate-store --example throughput [DIR]`.

use std::time::{Duration, Instant};

use neargate_store::{Record, Store, StoreError, Tables};
use serde::{Deserialize, Serialize};

/// About as large as a small task definition.
#[derive(Clone, Serialize, Deserialize)]
struct Sample {
    id: String,
    text: String,
}

impl Record for Sample {
    const TABLE: &'static str = "samples";
    fn key(&self) -> String {
        self.id.clone()
    }
}

const LENGTH: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let directory = match std::env::args_os().nth(1) {
        Some(parent) => tempfile::tempdir_in(parent)?,
        None => tempfile::tempdir()?,
    };
    println!("writers  writes/s  commits/s  p50 ms  p99 ms");
    for writers in [1, 16] {
        let path = directory.path().join(format!("store-{writers}"));
        let store = Store::open(&path, Tables::new().with::<Sample>())?;
        let mut latencies = run(&store, writers).await?;
        latencies.sort_unstable();
        let at = |share: usize| latencies[latencies.len() * share / 100].as_secs_f64() * 1e3;
        println!(
            "{writers:>7}  {:>8.0}  {:>9.0}  {:>6.2}  {:>6.2}",
            latencies.len() as f64 / LENGTH.as_secs_f64(),
            store.commits() as f64 / LENGTH.as_secs_f64(),
            at(50),
            at(99),
        );
    }
    Ok(())
}

/// How long each write took.
async fn run(store: &Store, writers: usize) -> Result<Vec<Duration>, StoreError> {
    let started = Instant::now();
    let tasks: Vec<_> = (0..writers)
        .map(|writer| tokio::spawn(write_until(store.clone(), writer, started + LENGTH)))
        .collect();
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await.expect("a writer does not panic")?);
    }
    Ok(latencies)
}

async fn write_until(
    store: Store,
    writer: usize,
    end: Instant,
) -> Result<Vec<Duration>, StoreError> {
    let mut latencies = Vec::new();
    let mut began = Instant::now();
    while began < end {
        let id = format!("{writer}/{}", latencies.len());
        let record = Sample { id, text: "x".repeat(1000) };
        store
            .write(move |tx| {
                tx.put(record);
                Ok::<_, StoreError>(())
            })
            .await?;
        latencies.push(began.elapsed());
        began = Instant::now();
    }
    Ok(latencies)
}
