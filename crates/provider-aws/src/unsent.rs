//! What a configuration may say and this provider does not do: refused, or told where nothing
//! depends on it.

use neargate_hcl::Diagnostic;
use neargate_stack::address::Mode;
use neargate_stack::provider::Problems;

use crate::attributes::Attributes;
use crate::timeouts;

/// Attributes and blocks that no call carries, by type.
const UNSENT: [(&str, &[&str]); 1] = [(
    "aws_lb",
    &[
        "enforce_security_group_inbound_rules_on_private_link_traffic",
        "ipam_pools",
        "minimum_load_balancer_capacity",
    ],
)];

pub fn problems(mode: Mode, of_type: &str, config: &Attributes) -> Problems {
    let unsent = UNSENT.iter().filter(|(own, _)| mode == Mode::Managed && *own == of_type);
    let given = unsent.flat_map(|(_, names)| *names).filter(|name| is_given(config, name));
    let mut problems: Problems = given
        .map(|name| {
            let detail = format!("Neargate does not set `{name}` of {of_type}. Take it out.");
            Diagnostic::error("Unsupported argument", detail)
        })
        .collect();
    problems.extend(timeouts::problems(config));
    problems
}

fn is_given(config: &Attributes, name: &str) -> bool {
    config.text(name).is_some() || config.block(name).is_some()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(of_type: &str, config: serde_json::Value) -> Vec<String> {
        let problems = problems(Mode::Managed, of_type, &Attributes::from(config));
        problems.into_iter().map(|problem| problem.detail).collect()
    }

    #[test]
    fn what_is_not_sent_is_said() {
        let capacity = json!({ "minimum_load_balancer_capacity": [{ "capacity_units": 9 }] });
        assert_eq!(
            told("aws_lb", capacity),
            ["Neargate does not set `minimum_load_balancer_capacity` of aws_lb. Take it out."]
        );
        let nothing = json!({ "ipam_pools": [], "timeouts": { "create": "5m", "delete": null } });
        assert!(told("aws_lb", nothing).is_empty());
    }
}
