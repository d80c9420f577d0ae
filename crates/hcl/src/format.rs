//! A file in the form that `terraform fmt` gives it: indented by its brackets, one space between
//! tokens or none, `=` and comments at the ends of neighbouring lines in columns.
//!
//! ```text
//! text ─ tokens ─▶ rewrite (old forms of values, types and labels) ─ layout ─▶ text
//! ```
//!
//! It takes texts that parse. Nothing but spaces changes, except what `rewrite` says.

mod layout;
mod rewrite;
mod spacing;
mod tokens;

use tokens::{Token, tokens};

/// The text in its form.
pub fn format(text: &str) -> String {
    let mut tokens = rewrite::rewrite(tokens(text));
    layout::lay_out(&mut tokens);
    let mut out = String::with_capacity(text.len());
    let last = text.rsplit_once('\n').map_or("", |(_, last)| last);
    for Token { spaces, text, .. } in &tokens {
        out.extend(std::iter::repeat_n(' ', *spaces));
        out.push_str(text);
    }
    // Blanks behind the last newline are no line, and stay.
    if last.trim_matches([' ', '\t']).is_empty() {
        out.push_str(last);
    }
    out
}

/// How many brackets, quotes and heredocs of a text are still open: more of it is to come.
pub fn open_brackets(text: &str) -> usize {
    let net: i64 = tokens(text).iter().map(|token| token.kind.opens()).sum();
    let left = tokens::left_open(text) as i64;
    usize::try_from(net.max(0) + left).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_is_counted() {
        assert_eq!(open_brackets("[1, 2]"), 0);
        assert_eq!(open_brackets("{ a = ["), 2);
        assert_eq!(open_brackets("\"${foo(1"), 3);
        assert_eq!(open_brackets("<<EOT\nhello"), 1);
        assert_eq!(open_brackets("<<EOT\nhello\nEOT\n"), 0);
    }

    #[test]
    fn columns_and_indents() {
        let form = format(
            "resource aws_vpc \"main\" {\ncidr=\"10.0.0.0/16\"#why\n  enable_dns = true // dns\n\n tags={\nName=\"${var.name}\"\n}\n}\n",
        );
        expect_test::expect![[r#"
            resource "aws_vpc" "main" {
              cidr       = "10.0.0.0/16" #why
              enable_dns = true          // dns

              tags = {
                Name = "${var.name}"
              }
            }
        "#]]
        .assert_eq(&form);
    }
}
