//! Numbers, sets, conversion, unification, JSON and diagnostics, each by examples.

use expect_test::expect;
use neargate_hcl::{
    Attribute, Diagnostic, Number, Range, Source, Type, Value, convert, json, unify,
};

fn number(text: &str) -> Number {
    Number::parse(text).expect("a number")
}

#[test]
fn numbers_have_the_digits_that_terraform_prints() {
    let third = number("1").div(&number("3")).expect("not by zero");
    let shown = [
        third.to_string(),
        number("0.1").add(&number("0.2")).to_string(),
        number("123456789012345678901234567890.123456789").to_string(),
        number("1e30").to_string(),
        number("-1.50").to_string(),
        number("-5").rem(&number("3")).expect("not by zero").to_string(),
        Number::from_f64(0.1).expect("finite").to_string(),
        number("2.5e-3").to_string(),
    ];
    expect![[r#"
        0.33333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333335
        0.3
        123456789012345678901234567890.123456789
        1000000000000000000000000000000
        -1.5
        -2
        0.1
        0.0025"#]]
    .assert_eq(&shown.join("\n"));
}

#[test]
fn sets_are_ordered_and_hold_each_element_once() {
    let set = Value::set(Type::String, vec!["b".into(), "a".into(), "b".into()]);
    assert_eq!(json::encode(&set).as_deref(), Some(r#"["a","b"]"#));
}

#[test]
fn objects_get_the_defaults_of_what_is_left_out() {
    let port = Attribute { ty: Type::Number, optional: true, default: Some(Value::number(80)) };
    let ty = Type::object_with([
        ("name".to_owned(), Attribute::required(Type::String)),
        ("port".to_owned(), port),
        ("zone".to_owned(), Attribute::optional(Type::String)),
    ]);
    let converted = convert(&Value::object([("name", Value::number(5))]), &ty).expect("fits");
    assert_eq!(json::encode(&converted).as_deref(), Some(r#"{"name":"5","port":80,"zone":null}"#));
    let error = convert(&Value::object([("port", Value::number(5))]), &ty).expect_err("no name");
    assert_eq!(error.to_string(), r#"attribute "name" is required"#);
}

#[test]
fn types_have_one_that_fits_all() {
    assert_eq!(unify(&[Type::Number, Type::String]), Some(Type::String));
    let tuples = [Type::tuple([Type::Number]), Type::tuple([Type::Bool, Type::String])];
    assert_eq!(unify(&tuples), Some(Type::list(Type::String)));
    assert_eq!(unify(&[Type::String, Type::list(Type::String)]), None);
}

#[test]
fn diagnostics_show_the_line() {
    let source = Source::new("main.tf", "locals {\n  a = foo.bar\n}\n");
    let diagnostic = Diagnostic::error("Unsupported attribute", "There is no \"bar\".")
        .at(Range::new(&source, 15..22))
        .in_block("locals")
        .with_values(vec!["foo is object with no attributes".into()]);
    expect![[r#"
        ╷
        │ Error: Unsupported attribute
        │
        │   on main.tf line 2, in locals:
        │    2:   a = foo.bar
        │     ├────────────────
        │     │ foo is object with no attributes
        │
        │ There is no "bar".
        ╵
    "#]]
    .assert_eq(&diagnostic.to_string());
}
