//! Capacity providers: base first, then weights.
//! Source: "Amazon ECS capacity providers" in the ECS developer guide.

/// One item of a strategy, with the tasks that it has already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub provider: String,
    pub base: u32,
    pub weight: u32,
    pub tasks: u32,
}

/// The provider of the next task; `None` when no item may have one (all weights 0, base filled).
pub fn choose(items: &[Item]) -> Option<&str> {
    if let Some(item) = items.iter().find(|item| item.tasks < item.base) {
        return Some(&item.provider);
    }
    // The least filled by weight: tasks beyond the base over weight, compared without division.
    let beyond = |item: &Item| u64::from(item.tasks - item.base.min(item.tasks));
    items
        .iter()
        .filter(|item| item.weight > 0)
        .min_by(|a, b| {
            let (left, right) =
                ((beyond(a) + 1) * u64::from(b.weight), (beyond(b) + 1) * u64::from(a.weight));
            left.cmp(&right)
        })
        .map(|item| item.provider.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(mut items: Vec<Item>, count: usize) -> String {
        for _ in 0..count {
            let Some(provider) = choose(&items).map(str::to_owned) else { break };
            let item = items.iter_mut().find(|i| i.provider == provider).unwrap();
            item.tasks += 1;
        }
        items.iter().map(|i| format!("{} {}", i.provider, i.tasks)).collect::<Vec<_>>().join(", ")
    }

    fn item(provider: &str, base: u32, weight: u32) -> Item {
        Item { provider: provider.into(), base, weight, tasks: 0 }
    }

    #[test]
    fn base_then_weights() {
        assert_eq!(
            run(vec![item("FARGATE", 1, 1), item("FARGATE_SPOT", 0, 4)], 1),
            "FARGATE 1, FARGATE_SPOT 0"
        );
        assert_eq!(
            run(vec![item("FARGATE", 1, 1), item("FARGATE_SPOT", 0, 4)], 11),
            "FARGATE 3, FARGATE_SPOT 8"
        );
        assert_eq!(
            run(vec![item("FARGATE", 0, 0), item("FARGATE_SPOT", 0, 1)], 3),
            "FARGATE 0, FARGATE_SPOT 3"
        );
        assert_eq!(run(vec![item("FARGATE", 2, 0)], 5), "FARGATE 2");
    }
}
