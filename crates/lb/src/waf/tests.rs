//! Rules as they are written, judged.

use http::HeaderMap;

use super::*;

fn part(field: Field) -> Part {
    Part { field, changes: vec![Change::UrlDecode, Change::LowerCase] }
}

fn bytes(field: Field, position: Place, search: &str) -> Statement {
    Statement::Bytes { part: part(field), position, search: search.into() }
}

/// Whether a GET of `target` from `source` is met by a statement.
fn holds(statement: &Statement, target: &str, source: &str) -> bool {
    let (path, query) = target.split_once('?').map_or((target, None), |(p, q)| (p, Some(q)));
    let mut headers = HeaderMap::new();
    headers.insert("user-agent", "Bad Bot/1.0".parse().unwrap());
    let source = source.parse().unwrap();
    let host = "h";
    statement.holds(&RequestView { method: "GET", host, path, query, headers: &headers, source })
}

#[test]
fn statements() {
    let admin = bytes(Field::Path, Place::Start, "/admin");
    assert!(holds(&admin, "/Admin/x", "10.0.0.1") && holds(&admin, "/%61dmin", "10.0.0.1"));
    assert!(!holds(&admin, "/x/admin", "10.0.0.1"));
    let home = Statement::Source(vec!["10.0.0.0/8".parse().unwrap()]);
    let guarded = Statement::And(vec![admin.clone(), Statement::Not(Box::new(home.clone()))]);
    assert!(holds(&guarded, "/admin", "192.0.2.1") && !holds(&guarded, "/admin", "10.1.2.3"));
    let either = Statement::Or(vec![admin, home]);
    assert!(holds(&either, "/x", "10.1.2.3") && !holds(&either, "/x", "192.0.2.1"));
    let bot = bytes(Field::Header("User-Agent".into()), Place::Word, "bot");
    assert!(holds(&bot, "/", "192.0.2.1"));
    assert!(!holds(&bytes(Field::Header("x".into()), Place::Anywhere, ""), "/", "192.0.2.1"));
    let named = bytes(Field::Argument("ID".into()), Place::Exactly, "1 2");
    assert!(holds(&named, "/?id=1+2", "192.0.2.1") && !holds(&named, "/?no=1+2", "192.0.2.1"));
    let long = Statement::Size { part: part(Field::Query), is: Comparison::Above, size: 3 };
    assert!(holds(&long, "/?abcd", "192.0.2.1") && !holds(&long, "/?a%20b", "192.0.2.1"));
    let dots = Pattern::new(r"\.\./").unwrap();
    let climbs = Statement::Matches { part: part(Field::Arguments), pattern: dots };
    assert!(holds(&climbs, "/?f=%2e%2e%2fetc", "192.0.2.1") && !holds(&climbs, "/../", "::1"));
}

#[test]
fn the_first_that_decides_decides() {
    let headers = HeaderMap::new();
    let source = "192.0.2.1".parse().unwrap();
    let view = |path| RequestView {
        method: "GET",
        host: "h",
        path,
        query: None,
        headers: &headers,
        source,
    };
    let rule =
        |search: &str, action| Rule { statement: bytes(Field::Path, Place::Start, search), action };
    let mut acl = WebAcl {
        rules: vec![
            rule("/", Action::Count),
            rule("/open", Action::Allow),
            rule("/o", Action::Block(None)),
        ],
        default_action: Action::Allow,
    };
    assert_eq!(acl.blocks(&view("/open")), None);
    assert_eq!(acl.blocks(&view("/other")), Some(&None));
    assert_eq!(acl.blocks(&view("/x")), None);
    acl.default_action = Action::Block(None);
    assert_eq!(acl.blocks(&view("/x")), Some(&None));
}
