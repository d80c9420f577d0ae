//! Values that are not known yet, and marks: what they make of an expression. (A console has neither,
//! so Terraform's answers are not recorded; the rules are those of its documentation.)

use expect_test::{Expect, expect};
use neargate_hcl::hcl_edit::expr::Expression;
use neargate_hcl::{
    Diagnostic, Part, Scope, Source, Type, Value, evaluate, references, render, type_constraint,
};

/// `unknown` of several types, and a secret.
struct Plan;

impl Scope for Plan {
    fn resolve(&self, root: &str, steps: &[&str]) -> Result<(Value, usize), Diagnostic> {
        let value = match (root, steps.first().copied()) {
            ("var", Some("secret")) => Value::string("s3cret").sensitive(),
            ("var", Some("name")) => Value::string("dev"),
            ("var", Some("ports")) => Value::object([("http", Value::number(80))]),
            ("later", Some("text")) => Value::unknown(Type::String),
            ("later", Some("number")) => Value::unknown(Type::Number),
            ("later", Some("bool")) => Value::unknown(Type::Bool),
            ("later", Some("list")) => Value::unknown(Type::list(Type::String)),
            ("later", Some("map")) => Value::unknown(Type::map(Type::String)),
            ("later", Some("any")) => Value::unknown(Type::Dynamic),
            _ => return Err(Diagnostic::error("Reference to undeclared name", "Declare it.")),
        };
        Ok((value, 1))
    }
}

fn value(expression: &str) -> Result<Value, Diagnostic> {
    let parsed: Expression = expression.parse().expect("valid syntax");
    evaluate(&parsed, &Source::new("main.tf", expression), &Plan)
}

fn check(expressions: &[&str], expected: Expect) {
    let mut shown = String::new();
    for expression in expressions {
        let line = match value(expression) {
            Ok(value) if !value.is_known() => format!("unknown {}", value.ty()),
            Ok(value) => render(&value).replace('\n', ""),
            Err(error) => format!("error: {}", error.summary),
        };
        shown.push_str(&format!("{expression}  ->  {line}\n"));
    }
    expected.assert_eq(&shown);
}

