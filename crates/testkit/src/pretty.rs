//! Answers with a line for each value, so that a snapshot reads and differs well.

/// JSON, indented; an empty body stays empty.
pub fn json(body: &str) -> String {
    match serde_json::from_str::<serde_json::Value>(body) {
        Ok(value) => format!("{value:#}\n"),
        Err(_) => body.to_owned(),
    }
}

/// XML as our encoder writes it (no attributes but the namespace, no mixed content), indented.
pub fn xml(body: &str) -> String {
    let mut out = String::new();
    let mut depth = 0_usize;
    let mut rest = body.trim_start();
    if let Some((_, after)) = rest.split_once("?>").filter(|_| rest.starts_with("<?xml")) {
        rest = after.trim_start();
    }
    while let Some(start) = rest.strip_prefix('<') {
        let Some((tag, after)) = start.split_once('>') else { break };
        let text = after.split('<').next().unwrap_or_default();
        let closing = after[text.len()..].strip_prefix("</").and_then(|end| end.split_once('>'));
        if tag.starts_with('/') {
            depth = depth.saturating_sub(1);
        }
        out.push_str(&"  ".repeat(depth));
        match closing {
            Some((end, after)) if tag.split(' ').next() == Some(end) => {
                out.push_str(&format!("<{tag}>{text}</{end}>\n"));
                rest = after;
            }
            _ => {
                if !tag.starts_with('/') && !tag.ends_with('/') {
                    depth += 1;
                }
                out.push_str(&format!("<{tag}>\n"));
                rest = after;
            }
        }
    }
    out
}
