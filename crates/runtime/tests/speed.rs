//! How fast a task starts: a measurement, not a check. Run it with
//! `cargo nextest run -p neargate-runtime --run-ignored only --no-capture`.

#[path = "programs/place.rs"]
mod place;

use std::time::Instant;

use place::{Place, shell};

#[tokio::test]
#[ignore = "a measurement"]
async fn from_launch_to_the_first_byte() {
    let place = Place::new();
    let (mut shims, mut starts, mut bytes, mut ends) = (vec![], vec![], vec![], vec![]);
    for round in 0..50 {
        let mut spec = place.spec(vec![shell("app", "echo x; sleep 1000")]);
        spec.id = format!("round{round}");
        let begin = Instant::now();
        let task = place.runtime.launch(spec).await.unwrap();
        shims.push(begin.elapsed());
        task.start_container("app").await.unwrap();
        starts.push(begin.elapsed());
        task.logs("app", 0).unwrap().next(1).await.unwrap().unwrap();
        bytes.push(begin.elapsed());
        let begin = Instant::now();
        task.delete().await.unwrap();
        ends.push(begin.elapsed());
    }
    for (what, mut times) in
        [("launched", shims), ("started", starts), ("first byte", bytes), ("deleted", ends)]
    {
        times.sort();
        let ms = |at: usize| times[at].as_secs_f64() * 1000.0;
        println!("{what:>10}: p50 {:5.1} ms, p90 {:5.1} ms, max {:5.1} ms", ms(25), ms(45), ms(49));
    }
    place.check_clean();
}
