//! Sessions from their opening to their end.

use std::os::unix::fs::PermissionsExt;

use neargate_api::{Ctx, Service};
use neargate_testkit as testkit;
use serde_json::{Value as Json, json};

use super::*;

const ROLE: &str = "arn:aws:iam::000000000000:role/app";

fn trust(principal: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole","Condition":{{"StringEquals":{{"aws:SourceAccount":"000000000000"}}}}}}]}}"#
    )
}

fn allow(action: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"*"}}]}}"#
    )
}

async fn call(ctx: &Ctx, operation: &str, input: Json) {
    let services = crate::services();
    let has = |service: &&Service| service.model.operation(operation).is_some();
    let service = services.iter().find(has).expect("IAM or STS has it");
    testkit::call(ctx, service, operation, input)
        .await
        .unwrap_or_else(|e| panic!("{operation}: {e}"));
}

/// A cloud with the role `app` for tasks, which may read secrets.
async fn with_role() -> Ctx {
    let ctx = testkit::ctx();
    let trust = trust(r#"{"Service":"ecs-tasks.amazonaws.com"}"#);
    call(&ctx, "CreateRole", json!({ "RoleName": "app", "AssumeRolePolicyDocument": trust })).await;
    let document = allow("secretsmanager:GetSecretValue");
    let inline = json!({ "RoleName": "app", "PolicyName": "p", "PolicyDocument": document });
    call(&ctx, "PutRolePolicy", inline).await;
    ctx
}

fn wanted<'a>(ctx: &Ctx, opener: Opener<'a>) -> Wanted<'a> {
    Wanted {
        opener,
        role_arn: ROLE,
        session_name: "t1",
        now: ctx.now,
        expires_at: ctx.now.plus_secs(3600),
        session_policies: Vec::new(),
        external_id: None,
    }
}

const TASKS: Opener<'static> = Opener::Service {
    name: "ecs-tasks.amazonaws.com",
    source_arn: "arn:aws:ecs:us-west-2:000000000000:task/c/t1",
};

fn open(dir: &Path) -> Iam {
    let operator = OperatorKey { access_key_id: "op".into(), secret_access_key: "secret".into() };
    Iam::open(dir, operator).unwrap()
}

