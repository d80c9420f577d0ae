//! The tables of the CloudWatch Logs user guide's "Filter pattern syntax", and
//! the errors that CloudWatch Logs is known to give.

#![allow(clippy::unwrap_used)]

use neargate_logquery::filter_pattern::FilterPattern;
use proptest::prelude::*;

fn matches(pattern: &str, message: &str) -> bool {
    let parsed = FilterPattern::parse(pattern);
    parsed.unwrap_or_else(|error| panic!("{pattern}: {error}")).matches(message)
}

/// Checks which of the messages a pattern matches, by their numbers from 1.
#[track_caller]
fn check(pattern: &str, messages: &[&str], expected: &[usize]) {
    let numbered = messages.iter().zip(1..);
    let found: Vec<usize> =
        numbered.filter(|(message, _)| matches(pattern, message)).map(|(_, n)| n).collect();
    assert_eq!(found, expected, "{pattern}");
}

#[track_caller]
fn refused(pattern: &str, message: &str) {
    let error = FilterPattern::parse(pattern).expect_err(pattern);
    assert_eq!(error.to_string(), message, "{pattern}");
}

#[test]
fn terms() {
    let messages = ["ERROR WARN message", "ERROR message", "WARN message"];
    check("", &messages, &[1, 2, 3]);
    check("  ", &messages, &[1, 2, 3]);
    check("ERROR", &messages, &[1, 2]);
    check("?ERROR ?WARN", &messages, &[1, 2, 3]);
    check("ERROR WARN", &messages, &[1]);
    check("ERROR -WARN", &messages, &[2]);
    check("-WARN", &messages, &[2]);
    check("error", &messages, &[]);
    check("\"ERROR message\"", &messages, &[2]);
    // Beside other terms, those with a question mark do not count.
    check("?ERROR ?WARN message", &messages, &[1, 2, 3]);
    check("?ERROR -WARN", &messages, &[2]);

    let messages = ["[ERROR] A fatal exception has occurred", "Exiting with ERRORCODE: -1"];
    check("ERROR", &messages, &[1, 2]);
    check("\"ERROR\" -\"Exiting\"", &messages, &[1]);
    check("\"ERROR\" - \"Exiting\"", &messages, &[1]);
    check("\"ERRORCODE: -1\"", &messages, &[2]);

    let messages = ["[ERROR] Caught IllegalArgumentException", "[ERROR] Unhandled Exception"];
    check("ERROR Exception", &messages, &[1, 2]);
    check("ERROR Exception -Unhandled", &messages, &[1]);

    check(r#""say \"hi\"""#, &[r#"he did say "hi" twice"#, "say hi"], &[1]);
    check(r#""a\\b""#, &[r"a\b", "ab"], &[1]);
}

#[test]
fn regular_expressions() {
    let messages = ["[ERROR 401] UNAUTHORIZED REQUEST", "[SUCCESS 200] AUTHORIZED REQUEST"];
    check("%AUTHORIZED%", &messages, &[1, 2]);
    check("%[0-9]{3}%", &messages, &[1, 2]);
    check(r"%4\d1%", &messages, &[1]);
    check("%^.SUCCESS%", &messages, &[2]);
    check("%REQUEST$%", &messages, &[1, 2]);
    check("%colou?r%", &["color", "colour", "colr"], &[1, 2]);
    check("%gray|grey%", &["gray", "grey", "gry"], &[1, 2]);
    check(r"%10\.10\.0\.1%", &["from 10.10.0.1", "from 10.10.0x1"], &[1]);
    check(r"%\x28a\x29%", &["f(a)", "fa"], &[1]);
    check("%[hc]at%", &["hat", "cat", "bat"], &[1, 2]);
    check(r"%\w+@\w+%", &["mail a@b now", "@"], &[1]);
    refused("%(ab)%", "Invalid character(s) in term '('");
    refused("%something!%", "Invalid character(s) in term '!'");
    refused("%a b%", "Invalid character(s) in term ' '");
    refused("%é%", "Invalid character(s) in term 'é'");
    refused("%unclosed", "Invalid filter pattern");
    refused("%[%", "Invalid filter pattern");
    refused("%%", "Invalid filter pattern");
}

const TRAIL: &str = r#"{
  "eventType": "UpdateTrail",
  "sourceIPAddress": "111.111.111.111",
  "arrayKey": ["value", "another value"],
  "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
  "SomeObject": null,
  "ThisFlag": true,
  "cluster.name": "c"
}"#;

#[test]
fn json_members() {
    let holds = [
        r#"{ $.eventType = "UpdateTrail" }"#,
        "{$.eventType=UpdateTrail}",
        "{ $.eventType = *Trail }",
        "{ $.eventType = Update* }",
        r#"{ $.eventType = "*date*" }"#,
        "{ $.eventType = * }",
        "{ $.eventType = %^Update[A-Z]% }",
        "{ $.eventType != %Delete% }",
        "{ $.sourceIPAddress != 123.123.* }",
        "{ $.sourceIPAddress = 111.111.* }",
        r#"{ $.arrayKey[0] = "value" }"#,
        r#"{ $.arrayKey[*] = "another value" }"#,
        "{ $.objectList[1].id = 2 }",
        "{ $.objectList[*].id = 2 }",
        "{ $.SomeObject IS NULL }",
        "{ $.SomeOtherObject NOT EXISTS }",
        "{ $.ThisFlag IS TRUE }",
        "{ $.ThisFlag is true }",
        "{ $.ThisFlag = true }",
        r#"{ $["cluster.name"] = c }"#,
        "{ $.['cluster.name'] = c }",
        "{ $.eventType EXISTS }",
    ];
    for pattern in holds {
        assert!(matches(pattern, TRAIL), "{pattern}");
    }
    let fails = [
        r#"{ $.eventType != "UpdateTrail" }"#,
        r#"{ $.eventType = "updatetrail" }"#,
        "{ $.eventType = Up*Trail }",
        "{ $.sourceIPAddress != 111.111.* }",
        r#"{ $.arrayKey = "value" }"#,
        r#"{ $.arrayKey != "value" }"#,
        "{ $.arrayKey[2] = * }",
        "{ $.objectList[0].id = 2 }",
        "{ $.objectList.id = 2 }",
        "{ $.SomeObject NOT EXISTS }",
        "{ $.eventType IS NULL }",
        "{ $.SomeOtherObject IS NULL }",
        "{ $.SomeOtherObject != x }",
        "{ $.SomeObject != x }",
        "{ $.ThisFlag IS FALSE }",
    ];
    for pattern in fails {
        assert!(!matches(pattern, TRAIL), "{pattern}");
    }
    check("{ $.foo = bar || $.foo = baz }", &[r#"{"foo":"bar"}"#, r#"{"foo":"baz"}"#], &[1, 2]);
    check("{ $.foo = bar }", &["foo = bar", "", "{", "[]", r#"{"foo":"bar"} x"#], &[]);
    check("{ $.a = Ev*ent }", &[r#"{"a":"Ev*ent"}"#, r#"{"a":"Event"}"#], &[1]);
}

#[test]
fn json_conditions_combine() {
    let message = r#"{
        "user": {"id": 1, "email": "John.Stiles@example.com"},
        "users": [{"id": 2, "email": "John.Doe@example.com"}, {"id": 3, "email": "Jane.Doe@example.com"}],
        "actions": ["GET", "PUT", "DELETE"],
        "coordinates": [[0, 1, 2], [4, 5, 6], [7, 8, 9]]
    }"#;
    let table = [
        (r#"{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }"#, true),
        (r#"{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }"#, false),
        (
            r#"{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch && $.actions[2] = nomatch }"#,
            true,
        ),
        (
            r#"{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch) && $.actions[2] = nomatch }"#,
            false,
        ),
        ("{ $.coordinates[2][0] = 7 }", true),
        ("{ $.users = 1 }", false),
        ("{ $.users != 1 }", false),
    ];
    for (pattern, expected) in table {
        assert_eq!(matches(pattern, message), expected, "{pattern}");
    }
}

#[test]
fn json_numbers() {
    let message =
        r#"{"latency": 500, "numbers": [0.005], "errorCode": 400, "text": "400", "big": 1e4}"#;
    let table = [
        ("{ $.latency >= 500 }", true),
        ("{ $.latency > 500 }", false),
        ("{ $.latency <= 500.0 }", true),
        ("{ $.latency < +1000 }", true),
        ("{ $.latency > -1 }", true),
        ("{ $.numbers[0] < 10e3 }", true),
        ("{ $.numbers[0] < 10e-3 }", true),
        ("{ $.numbers[0] < 1e-3 }", false),
        ("{ $.errorCode = 400 }", true),
        ("{ $.errorCode = 4e2 }", true),
        ("{ $.errorCode != 500 }", true),
        ("{ $.errorCode = 4* }", true),
        ("{ $.errorCode = \"400\" }", true),
        ("{ $.text = 400 }", true),
        ("{ $.text > 300 }", false),
        ("{ $.big = 10000 }", true),
    ];
    for (pattern, expected) in table {
        assert_eq!(matches(pattern, message), expected, "{pattern}");
    }
}

const ACCESS: [&str; 3] = [
    r#"127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /apache_pb.gif HTTP/1.0" 200 1534"#,
    r#"127.0.0.1 - frank [10/Oct/2000:13:35:22 -0700] "GET /apache_pb.gif HTTP/1.0" 500 5324"#,
    r#"127.0.0.1 - frank [10/Oct/2000:13:50:35 -0700] "GET /index.html HTTP/1.0" 404 355"#,
];

#[test]
fn space_delimited_fields() {
    let table: [(&str, &[usize]); 18] = [
        ("[ip, user, username, timestamp, request, status_code, bytes]", &[1, 2, 3]),
        ("[ip, user, username, timestamp, request, status_code]", &[]),
        ("[..., status_code, bytes]", &[1, 2, 3]),
        ("[ip, user, ..., status_code, bytes]", &[1, 2, 3]),
        ("[ip, user, ...]", &[1, 2, 3]),
        ("[...]", &[1, 2, 3]),
        ("[ip, user, username, timestamp, request, status_code, bytes > 1000]", &[1, 2]),
        ("[ip, user, username, timestamp, request, status_code = 200, bytes]", &[1]),
        ("[ip, user, username, timestamp, request, status_code = 4*, bytes]", &[3]),
        ("[ip, user, username, timestamp, request = *html*, status_code = 4*, bytes]", &[3]),
        ("[ip, user, username, timestamp, request, status_code = 5*, bytes > 1000]", &[2]),
        ("[..., status_code = 4* || status_code = 5*, bytes]", &[2, 3]),
        ("[..., status_code = 4* && status_code != 404, bytes]", &[]),
        ("[..., (status_code >= 400 && status_code < 500) || status_code = 200, bytes]", &[1, 3]),
        ("[..., request=*.html*, status_code=4*,]", &[3]),
        (r"[ip=%127\.0\.0\.[1-9]%, ..., bytes]", &[1, 2, 3]),
        (r#"[ip, user, username="frank", ..., bytes]"#, &[1, 2, 3]),
        ("[ip, user, username != frank, ...]", &[]),
    ];
    for (pattern, expected) in table {
        check(pattern, &ACCESS, expected);
    }
    let messages = ["ERROR WARN message", "ERROR message", "WARN message"];
    check("[w1=ERROR, w2]", &messages, &[2]);
    check("[w1=ERROR || w1=WARN, w2]", &messages, &[2, 3]);
    check("[w1!=ERROR&&w1!=WARN, w2]", &messages, &[]);
    check("[w1, w2 = \"\"]", &["a \"\"", "a b"], &[1]);
    check("[w1]", &["[not closed", "\"neither", "[]"], &[2, 3]);
    check("[a, b > 1000]", &["x 10e3", "x many", "x 1000.5"], &[1, 3]);
}

#[test]
fn fields_are_extracted() {
    let pattern = FilterPattern::parse("[..., request=*.html*, status_code=4*,]").unwrap();
    let found = pattern.extract(ACCESS[2]);
    let found: Vec<(&str, &str)> = found.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let expected = [
        ("$1", "127.0.0.1"),
        ("$2", "-"),
        ("$3", "frank"),
        ("$4", "10/Oct/2000:13:50:35 -0700"),
        ("$7", "355"),
        ("$request", "GET /index.html HTTP/1.0"),
        ("$status_code", "404"),
    ];
    assert_eq!(found, expected);
    assert!(pattern.extract(ACCESS[0]).is_empty());
}

#[test]
fn refusals() {
    refused("user@example", "Invalid character(s) in term '@'");
    refused("?Status: timeout", "Invalid character(s) in term ':'");
    refused("`ERROR", "Invalid character(s) in term '`'");
    refused("(ERROR)", "Invalid character(s) in term '('");
    refused(r"a\b", r"Invalid character(s) in term '\'");
    refused("\"\"", "Invalid character(s) in term '\"\"'");
    refused("\"unclosed", "Invalid filter pattern");
    refused("ERROR -", "Invalid filter pattern");
    refused("{ $.a = 1", "If a filter pattern starts with '{' it must end with '}'");
    refused("[a, b", "If a filter pattern starts with '[' it must end with ']'");
    refused("{", "If a filter pattern starts with '{' it must end with '}'");
    refused("{}", "Invalid filter pattern");
    refused("{ $.a }", "Invalid filter pattern");
    refused("{ a = 1 }", "Invalid character(s) in term 'a'");
    refused(r#"{ $."sc-status" = 5* }"#, "Invalid character(s) in term '$.\"'");
    refused("{ $.a = @b }", "Invalid character(s) in term '@'");
    refused("{ $.a > b }", "Invalid filter pattern");
    refused("{ $.a IS 1 }", "Invalid filter pattern");
    refused("{ ($.a = 1 }", "Invalid filter pattern");
    refused("{ $.a = 1 && }", "Invalid filter pattern");
    refused("{ $.a[x] = 1 }", "Invalid character(s) in term 'x'");
    refused("{ $.*.* = 1 }", "Invalid filter pattern");
    refused("[..., a, ...]", "Invalid filter pattern");
    // The guide had such an example, which the service refuses (its repository, issue 21).
    refused("[ip, status_code = 4* && bytes > 1000]", "Invalid filter pattern");
    refused("[a=%x%, b=%y%, c=%z%]", "Invalid filter pattern");
    refused("[a b]", "Invalid character(s) in term 'b'");
    refused(&"x".repeat(1025), "Invalid filter pattern");
    assert!(FilterPattern::parse(&"x".repeat(1024)).is_ok());
    let deep = format!("{{ {}$.a = 1{} }}", "(".repeat(500), ")".repeat(500));
    assert!(FilterPattern::parse(&deep).is_ok());
}

proptest! {
    /// Whatever comes in, an answer comes out.
    #[test]
    fn nothing_panics(pattern in "[{\\[]?[ a-z$.*%\"\\\\=!<>&|(),?\\-\\[\\]0-9é]{0,40}[}\\]]?", message in "\\PC{0,40}") {
        if let Ok(pattern) = FilterPattern::parse(&pattern) {
            pattern.matches(&message);
            pattern.extract(&message);
        }
    }

    #[test]
    fn a_quoted_message_matches_itself(message in "\\PC{1,40}") {
        let quoted = format!("\"{}\"", message.replace('\\', "\\\\").replace('"', "\\\""));
        prop_assert!(matches(&quoted, &message));
        let excluded = format!("-{quoted}");
        prop_assert!(!matches(&excluded, &message));
    }
}
