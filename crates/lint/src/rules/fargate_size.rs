//! What Fargate sells. Source: "Fargate task definition considerations" of the ECS developer guide.

use super::Rule;
use crate::finding::{Report, Severity};
use crate::seen::{Object, Resource, Seen};

pub static RULE: Rule = Rule {
    id: "fargate-size",
    severity: Severity::Error,
    looks_for: "CPU and memory that Fargate does not have together",
    on_aws: "ECS refuses the task definition: \"No Fargate configuration exists for given values\".",
    change: "Take a pair of the table in \"Fargate task definition considerations\" of the ECS developer \
             guide, such as 256 with 512, 1024 or 2048 MiB.",
    check,
};

/// MiB for each number of CPU units: least, most, step.
const SIZES: [(u64, u64, u64, u64); 7] = [
    (256, 512, 2048, 512),
    (512, 1024, 4096, 1024),
    (1024, 2048, 8192, 1024),
    (2048, 4096, 16384, 1024),
    (4096, 8192, 30720, 1024),
    (8192, 16384, 61440, 4096),
    (16384, 32768, 122880, 8192),
];

fn check(seen: &Seen<'_>, report: &mut Report<'_>) {
    for task in seen.of("aws_ecs_task_definition") {
        if !task.texts("requires_compatibilities").is_some_and(|needs| needs.contains(&"FARGATE")) {
            continue;
        }
        let missing = ["cpu", "memory"].into_iter().find(|name| task.is_unset(name));
        if let Some(name) = missing {
            report.tell(task, &[name], format!("A task for Fargate needs {name}"));
        } else if let (Some(cpu), Some(memory)) = (units(task, "cpu"), units(task, "memory"))
            && !is_sold(cpu, memory)
        {
            let summary = format!("Fargate has no {cpu} CPU units with {memory} MiB");
            report.tell(task, &["memory"], summary);
        }
    }
}

/// Units, or MiB: `256`, `.25 vCPU`, `0.5 GB`.
fn units(task: &Resource<'_>, name: &str) -> Option<u64> {
    let text = task.text(name)?.to_lowercase();
    let of = |unit: &str| Some(text.strip_suffix(unit)?.trim().parse::<f64>().ok()? * 1024.0);
    let number = of("vcpu").or_else(|| of("gb")).or_else(|| text.trim().parse().ok());
    number.map(|number| number as u64)
}

fn is_sold(cpu: u64, memory: u64) -> bool {
    let size = SIZES.iter().find(|(units, ..)| *units == cpu);
    size.is_some_and(|(_, least, most, step)| {
        // 512 MiB goes with 1 and 2 GB alone.
        let on_step = memory.is_multiple_of(*step) && (cpu != 256 || memory != 1536);
        (*least..=*most).contains(&memory) && on_step
    })
}
