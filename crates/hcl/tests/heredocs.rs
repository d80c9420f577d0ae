//! Heredocs with markers and indentation, each with what Terraform 1.11 makes of it.

use neargate_hcl::hcl_edit::structure::Body;
use neargate_hcl::{Constants, Source, evaluate, json};

fn check(text: &str, expected: &str) {
    let body: Body = text.parse().expect("valid syntax");
    let attribute = body.attributes().next().expect("an attribute");
    let source = Source::new("main.tf", text);
    let value = evaluate(&attribute.value, &source, &Constants).expect("a value");
    assert_eq!(json::encode(&value).as_deref(), Some(expected));
}

#[test]
fn lines_lose_what_all_are_indented_by() {
    let text =
        "a = <<-EOT\n      one\n        two ${\"x\"}\n      ${\"y\"}\n\n      three\n    EOT\n";
    check(text, r#""one\n  two x\ny\n\nthree\n""#);
}

#[test]
fn a_marker_takes_the_end_of_its_line_only() {
    let text = "a = <<EOT\n  keep\n    %{ if true ~}\n    yes\n    %{ endif ~}\n  end\nEOT\n";
    check(text, r#""  keep\n        yes\n      end\n""#);
}

#[test]
fn the_line_after_a_marker_keeps_its_indentation() {
    let text =
        "a = <<-EOT\n    %{ for x in [1, 2] ~}\n      - ${x}\n    %{ endfor ~}\n    end\n  EOT\n";
    check(text, r#""      - 1\n      - 2\n    end\n""#);
}