#[test]
fn what_depends_on_an_unknown_value_is_unknown() {
    check(
        &[
            "later.text",
            "\"a-${later.text}\"",
            "later.number + 1",
            "later.number > 1",
            "!later.bool",
            "later.bool ? 1 : 2",
            "later.bool ? \"a\" : later.any",
            "later.text == \"a\"",
            "[later.text, \"b\"]",
            "length([later.text, later.text])",
            "length(later.list)",
            "length(toset([later.text, \"b\"]))",
            "later.list[0]",
            "later.map[\"a\"]",
            "later.map.a",
            "later.any.a.b[0]",
            "later.list[*]",
            "[for x in later.list : x]",
            "{for x in [\"a\"] : x => later.text}",
            "[for x in [\"a\"] : x if later.bool]",
            "upper(later.text)",
            "join(\",\", [\"a\", later.text])",
            "jsonencode({a = later.text})",
            "merge({a = later.text}, {b = 1})",
            "keys({a = later.text})",
            "lookup({a = later.text}, \"a\", \"\")",
            "contains([later.text, \"b\"], \"b\")",
            "contains([later.text], \"b\")",
            "coalesce(later.text, \"x\")",
            "concat([later.text], [\"b\"])",
            "try(later.any.a, 1)",
            "can(later.any.a)",
            "tolist([later.text])",
            "timestamp()",
            "uuid()",
            "max([1, later.number]...)",
            "upper(later.number + 1, 2)",
            "later.number && true",
        ],
        expect![[r#"
            later.text  ->  unknown string
            "a-${later.text}"  ->  unknown string
            later.number + 1  ->  unknown number
            later.number > 1  ->  unknown bool
            !later.bool  ->  unknown bool
            later.bool ? 1 : 2  ->  unknown number
            later.bool ? "a" : later.any  ->  unknown any
            later.text == "a"  ->  unknown bool
            [later.text, "b"]  ->  [  (known after apply),  "b",]
            length([later.text, later.text])  ->  2
            length(later.list)  ->  unknown number
            length(toset([later.text, "b"]))  ->  unknown number
            later.list[0]  ->  unknown string
            later.map["a"]  ->  unknown string
            later.map.a  ->  unknown string
            later.any.a.b[0]  ->  unknown any
            later.list[*]  ->  unknown any
            [for x in later.list : x]  ->  unknown any
            {for x in ["a"] : x => later.text}  ->  {  "a" = (known after apply)}
            [for x in ["a"] : x if later.bool]  ->  unknown any
            upper(later.text)  ->  unknown string
            join(",", ["a", later.text])  ->  unknown string
            jsonencode({a = later.text})  ->  unknown string
            merge({a = later.text}, {b = 1})  ->  {  "a" = (known after apply)  "b" = 1}
            keys({a = later.text})  ->  [  "a",]
            lookup({a = later.text}, "a", "")  ->  unknown string
            contains([later.text, "b"], "b")  ->  true
            contains([later.text], "b")  ->  unknown bool
            coalesce(later.text, "x")  ->  unknown string
            concat([later.text], ["b"])  ->  [  (known after apply),  "b",]
            try(later.any.a, 1)  ->  unknown any
            can(later.any.a)  ->  unknown bool
            tolist([later.text])  ->  tolist([  (known after apply),])
            timestamp()  ->  unknown string
            uuid()  ->  unknown string
            max([1, later.number]...)  ->  unknown number
            upper(later.number + 1, 2)  ->  error: Too many function arguments
            later.number && true  ->  error: Invalid operand
        "#]],
    );
}

#[test]
fn a_secret_stays_one() {
    check(
        &[
            "var.secret",
            "\"${var.name}-${var.secret}\"",
            "upper(var.secret)",
            "length(var.secret)",
            "var.secret == \"x\"",
            "var.secret == \"x\" ? 1 : 2",
            "[var.secret, var.name]",
            "{a = var.secret}",
            "{a = var.secret}.a",
            "jsonencode({a = var.secret})",
            "toset([var.secret])",
            "[for x in [var.secret] : x]",
            "nonsensitive(var.secret)",
            "nonsensitive(upper(var.secret))",
            "join(\",\", [var.secret, \"a\"])",
            "merge({a = var.secret}, {b = 1})",
            "keys({a = var.secret})",
            "format(\"%s\", var.secret)",
        ],
        expect![[r#"
            var.secret  ->  (sensitive value)
            "${var.name}-${var.secret}"  ->  (sensitive value)
            upper(var.secret)  ->  (sensitive value)
            length(var.secret)  ->  (sensitive value)
            var.secret == "x"  ->  (sensitive value)
            var.secret == "x" ? 1 : 2  ->  (sensitive value)
            [var.secret, var.name]  ->  [  (sensitive value),  "dev",]
            {a = var.secret}  ->  {  "a" = (sensitive value)}
            {a = var.secret}.a  ->  (sensitive value)
            jsonencode({a = var.secret})  ->  (sensitive value)
            toset([var.secret])  ->  (sensitive value)
            [for x in [var.secret] : x]  ->  [  (sensitive value),]
            nonsensitive(var.secret)  ->  "s3cret"
            nonsensitive(upper(var.secret))  ->  "S3CRET"
            join(",", [var.secret, "a"])  ->  (sensitive value)
            merge({a = var.secret}, {b = 1})  ->  {  "a" = (sensitive value)  "b" = 1}
            keys({a = var.secret})  ->  [  "a",]
            format("%s", var.secret)  ->  (sensitive value)
        "#]],
    );
}

#[test]
fn references_are_told_without_evaluating() {
    let text = r#"[for s in aws_subnet.private[*].id : "${s}-${var.name}-${each.key}" if contains(local.zones, s)]"#;
    let expression: Expression = text.parse().expect("valid syntax");
    let mut shown = String::new();
    for reference in references(&expression) {
        let steps: Vec<String> = reference
            .steps
            .iter()
            .map(|step| match step {
                Part::Attribute(name) => format!(".{name}"),
                Part::Index(index) => format!("[{index:?}]"),
                Part::Dynamic => "…".into(),
            })
            .collect();
        shown.push_str(&format!("{}{}\n", reference.root, steps.concat()));
    }
    expect![[r#"
        aws_subnet.private…
        var.name
        each.key
        local.zones
    "#]]
    .assert_eq(&shown);
}

#[test]
fn constraints_read_back_as_they_are_written() {
    let text = r#"map(object({ port = optional(number, 80), cidrs = list(string), extra = optional(any), pair = tuple([string, bool]) }))"#;
    let parsed: Expression = text.parse().expect("valid syntax");
    let source = Source::new("main.tf", text);
    let constant = |expr: &Expression| evaluate(expr, &source, &neargate_hcl::Constants);
    let ty = type_constraint(&parsed, &source, &constant).expect("a type");
    expect!["map(object({cidrs = list(string), extra = optional(any), pair = tuple([string, bool]), port = optional(number, 80)}))"].assert_eq(&ty.to_string());
    let wrong: Expression = "list(strin)".parse().expect("valid syntax");
    let source = Source::new("main.tf", "list(strin)");
    let error = type_constraint(&wrong, &source, &constant).expect_err("no type");
    expect![[r#"
        ╷
        │ Error: Invalid type specification
        │
        │   on main.tf line 1:
        │    1: list(strin)
        │
        │ The keyword "strin" is not a valid type specification.
        ╵
    "#]]
    .assert_eq(&error.to_string());
}

#[test]
fn errors_show_what_names_stand_for() {
    let error = value("var.ports.htp + 1").expect_err("no such attribute");
    expect![[r#"
        ╷
        │ Error: Unsupported attribute
        │
        │   on main.tf line 1:
        │    1: var.ports.htp + 1
        │     ├────────────────
        │     │ var.ports is object with 1 attribute
        │
        │ This object does not have an attribute named "htp". Did you mean "http"?
        ╵
    "#]]
    .assert_eq(&error.to_string());
    let error = value("upper(var.name, var.secret, later.text)").expect_err("too many");
    expect![[r#"
        ╷
        │ Error: Too many function arguments
        │
        │   on main.tf line 1:
        │    1: upper(var.name, var.secret, later.text)
        │     ├────────────────
        │     │ later.text is a string, known only after apply
        │     │ var.name is "dev"
        │     │ var.secret has a sensitive value
        │
        │ Function "upper" expects only 1 argument(s).
        ╵
    "#]]
    .assert_eq(&error.to_string());
}
