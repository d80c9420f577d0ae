//! Decisions and refusals of documents, as tables.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::malformed::Malformed;
use crate::policy::Kind;
use crate::principal::Principal;

const ROLE: &str = "arn:aws:iam::000000000000:role/app";
const SESSION: &str = "arn:aws:sts::000000000000:assumed-role/app/t1";
const SECRET: &str = "arn:aws:secretsmanager:us-west-2:000000000000:secret:db-AbCdEf";

fn request(action: &str, resource: &str) -> Request {
    Request {
        principal: Principal::Session {
            account: "000000000000".into(),
            role_arn: ROLE.into(),
            session_arn: SESSION.into(),
        },
        action: action.into(),
        resource: resource.into(),
        context: BTreeMap::from([("aws:requestedregion".into(), vec!["us-west-2".into()])]),
    }
}

fn parsed(statements: &str, kind: Kind) -> Policy {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    Policy::parse(&text, kind).unwrap_or_else(|e| panic!("{e}: {text}"))
}

fn named(policy: &Policy) -> Named<'_> {
    Named { name: "p", policy }
}

const ALLOW_ALL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
const ALLOW_NONE: &str = r#"{"Effect":"Allow","Action":"none:None","Resource":"*"}"#;
const DENY_GET: &str = r#"{"Effect":"Deny","Action":"secretsmanager:get*","Resource":"*"}"#;

