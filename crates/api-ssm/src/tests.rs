//! Parameters as a client sees them.

use expect_test::expect;
use neargate_api::model::ssm::Session;
use neargate_api::{AwsError, Ctx};
use neargate_testkit::{call, ctx, text, texts};
use serde_json::{Value as Json, json};

use crate::session;

async fn ask(ctx: &Ctx, operation: &str, input: Json) -> Result<String, AwsError> {
    call(ctx, &crate::service(), operation, input).await
}

async fn done(ctx: &Ctx, operation: &str, input: Json) -> String {
    ask(ctx, operation, input).await.unwrap()
}

async fn refused(ctx: &Ctx, operation: &str, input: Json) -> String {
    let error = ask(ctx, operation, input).await.unwrap_err();
    format!("{}: {}", error.code, error.message)
}

#[test]
fn every_operation_of_the_list_has_its_function() {
    assert_eq!(crate::service().unregistered(), [""; 0]);
}

#[tokio::test]
async fn a_parameter_is_shown_as_a_whole() {
    let ctx = ctx();
    let input = json!({ "Name": "/app/db", "Type": "String", "Value": "one", "Description": "d" });
    done(&ctx, "PutParameter", input).await;
    let got = done(&ctx, "GetParameter", json!({ "Name": "/app/db" })).await;
    expect![[r#"
        {
          "Parameter": {
            "ARN": "arn:aws:ssm:us-west-2:000000000000:parameter/app/db",
            "DataType": "text",
            "LastModifiedDate": 1767323045,
            "Name": "/app/db",
            "Type": "String",
            "Value": "one",
            "Version": 1
          }
        }
    "#]]
    .assert_eq(&got);
    expect![[r#"
        {
          "Parameters": [
            {
              "ARN": "arn:aws:ssm:us-west-2:000000000000:parameter/app/db",
              "DataType": "text",
              "Description": "d",
              "LastModifiedDate": 1767323045,
              "LastModifiedUser": "arn:aws:iam::000000000000:root",
              "Name": "/app/db",
              "Policies": [],
              "Tier": "Standard",
              "Type": "String",
              "Version": 1
            }
          ]
        }
    "#]]
    .assert_eq(&done(&ctx, "DescribeParameters", json!({})).await);
}

#[tokio::test]
async fn versions_follow_each_other() {
    let ctx = ctx();
    let put = |value: &str| json!({ "Name": "p", "Type": "String", "Value": value });
    done(&ctx, "PutParameter", put("one")).await;
    assert_eq!(
        refused(&ctx, "PutParameter", put("two")).await,
        "ParameterAlreadyExists: The parameter already exists. To overwrite this value, set the overwrite option in the request to true."
    );
    let two = json!({ "Name": "p", "Value": "two", "Overwrite": true });
    assert_eq!(text(&done(&ctx, "PutParameter", two).await, "Version"), "2");
    let secure = json!({ "Name": "p", "Type": "SecureString", "Value": "x", "Overwrite": true });
    assert!(refused(&ctx, "PutParameter", secure).await.starts_with("HierarchyTypeMismatch"));
    let arn = "arn:aws:ssm:us-west-2:000000000000:parameter/p";
    for (name, value) in [("p", "two"), ("p:1", "one"), (arn, "two"), (&format!("{arn}:1"), "one")]
    {
        let got = done(&ctx, "GetParameter", json!({ "Name": name })).await;
        assert_eq!(text(&got, "Value"), value, "{name}");
    }
    assert!(
        refused(&ctx, "GetParameter", json!({ "Name": "p:9" }))
            .await
            .starts_with("ParameterVersionNotFound")
    );
    let many = done(&ctx, "GetParameters", json!({ "Names": ["p", "none"] })).await;
    assert_eq!(texts(&many, "Value"), ["two"]);
    assert!(many.contains("\"none\""));
    done(&ctx, "DeleteParameter", json!({ "Name": "p" })).await;
    assert!(
        refused(&ctx, "GetParameter", json!({ "Name": "p" }))
            .await
            .starts_with("ParameterNotFound")
    );
}

#[tokio::test]
async fn a_secure_string_is_read_only_when_decrypted() {
    let ctx = ctx();
    let put = json!({ "Name": "/s", "Type": "SecureString", "Value": "hunter2" });
    done(&ctx, "PutParameter", put).await;
    let value = async |decrypt: bool| {
        let input = json!({ "Name": "/s", "WithDecryption": decrypt });
        text(&done(&ctx, "GetParameter", input).await, "Value")
    };
    assert_eq!(value(true).await, "hunter2");
    assert_ne!(value(false).await, "hunter2");
    let other =
        json!({ "Name": "/t", "Type": "SecureString", "Value": "x", "KeyId": "alias/none" });
    assert!(refused(&ctx, "PutParameter", other).await.starts_with("InvalidKeyId"));
}

#[tokio::test]
async fn names_values_and_patterns_are_checked() {
    let ctx = ctx();
    let cases = [
        (
            json!({ "Name": "a/b", "Type": "String", "Value": "x" }),
            "ValidationException: Parameter name must be",
        ),
        (
            json!({ "Name": "/aws/x", "Type": "String", "Value": "x" }),
            "AccessDeniedException: No access to reserved",
        ),
        (json!({ "Name": "x", "Value": "x" }), "ValidationException: A parameter type is required"),
        (
            json!({ "Name": "x", "Type": "String", "Value": "x".repeat(4097) }),
            "ValidationException: Standard tier",
        ),
        (
            json!({ "Name": "x", "Type": "String", "Value": "x", "AllowedPattern": "\\d+" }),
            "ParameterPatternMismatch",
        ),
        (
            json!({ "Name": "x", "Type": "String", "Value": "x", "AllowedPattern": "(" }),
            "InvalidAllowedPattern",
        ),
    ];
    for (input, expected) in cases {
        let refused = refused(&ctx, "PutParameter", input).await;
        assert!(refused.starts_with(expected), "{refused}");
    }
}

#[tokio::test]
async fn parameters_are_filtered() {
    let ctx = ctx();
    for name in ["/a/one", "/a/b/two", "/c"] {
        done(&ctx, "PutParameter", json!({ "Name": name, "Type": "String", "Value": "x" })).await;
    }
    let names = async |key: &str, option: &str, value: &str| {
        let filter =
            json!({ "ParameterFilters": [{ "Key": key, "Option": option, "Values": [value] }] });
        texts(&done(&ctx, "DescribeParameters", filter).await, "Name")
    };
    assert_eq!(names("Name", "Equals", "/c").await, ["/c"]);
    assert_eq!(names("Path", "OneLevel", "/a").await, ["/a/one"]);
    assert_eq!(names("Path", "Recursive", "/a").await, ["/a/b/two", "/a/one"]);
}

/// A session that is open, as its channel has written it down.
async fn open_session(ctx: &Ctx) {
    let session = Session {
        region: ctx.region.clone(),
        id: "ecs-execute-command-1".into(),
        target: "ecs:c_t_t-1".into(),
        owner: "arn:aws:iam::000000000000:root".into(),
        resumable: true,
        started_at: ctx.now,
        terminated_by: None,
        ended_at: None,
    };
    let put = ctx.write(move |tx| {
        tx.put(session);
        Ok(())
    });
    put.await.unwrap();
}

#[tokio::test]
async fn a_session_is_resumed_until_it_ends() {
    let ctx = ctx();
    open_session(&ctx).await;
    let id = "ecs-execute-command-1";
    let resumed = done(&ctx, "ResumeSession", json!({ "SessionId": id })).await;
    let url = text(&resumed, "StreamUrl");
    assert!(url.ends_with("/v1/data-channel/ecs-execute-command-1?role=publish_subscribe"));
    let token = text(&resumed, "TokenValue");
    assert!(session::may_return(&ctx.cloud, id, &token));
    assert!(!session::may_return(&ctx.cloud, "ecs-execute-command-2", &token));
    assert!(!session::may_return(&ctx.cloud, id, "nonsense"));
    expect!["DoesNotExistException: The session s-0 does not exist."]
        .assert_eq(&refused(&ctx, "ResumeSession", json!({ "SessionId": "s-0" })).await);
    let ended = done(&ctx, "TerminateSession", json!({ "SessionId": id })).await;
    assert_eq!(text(&ended, "SessionId"), id);
    let kept = ctx.snapshot().get::<Session>(&Session::key_of(&ctx.region, id)).unwrap();
    assert_eq!(kept.terminated_by.as_deref(), Some("arn:aws:iam::000000000000:root"));
    let resumed = done(&ctx, "ResumeSession", json!({ "SessionId": id })).await;
    assert!(!resumed.contains("TokenValue"), "{resumed}");
    done(&ctx, "TerminateSession", json!({ "SessionId": "s-0" })).await;
}
