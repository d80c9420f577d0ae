//! Walking a graph: each node after what it needs, as many at once as may be.
//!
//! All of it goes on in one task: what takes time is waiting for answers, which many can do at once.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::hash::Hash;

use futures_util::stream::{FuturesUnordered, StreamExt};

/// What became of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visited {
    Done,
    /// What needs it is left out.
    Failed,
}

/// Visits every node of `needs` after what it needs. Returns those that were left out, because
/// something that they need failed.
pub async fn walk<N, F, Fut>(needs: &BTreeMap<N, BTreeSet<N>>, visit: F) -> BTreeSet<N>
where
    N: Clone + Ord + Hash,
    F: Fn(N) -> Fut,
    Fut: Future<Output = (N, Visited)>,
{
    let mut waits: BTreeMap<&N, usize> = BTreeMap::new();
    let mut users: BTreeMap<&N, Vec<&N>> = BTreeMap::new();
    for (node, needed) in needs {
        let known = needed.iter().filter(|n| needs.contains_key(n));
        let mut count = 0;
        for other in known {
            users.entry(other).or_default().push(node);
            count += 1;
        }
        waits.insert(node, count);
    }
    let mut skipped: BTreeSet<N> = BTreeSet::new();
    let mut running = FuturesUnordered::new();
    for (node, count) in &waits {
        if *count == 0 {
            running.push(visit((*node).clone()));
        }
    }
    while let Some((node, visited)) = running.next().await {
        let mut ended = vec![(node, visited)];
        while let Some((node, visited)) = ended.pop() {
            for user in users.get(&node).into_iter().flatten().copied() {
                if visited == Visited::Failed {
                    skipped.insert(user.clone());
                }
                let Some(left) = waits.get_mut(user) else { continue };
                *left -= 1;
                if *left > 0 {
                    continue;
                }
                if skipped.contains(user) {
                    ended.push((user.clone(), Visited::Failed));
                } else {
                    running.push(visit(user.clone()));
                }
            }
        }
    }
    skipped
}
