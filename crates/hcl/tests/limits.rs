//! Little text that asks for much: a clear error, bounded memory, and never a stack that overflows.

use neargate_hcl::hcl_edit::expr::Expression;
use neargate_hcl::{Constants, Diagnostic, Names, Nothing, Source, Value, evaluate};

fn value(expression: &str) -> Result<Value, String> {
    let parsed: Expression = expression
        .parse()
        .map_err(|e: neargate_hcl::hcl_edit::parser::Error| e.message().to_owned())?;
    let told = |error: Diagnostic| format!("{}: {}", error.summary, error.detail);
    evaluate(&parsed, &Source::new("main.tf", expression), &Constants).map_err(told)
}

fn refused(expression: &str, why: &str) {
    let error = value(expression).map(drop).expect_err("too much");
    assert!(error.contains(why), "{error}");
}

#[test]
fn deep_nesting_is_refused() {
    for (open, inner, close) in [
        ("(", "1", ")"),
        ("[", "", "]"),
        ("{a=", "1", "}"),
        ("upper(", "\"a\"", ")"),
        ("\"${", "1", "}\""),
        ("!", "true", ""),
        ("true ? ", "1", " : 2"),
        ("[for x in [1] : ", "1", "]"),
    ] {
        let text = format!("{}{inner}{}", open.repeat(5000), close.repeat(5000));
        assert!(value(&text).is_err(), "5000 times {open}");
    }
    refused(&format!("1{}", " + 1".repeat(5000)), "128 chained binary operators");
}

#[test]
fn what_is_allowed_fits_the_stack() {
    for (open, inner, close) in [("(", "1", ")"), ("[", "1", "]"), ("max(", "1", ")")] {
        let text = format!("{}{inner}{}", open.repeat(60), close.repeat(60));
        assert!(value(&text).is_ok(), "60 times {open}");
    }
    assert!(value(&format!("{{a = 1}}{}", ".a[*]".repeat(3000))).is_err());
}

#[test]
fn loops_within_loops_are_bounded() {
    let mut text = "1".to_owned();
    for i in 0..8 {
        text = format!("[for x{i} in range(1000) : {text}]");
    }
    refused(&text, "Expression too large");
    refused("setproduct(range(1000), range(1000), range(1000))", "too many elements");
}

#[test]
fn a_text_that_doubles_is_bounded() {
    let mut names = std::collections::BTreeMap::new();
    names.insert("a".to_owned(), Value::string("ha".repeat(1 << 19)));
    let missing = |name: &str| name.to_owned();
    let scope = Names { values: &names, outside: &Nothing, missing: &missing };
    for (text, why) in [
        (format!("\"{}\"", "${a}".repeat(32)), "String too long"),
        (format!("join(a, [{}])", "a,".repeat(32)), "Value too large"),
        (format!("format(\"{}\", a)", "%[1]s".repeat(32)), "16 MiB at most"),
        ("replace(a, \"h\", a)".to_owned(), "16 MiB at most"),
        ("replace(a, \"/h/\", a)".to_owned(), "16 MiB at most"),
        ("indent(1000000, replace(a, \"h\", \"\\n\"))".to_owned(), "16 MiB at most"),
        (format!("jsonencode([{}])", "a,".repeat(32)), "Value too large"),
        (format!("yamlencode([{}])", "a,".repeat(32)), "Value too large"),
        ("format(\"%1000000000d\", 1)".to_owned(), "the width"),
    ] {
        let parsed: Expression = text.parse().expect("valid syntax");
        let error = evaluate(&parsed, &Source::new("main.tf", text.as_str()), &scope);
        let error = error.map(drop).expect_err(&text[..30.min(text.len())]);
        assert!(error.to_string().contains(why), "{error}");
    }
}

#[test]
fn decoders_are_bounded() {
    let deep = format!("jsondecode(\"{}\")", "[".repeat(5000));
    refused(&deep, "levels deep");
    refused(&format!("yamldecode(\"{}\")", "[".repeat(5000)), "recursion limit");
    // Nine levels of nine aliases: a billion laughs.
    let mut laughs = "a0: &a0 [ha]\\n".to_owned();
    for i in 1..10 {
        let aliases = vec![format!("*a{}", i - 1); 9].join(", ");
        laughs.push_str(&format!("a{i}: &a{i} [{aliases}]\\n"));
    }
    refused(&format!("yamldecode(\"{laughs}\")"), "too large");
}

#[test]
fn a_million_laughs_are_bounded() {
    let mut laughs = Value::string("ha");
    let mut refused = None;
    for _ in 0..20 {
        let names = std::collections::BTreeMap::from([("laughs".to_owned(), laughs.clone())]);
        let missing = |name: &str| name.to_owned();
        let scope = Names { values: &names, outside: &Nothing, missing: &missing };
        let text = format!("[{}]", "laughs,".repeat(10));
        let parsed: Expression = text.parse().expect("valid syntax");
        match evaluate(&parsed, &Source::new("main.tf", text.as_str()), &scope) {
            Ok(value) => laughs = value,
            Err(error) => {
                refused = Some(error.summary);
                break;
            }
        }
    }
    assert_eq!(refused.as_deref(), Some("Value too large"));
}

#[test]
fn numbers_are_bounded() {
    assert!(value("1e999999999").is_err());
    assert!(value("tonumber(\"1e999999999\")").is_err());
    refused("pow(10, 1e300)", "finite");
    assert!(value("range(0, 1e30)").is_err());
    assert!(value("cidrsubnet(\"::/0\", 128, 1e30)").is_ok());
    assert!(value("substr(\"a\", 1e30, 1)").is_err());
}

#[test]
fn patterns_are_bounded() {
    assert!(value("regex(\"(a{1000}){1000}\", \"a\")").is_err());
    assert!(
        value("fileset(\".\", \"{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}\")")
            .is_err()
    );
}