#[tokio::test]
async fn a_session_lives_over_restarts_and_ends_with_its_role() {
    let (ctx, dir) = (with_role().await, tempfile::tempdir().unwrap());
    let session = open(dir.path()).open_session(&ctx.snapshot(), &wanted(&ctx, TASKS)).unwrap();
    let restarted = open(dir.path());
    let found =
        |token: &str| restarted.credential(&ctx.snapshot(), &session.access_key_id, Some(token));
    let credential = found(&session.session_token).unwrap();
    assert_eq!(credential.secret_access_key, session.secret_access_key);
    assert_eq!(credential.expires_at, Some(session.expires_at));
    assert_eq!(credential.caller, session.caller);
    assert!(
        restarted.credential(&ctx.snapshot(), "ASIAOTHER", Some(&session.session_token)).is_none()
    );
    assert!(restarted.credential(&ctx.snapshot(), &session.access_key_id, None).is_none());

    call(&ctx, "DeleteRolePolicy", json!({ "RoleName": "app", "PolicyName": "p" })).await;
    call(&ctx, "DeleteRole", json!({ "RoleName": "app" })).await;
    assert!(found(&session.session_token).is_none());
    let again = trust(r#"{"Service":"ecs-tasks.amazonaws.com"}"#);
    call(&ctx, "CreateRole", json!({ "RoleName": "app", "AssumeRolePolicyDocument": again })).await;
    assert!(found(&session.session_token).is_none(), "a role of the same name is another one");
}

#[tokio::test]
async fn a_token_changed_anywhere_is_nobodys() {
    let (ctx, dir) = (with_role().await, tempfile::tempdir().unwrap());
    let iam = open(dir.path());
    let session = iam.open_session(&ctx.snapshot(), &wanted(&ctx, TASKS)).unwrap();
    for place in 0..session.session_token.len() {
        let mut token = session.session_token.clone().into_bytes();
        token[place] = if token[place] == b'A' { b'B' } else { b'A' };
        let token = String::from_utf8(token).unwrap();
        let found = iam.credential(&ctx.snapshot(), &session.access_key_id, Some(&token));
        assert!(found.is_none(), "changed at {place}");
    }
    let other = open(tempfile::tempdir().unwrap().path());
    let token = Some(session.session_token.as_str());
    assert!(other.credential(&ctx.snapshot(), &session.access_key_id, token).is_none());
}

#[tokio::test]
async fn the_trust_policy_decides_who_gets_a_session() {
    let (ctx, dir) = (with_role().await, tempfile::tempdir().unwrap());
    let iam = open(dir.path());
    let open = |opener| iam.open_session(&ctx.snapshot(), &wanted(&ctx, opener)).is_ok();
    assert!(open(TASKS));
    let arn = "arn:aws:ecs:us-west-2:000000000000:task/c/t1";
    assert!(!open(Opener::Service { name: "ec2.amazonaws.com", source_arn: arn }));
    let foreign = "arn:aws:ecs:us-west-2:111111111111:task/c/t1";
    assert!(!open(Opener::Service { name: "ecs-tasks.amazonaws.com", source_arn: foreign }));
    assert!(!open(Opener::Caller(&Caller::Operator)));
}

#[tokio::test]
async fn a_refusal_says_who_what_and_why() {
    let (ctx, dir) = (with_role().await, tempfile::tempdir().unwrap());
    let iam = open(dir.path());
    let caller = iam.open_session(&ctx.snapshot(), &wanted(&ctx, TASKS)).unwrap().caller;
    let asked = |action| {
        let question = Question::new(action, "*", "us-west-2", ctx.now);
        iam.authorize(&ctx.snapshot(), &caller, &question).map_err(|denied| denied.message)
    };
    let user = "User: arn:aws:sts::000000000000:assumed-role/app/t1 is not authorized to perform: ";
    assert_eq!(asked("secretsmanager:GetSecretValue"), Ok(()));
    let why =
        "ecs:RunTask on resource: * because no identity-based policy allows the ecs:RunTask action";
    assert_eq!(asked("ecs:RunTask"), Err(format!("{user}{why}")));

    let policy = json!({ "PolicyName": "b", "PolicyDocument": allow("ecs:*") });
    call(&ctx, "CreatePolicy", policy).await;
    let arn = "arn:aws:iam::000000000000:policy/b";
    let boundary = json!({ "RoleName": "app", "PermissionsBoundary": arn });
    call(&ctx, "PutRolePermissionsBoundary", boundary).await;
    let why = "secretsmanager:GetSecretValue on resource: * because no permissions boundary allows \
               the secretsmanager:GetSecretValue action";
    assert_eq!(asked("secretsmanager:GetSecretValue"), Err(format!("{user}{why}")));
    assert_eq!(
        iam.authorize(&ctx.snapshot(), &Caller::Operator, &Question::new("a:B", "*", "", ctx.now)),
        Ok(())
    );
}

#[test]
fn the_operator_is_held_by_a_resources_deny_and_can_mend_it() {
    let (ctx, dir) = (testkit::ctx(), tempfile::tempdir().unwrap());
    let iam = open(dir.path());
    let asked = |action, principal: &str, condition: &str| {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Principal":{principal},"Action":"s3:*","Resource":"*","Condition":{condition}}}]}}"#
        );
        let question = Question {
            resource_policy: Some(&policy),
            context: &[("aws:resourceaccount", "000000000000".to_owned())],
            ..Question::new(action, "arn:aws:s3:::b", "us-west-2", ctx.now)
        };
        let allowed = iam.authorize(&ctx.snapshot(), &Caller::Operator, &question);
        allowed.map_err(|denied| denied.message)
    };
    let why = "User: arn:aws:iam::000000000000:root is not authorized to perform: s3:ListBucket on \
               resource: arn:aws:s3:::b with an explicit deny in a resource-based policy";
    let root = r#"{"AWS":"arn:aws:iam::000000000000:root"}"#;
    for principal in [r#""*""#, root] {
        assert_eq!(asked("s3:ListBucket", principal, "{}"), Err(why.to_owned()));
        assert_eq!(asked("s3:DeleteBucketPolicy", principal, "{}"), Ok(()));
    }
    let insecure = r#"{"Bool":{"aws:SecureTransport":"false"}}"#;
    assert_eq!(asked("s3:ListBucket", r#""*""#, insecure), Ok(()), "the port stands for HTTPS");
    assert_eq!(
        asked("s3:ListBucket", r#"{"AWS":"arn:aws:iam::000000000000:role/a"}"#, "{}"),
        Ok(())
    );
}

#[tokio::test]
async fn a_session_may_be_limited_further() {
    let (ctx, dir) = (with_role().await, tempfile::tempdir().unwrap());
    let iam = open(dir.path());
    let limited = Wanted { session_policies: vec![allow("s3:*")], ..wanted(&ctx, TASKS) };
    let session = iam.open_session(&ctx.snapshot(), &limited).unwrap();
    let token = Some(session.session_token.as_str());
    let caller = iam.credential(&ctx.snapshot(), &session.access_key_id, token).unwrap().caller;
    let question = Question::new("secretsmanager:GetSecretValue", "*", "us-west-2", ctx.now);
    let refused = iam.authorize(&ctx.snapshot(), &caller, &question).unwrap_err();
    assert!(refused.message.contains("because no session policy allows"), "{}", refused.message);
}

#[test]
fn the_instances_key_is_its_owners_and_a_broken_one_is_told() {
    let dir = tempfile::tempdir().unwrap();
    open(dir.path());
    let path = dir.path().join("identity.key");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::write(&path, "short").unwrap();
    let operator = OperatorKey { access_key_id: "op".into(), secret_access_key: "secret".into() };
    assert!(matches!(Iam::open(dir.path(), operator), Err(OpenError::Length(_))));
}
