//! Numbers to look at: `cargo nextest run -p neargate-postgres --run-ignored
//! only speed --no-capture`.

use std::time::Instant;

use super::*;

#[test]
#[ignore = "prints measurements"]
#[allow(clippy::disallowed_methods, reason = "measures real time")]
fn how_long_things_take() {
    on_stage(|stage| async move {
        let postgres = stage.postgres();
        for (n, what) in [(1, "first, with initdb"), (2, "second"), (3, "third")] {
            let spec = stage.spec(&format!("db-{n}"), 5430 + n);
            let began = Instant::now();
            postgres.ensure(spec.clone()).await.unwrap();
            println!("made, {what}: {} ms", began.elapsed().as_millis());
            let began = Instant::now();
            stage.postgres().ensure(spec.clone()).await.unwrap();
            println!("adopted: {} ms", began.elapsed().as_millis());
            let began = Instant::now();
            postgres.stop(&spec.id).await.unwrap();
            println!("stopped: {} ms", began.elapsed().as_millis());
            let began = Instant::now();
            postgres.ensure(spec.clone()).await.unwrap();
            println!("started again: {} ms", began.elapsed().as_millis());
            let began = Instant::now();
            postgres.health(&spec.id).await.unwrap();
            println!("health: {} ms", began.elapsed().as_millis());
        }
        for n in 1..=3 {
            postgres.delete(&format!("db-{n}"), None).await.unwrap();
        }
    });
}
