//! What of two lists, or sets, belongs together: pairs of places, one of which may be missing.

use neargate_hcl::{Kind, Value};

pub type Pairs = Vec<(Option<usize>, Option<usize>)>;

/// As many before as after are compared place by place, where one of those before is gone; else as
/// `of_lines`.
pub fn of_lists(before: &[Value], after: &[Value], paired: bool) -> Pairs {
    let one_is_gone = || before.iter().any(|value| !after.contains(value));
    if before.len() == after.len() && (before == after || one_is_gone()) {
        return (0..before.len()).map(|at| (Some(at), Some(at))).collect();
    }
    of_lines(before, after, paired)
}

/// By their longest common subsequence. Objects that stand opposite each other between its items are
/// one that was changed; with `paired`, whatever they are.
pub fn of_lines(before: &[Value], after: &[Value], paired: bool) -> Pairs {
    let common = common(before, after);
    let mut next = common.iter();
    let mut until = next.next();
    let (mut b, mut a) = (0, 0);
    let mut pairs = Pairs::new();
    loop {
        let (b_end, a_end) = until.copied().unwrap_or((before.len(), after.len()));
        while b < b_end {
            let object = |v: &Value| paired || matches!(v.kind(), Kind::Object(_));
            if a < a_end && object(&before[b]) && object(&after[a]) {
                pairs.push((Some(b), Some(a)));
                a += 1;
            } else {
                pairs.push((Some(b), None));
            }
            b += 1;
        }
        while a < a_end {
            pairs.push((None, Some(a)));
            a += 1;
        }
        if until.is_none() {
            return pairs;
        }
        pairs.push((Some(b), Some(a)));
        b += 1;
        a += 1;
        until = next.next();
    }
}

/// The places of the items of the longest common subsequence. Very long lists are compared place by
/// place.
fn common(before: &[Value], after: &[Value]) -> Vec<(usize, usize)> {
    if before.len().saturating_mul(after.len()) > 1_000_000 {
        return (0..before.len().min(after.len()))
            .filter(|&at| before[at] == after[at])
            .map(|at| (at, at))
            .collect();
    }
    let width = after.len() + 1;
    let mut longest = vec![0u32; (before.len() + 1) * width];
    for b in (0..before.len()).rev() {
        for a in (0..after.len()).rev() {
            longest[b * width + a] = if before[b] == after[a] {
                longest[(b + 1) * width + a + 1] + 1
            } else {
                longest[(b + 1) * width + a].max(longest[b * width + a + 1])
            };
        }
    }
    let (mut b, mut a) = (0, 0);
    let mut found = Vec::new();
    while b < before.len() && a < after.len() {
        if before[b] == after[a] {
            found.push((b, a));
            b += 1;
            a += 1;
        } else if longest[(b + 1) * width + a] >= longest[b * width + a + 1] {
            b += 1;
        } else {
            a += 1;
        }
    }
    found
}

/// What is in both, and what in one only.
pub fn of_sets(before: &[Value], after: &[Value]) -> Pairs {
    let mut taken = vec![false; after.len()];
    let mut pairs = Pairs::new();
    for (b, value) in before.iter().enumerate() {
        let same = after.iter().enumerate().position(|(a, other)| !taken[a] && other == value);
        if let Some(a) = same {
            taken[a] = true;
        }
        pairs.push((Some(b), same));
    }
    pairs.extend((0..after.len()).filter(|a| !taken[*a]).map(|a| (None, Some(a))));
    pairs
}