#[test]
fn identity_policies_decide_alone_in_most_cases() {
    let verdict = |statements: &str| {
        let policy = parsed(statements, Kind::Identity);
        let policies = Policies { identity: vec![named(&policy)], ..Policies::default() };
        decide(&policies, &request("secretsmanager:GetSecretValue", SECRET)).verdict
    };
    let denied = Verdict::ImplicitDeny(Layer::Identity);
    for (statements, expected) in [
        (ALLOW_ALL.to_owned(), Verdict::Allowed),
        (ALLOW_NONE.to_owned(), denied),
        (format!("{ALLOW_ALL},{DENY_GET}"), Verdict::ExplicitDeny(Layer::Identity)),
        (format!(r#"{{"Effect":"Allow","Action":"SecretsManager:getSecretValue","Resource":"{SECRET}"}}"#), Verdict::Allowed),
        (format!(r#"{{"Effect":"Allow","Action":"secretsmanager:*","Resource":["{SECRET}x"]}}"#), denied),
        (format!(r#"{{"Effect":"Allow","NotAction":"iam:*","NotResource":"{SECRET}"}}"#), denied),
        (r#"{"Effect":"Allow","NotAction":"iam:*","NotResource":"arn:aws:s3:::*"}"#.into(), Verdict::Allowed),
        (r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"us-west-2"}}}"#.into(), Verdict::Allowed),
        (r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}}"#.into(), denied),
        (r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:secretsmanager:${aws:RequestedRegion}:*:secret:*"}"#.into(), Verdict::Allowed),
        (r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:secretsmanager:${aws:none}:*:secret:*"}"#.into(), denied),
    ] {
        assert_eq!(verdict(&statements), expected, "{statements}");
    }
}

#[test]
fn boundaries_and_session_policies_only_take_away() {
    let (all, none) = (parsed(ALLOW_ALL, Kind::Identity), parsed(ALLOW_NONE, Kind::Identity));
    let deny = parsed(&format!("{ALLOW_ALL},{DENY_GET}"), Kind::Identity);
    let asked = request("secretsmanager:GetSecretValue", SECRET);
    let verdict = |identity, boundary: Option<&Policy>, session: Option<&Policy>| {
        let policies = Policies {
            identity: vec![named(identity)],
            boundary: boundary.map(named),
            session: session.map(|policy| vec![named(policy)]),
            ..Policies::default()
        };
        decide(&policies, &asked).verdict
    };
    assert_eq!(verdict(&all, Some(&all), Some(&all)), Verdict::Allowed);
    assert_eq!(verdict(&all, Some(&none), None), Verdict::ImplicitDeny(Layer::Boundary));
    assert_eq!(verdict(&all, Some(&deny), None), Verdict::ExplicitDeny(Layer::Boundary));
    assert_eq!(verdict(&all, None, Some(&none)), Verdict::ImplicitDeny(Layer::Session));
    assert_eq!(verdict(&none, Some(&all), Some(&all)), Verdict::ImplicitDeny(Layer::Identity));
}

#[test]
fn a_resources_policy_grants_by_whom_it_names() {
    let (all, none) = (parsed(ALLOW_ALL, Kind::Identity), parsed(ALLOW_NONE, Kind::Identity));
    let verdict = |principal: &str, identity: &Policy, boundary: Option<&Policy>, must: bool| {
        let statement = format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"*"}}"#);
        let resource = parsed(&statement, Kind::Resource);
        let policies = Policies {
            identity: vec![named(identity)],
            boundary: boundary.map(named),
            resource: Some(named(&resource)),
            resource_must_allow: must,
            ..Policies::default()
        };
        decide(&policies, &request("secretsmanager:GetSecretValue", SECRET)).verdict
    };
    let role = format!(r#"{{"AWS":"{ROLE}"}}"#);
    let session = format!(r#"{{"AWS":"{SESSION}"}}"#);
    let account = r#"{"AWS":"000000000000"}"#;
    let other = r#"{"Service":"ecs-tasks.amazonaws.com"}"#;
    assert_eq!(verdict(&role, &none, None, false), Verdict::Allowed);
    assert_eq!(verdict("\"*\"", &none, None, true), Verdict::Allowed);
    assert_eq!(verdict(&role, &none, Some(&none), false), Verdict::ImplicitDeny(Layer::Boundary));
    assert_eq!(verdict(&session, &none, Some(&none), false), Verdict::Allowed);
    assert_eq!(verdict(account, &none, None, true), Verdict::ImplicitDeny(Layer::Identity));
    assert_eq!(verdict(account, &all, None, true), Verdict::Allowed);
    assert_eq!(verdict(other, &all, None, true), Verdict::ImplicitDeny(Layer::Resource));
    assert_eq!(verdict(other, &all, None, false), Verdict::Allowed);
}

#[test]
fn a_decision_names_its_statements_and_says_why() {
    let text = "{\"Version\":\"2012-10-17\",\n\"Statement\":[\n  {\"Sid\":\"No\",\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\"}]}";
    let policy = Policy::parse(text, Kind::Identity).unwrap();
    let policies = Policies { identity: vec![named(&policy)], ..Policies::default() };
    let decision = decide(&policies, &request("ecs:RunTask", "*"));
    assert_eq!(
        decision.because("ecs:RunTask"),
        "with an explicit deny in an identity-based policy"
    );
    let [found] = decision.matched.as_slice() else { panic!("{decision:?}") };
    assert_eq!(found.sid.as_deref(), Some("No"));
    assert_eq!(found.start, Position { line: 3, column: 3 });
    let nothing = decide(&Policies::default(), &request("ecs:RunTask", "*"));
    assert_eq!(
        nothing.because("ecs:RunTask"),
        "because no identity-based policy allows the ecs:RunTask action"
    );
}

#[test]
fn what_is_no_policy_is_refused_in_iams_words() {
    let statement = |rest: &str| {
        format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow",{rest}}}}}"#)
    };
    let cases = [
        (Kind::Identity, "{".to_owned(), Malformed::NotJson),
        (Kind::Identity, "[]".into(), Malformed::Syntax),
        (Kind::Identity, r#"{"Statement":[]}"#.into(), Malformed::Syntax),
        (Kind::Identity, r#"{"Version":"2020-01-01","Statement":[]}"#.into(), Malformed::Version),
        (Kind::Identity, statement(r#""Resource":"*""#), Malformed::NoActions),
        (Kind::Identity, statement(r#""Action":[],"Resource":"*""#), Malformed::NoActions),
        (Kind::Identity, statement(r#""Action":"s3:*""#), Malformed::NoResources),
        (Kind::Identity, statement(r#""Action":"s3","Resource":"*""#), Malformed::NoVendor),
        (Kind::Identity, statement(r#""Action":"a:b:c","Resource":"*""#), Malformed::Colons),
        (
            Kind::Identity,
            statement(r#""Action":"a_b:c","Resource":"*""#),
            Malformed::Vendor("a_b".into()),
        ),
        (
            Kind::Identity,
            statement(r#""Action":"s3:*","Resource":"bucket""#),
            Malformed::Resource("bucket".into()),
        ),
        (
            Kind::Identity,
            statement(r#""Action":"s3:*","Resource":"*","Principal":"*""#),
            Malformed::UnwantedPrincipal,
        ),
        (
            Kind::Identity,
            statement(r#""Sid":"a b","Action":"s3:*","Resource":"*""#),
            Malformed::Sid,
        ),
        (
            Kind::Identity,
            statement(r#""Action":"s3:*","Resource":"*","Condition":{"Is":{"a":"b"}}"#),
            Malformed::ConditionType("Is".into()),
        ),
        (
            Kind::Identity,
            statement(r#""Action":"s3:*","Resource":"*","Extra":1"#),
            Malformed::Syntax,
        ),
        (Kind::Trust, statement(r#""Action":"sts:AssumeRole""#), Malformed::NoPrincipal),
        (
            Kind::Trust,
            statement(r#""Action":"sts:AssumeRole","Principal":"*","Resource":"*""#),
            Malformed::UnwantedResource,
        ),
        (Kind::Trust, statement(r#""Action":"s3:Get","Principal":"*""#), Malformed::NotAssumeRole),
        (
            Kind::Trust,
            statement(r#""Action":"sts:AssumeRole","Principal":{"AWS":"me"}"#),
            Malformed::Principal("\"AWS\":\"me\"".into()),
        ),
    ];
    for (kind, text, expected) in cases {
        assert_eq!(Policy::parse(&text, kind), Err(expected), "{text}");
    }
    let twice = r#"{"Sid":"A","Effect":"Allow","Action":"*","Resource":"*"}"#;
    let text = format!(r#"{{"Statement":[{twice},{twice}]}}"#);
    assert_eq!(Policy::parse(&text, Kind::Identity), Err(Malformed::RepeatedSid));
}

proptest! {
    #[test]
    fn a_deny_always_wins(allows in 0usize..4, denies in 1usize..3, at in 0usize..4) {
        let mut statements = vec![ALLOW_ALL; allows];
        for _ in 0..denies {
            statements.insert(at.min(statements.len()), DENY_GET);
        }
        let policy = parsed(&statements.join(","), Kind::Identity);
        let policies = Policies { identity: vec![named(&policy)], ..Policies::default() };
        let decision = decide(&policies, &request("secretsmanager:GetSecretValue", SECRET));
        prop_assert_eq!(decision.verdict, Verdict::ExplicitDeny(Layer::Identity));
        prop_assert_eq!(decision.matched.len(), denies);
    }

    #[test]
    fn no_text_makes_the_reader_fall(text in "\\PC{0,60}") {
        let _ = Policy::parse(&text, Kind::Identity);
        let wrapped = format!(r#"{{"Statement":{text}}}"#);
        let _ = Policy::parse(&wrapped, Kind::Trust);
    }
}
