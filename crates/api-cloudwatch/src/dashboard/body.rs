//! The body of a dashboard: what is wrong with it. Pure. What breaks it refuses
//! it, what is only strange is a message with the answer. The rules are those
//! of "Dashboard body structure and syntax" in the API reference.

use serde_json::Value;

const TYPES: [&str; 6] = ["alarm", "custom", "explorer", "log", "metric", "text"];
/// The grid is this many columns wide.
const COLUMNS: i64 = 24;
const WIDGET_LIMIT: usize = 500;

/// What is wrong, and where in the body.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    pub path: String,
    pub message: String,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Faults {
    pub errors: Vec<Fault>,
    pub warnings: Vec<Fault>,
}

impl Faults {
    fn error(&mut self, path: &str, message: impl Into<String>) {
        self.errors.push(Fault { path: path.into(), message: message.into() });
    }

    fn warn(&mut self, path: &str, message: impl Into<String>) {
        self.warnings.push(Fault { path: path.into(), message: message.into() });
    }
}

pub fn check(body: &str) -> Faults {
    let mut faults = Faults::default();
    let Ok(Value::Object(body)) = serde_json::from_str(body) else {
        faults.error("", "The field DashboardBody must be a valid JSON object");
        return faults;
    };
    match body.get("widgets") {
        Some(Value::Array(widgets)) => {
            if widgets.len() > WIDGET_LIMIT {
                faults.error("/widgets", format!("Should NOT have more than {WIDGET_LIMIT} items"));
            }
            for (widget, index) in widgets.iter().zip(0..) {
                check_widget(widget, &format!("/widgets/{index}"), &mut faults);
            }
        }
        Some(_) => faults.error("/widgets", "Should be array"),
        None => faults.error("/", "Should have required property 'widgets'"),
    }
    let known = ["widgets", "start", "end", "periodOverride", "variables"];
    for name in body.keys().filter(|name| !known.contains(&name.as_str())) {
        faults.warn(&format!("/{name}"), "Should NOT have additional properties");
    }
    faults
}

fn check_widget(widget: &Value, path: &str, faults: &mut Faults) {
    let Value::Object(members) = widget else {
        return faults.error(path, "Should be object");
    };
    let kind = members.get("type").and_then(Value::as_str);
    match (kind, members.get("type")) {
        (Some(kind), _) if TYPES.contains(&kind) => {}
        (_, None) => faults.error(path, "Should have required property 'type'"),
        _ => faults.error(
            &format!("{path}/type"),
            format!("Should be equal to one of the allowed values: {}", TYPES.join(", ")),
        ),
    }
    check_place(widget, path, faults);
    let known = ["type", "x", "y", "width", "height", "properties"];
    for name in members.keys().filter(|name| !known.contains(&name.as_str())) {
        faults.warn(&format!("{path}/{name}"), "Should NOT have additional properties");
    }
    match members.get("properties") {
        Some(properties @ Value::Object(_)) => {
            check_properties(kind, properties, &format!("{path}/properties"), faults);
        }
        Some(_) => faults.error(&format!("{path}/properties"), "Should be object"),
        None => faults.error(path, "Should have required property 'properties'"),
    }
}

fn check_place(widget: &Value, path: &str, faults: &mut Faults) {
    let bounds =
        [("x", 0, COLUMNS - 1), ("y", 0, i64::MAX), ("width", 1, COLUMNS), ("height", 1, 1000)];
    for (name, least, most) in bounds {
        let path = format!("{path}/{name}");
        match widget.get(name).map(Value::as_i64) {
            None => {}
            Some(None) => faults.error(&path, "Should be integer"),
            Some(Some(number)) if number < least => {
                faults.error(&path, format!("Should be >= {least}"));
            }
            Some(Some(number)) if number > most => {
                faults.error(&path, format!("Should be <= {most}"));
            }
            Some(Some(_)) => {}
        }
    }
    if widget.get("x").is_some() != widget.get("y").is_some() {
        faults.error(path, "Should have both of the properties 'x' and 'y', or neither");
    }
}

fn check_properties(kind: Option<&str>, properties: &Value, path: &str, faults: &mut Faults) {
    let has = |name: &str| properties.get(name).is_some();
    let mut require = |name: &str| {
        if !has(name) {
            faults.error(path, format!("Should have required property '{name}'"));
        }
    };
    match kind {
        Some("text") => require("markdown"),
        Some("log") => {
            require("region");
            require("query");
        }
        Some("alarm") => require("alarms"),
        Some("custom") => require("endpoint"),
        Some("metric") => {
            if !has("metrics") && !has("annotations") {
                require("metrics");
            }
            if !has("region") {
                faults.warn(path, "Should have required property 'region'");
            }
        }
        _ => {}
    }
    if kind == Some("metric") {
        match properties.get("metrics") {
            None => {}
            Some(Value::Array(metrics)) => {
                for (metric, index) in metrics.iter().zip(0..) {
                    if !metric.is_array() {
                        faults.error(&format!("{path}/metrics/{index}"), "Should be array");
                    }
                }
            }
            Some(_) => faults.error(&format!("{path}/metrics"), "Should be array"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(faults: &[Fault]) -> Vec<&str> {
        faults.iter().map(|fault| fault.path.as_str()).collect()
    }

    #[test]
    fn a_sound_body_has_no_faults() {
        let body = r#"{"widgets":[{"type":"metric","x":0,"y":0,"width":12,"height":6,"properties":
            {"metrics":[["AWS/ECS","CPUUtilization"]],"region":"us-west-2"}}]}"#;
        assert_eq!(check(body), Faults::default());
        assert_eq!(check(r#"{"widgets":[]}"#), Faults::default());
    }

    #[test]
    fn faults_tell_their_place() {
        let errors = |body: &str| {
            let faults = check(body);
            paths(&faults.errors).join(" ")
        };
        assert_eq!(errors("{"), "");
        assert_eq!(check("{").errors.len(), 1);
        assert_eq!(errors("{}"), "/");
        assert_eq!(errors(r#"{"widgets":[{"type":"pie","properties":{}}]}"#), "/widgets/0/type");
        let wide = r#"{"widgets":[{"type":"text","width":25,"properties":{}}]}"#;
        assert_eq!(errors(wide), "/widgets/0/width /widgets/0/properties");
        let strange = check(r#"{"widgets":[],"colour":"red"}"#);
        assert_eq!(paths(&strange.warnings), ["/colour"]);
        assert!(strange.errors.is_empty());
    }
}
