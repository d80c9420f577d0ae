//! JSON as Go writes it: two spaces, empty lists and objects closed at once, and what HTML knows
//! escaped. Terraform's files have this form.

/// A compact JSON text in Go's indented form.
pub fn indent(compact: &str) -> String {
    let mut out = String::with_capacity(compact.len() * 2);
    let mut depth = 0usize;
    let mut in_text = false;
    let mut escaped = false;
    let mut opened = false;
    for c in compact.chars() {
        if in_text {
            push_escaped(&mut out, c);
            in_text = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            continue;
        }
        if c.is_ascii_whitespace() {
            continue;
        }
        if opened && !matches!(c, '}' | ']') {
            depth += 1;
            new_line(&mut out, depth);
        }
        match c {
            '{' | '[' => out.push(c),
            '}' | ']' => {
                if !opened {
                    depth = depth.saturating_sub(1);
                    new_line(&mut out, depth);
                }
                out.push(c);
            }
            ',' => {
                out.push(',');
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            '"' => {
                in_text = true;
                out.push('"');
            }
            c => out.push(c),
        }
        opened = matches!(c, '{' | '[');
    }
    out
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

/// These stand in texts only, so that escaping them needs no look at where they are.
fn push_escaped(out: &mut String, c: char) {
    match c {
        '<' => out.push_str("\\u003c"),
        '>' => out.push_str("\\u003e"),
        '&' => out.push_str("\\u0026"),
        '\u{2028}' => out.push_str("\\u2028"),
        '\u{2029}' => out.push_str("\\u2029"),
        c => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_gos() {
        let compact = r#"{"a":[],"b":{},"c":[1,{"d":"x<y \"{\" \\"}]}"#;
        expect_test::expect![[r#"
            {
              "a": [],
              "b": {},
              "c": [
                1,
                {
                  "d": "x\u003cy \"{\" \\"
                }
              ]
            }"#]]
        .assert_eq(&indent(compact));
    }
}
