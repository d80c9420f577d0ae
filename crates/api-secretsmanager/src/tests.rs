//! Secrets as a client sees them: a whole life, and every refusal with AWS's words.

use expect_test::expect;
use neargate_api::{AwsError, Ctx};
use neargate_testkit::{again, call, ctx, text, texts};
use serde_json::{Value as Json, json};

const FIRST: &str = "11111111-1111-4111-8111-111111111111";
const SECOND: &str = "22222222-2222-4222-8222-222222222222";

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

async fn made(ctx: &Ctx) -> String {
    let input = json!({ "Name": "app/db", "SecretString": "one", "ClientRequestToken": FIRST });
    text(&done(ctx, "CreateSecret", input).await, "ARN")
}

#[test]
fn every_operation_of_the_list_has_its_function() {
    assert_eq!(crate::service().unregistered(), [""; 0]);
}

#[tokio::test]
async fn a_secret_is_described_as_a_whole() {
    let ctx = ctx();
    let tags = json!([{ "Key": "a", "Value": "b" }]);
    let input = json!({
        "Name": "app/db", "Description": "of the app", "SecretString": "one",
        "ClientRequestToken": FIRST, "Tags": tags,
    });
    expect![[r#"
        {
          "ARN": "arn:aws:secretsmanager:us-west-2:000000000000:secret:app/db-kbdUkH",
          "Name": "app/db",
          "VersionId": "11111111-1111-4111-8111-111111111111"
        }
    "#]]
    .assert_eq(&done(&ctx, "CreateSecret", input).await);
    done(&ctx, "GetSecretValue", json!({ "SecretId": "app/db" })).await;
    let described = done(&ctx, "DescribeSecret", json!({ "SecretId": "app/db" })).await;
    expect![[r#"
        {
          "ARN": "arn:aws:secretsmanager:us-west-2:000000000000:secret:app/db-kbdUkH",
          "CreatedDate": 1767323045,
          "Description": "of the app",
          "LastAccessedDate": 1767312000,
          "LastChangedDate": 1767323045,
          "Name": "app/db",
          "Tags": [
            {
              "Key": "a",
              "Value": "b"
            }
          ],
          "VersionIdsToStages": {
            "11111111-1111-4111-8111-111111111111": [
              "AWSCURRENT"
            ]
          }
        }
    "#]]
    .assert_eq(&described);
}

#[tokio::test]
async fn a_secret_is_found_by_name_arn_and_arn_without_its_end() {
    let ctx = ctx();
    let arn = made(&ctx).await;
    for id in ["app/db", arn.as_str(), &arn[..arn.len() - 7]] {
        let value = done(&ctx, "GetSecretValue", json!({ "SecretId": id })).await;
        assert_eq!(text(&value, "SecretString"), "one", "{id}");
    }
    let other_end = format!("{}-zzzzzz", &arn[..arn.len() - 7]);
    for id in ["app", "app/db-zzzzzz", other_end.as_str(), &arn[..arn.len() - 3]] {
        assert_eq!(
            refused(&ctx, "GetSecretValue", json!({ "SecretId": id })).await,
            "ResourceNotFoundException: Secrets Manager can't find the specified secret.",
            "{id}"
        );
    }
}

#[tokio::test]
async fn versions_take_turns() {
    let ctx = ctx();
    made(&ctx).await;
    let second =
        json!({ "SecretId": "app/db", "SecretString": "two", "ClientRequestToken": SECOND });
    done(&ctx, "PutSecretValue", second.clone()).await;
    assert_eq!(text(&done(&ctx, "PutSecretValue", second).await, "VersionId"), SECOND);
    let get = async |extra: Json| {
        let mut input = json!({ "SecretId": "app/db" });
        input.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        match ask(&ctx, "GetSecretValue", input).await {
            Ok(value) => text(&value, "SecretString"),
            Err(error) => format!("{}: {}", error.code, error.message),
        }
    };
    assert_eq!(get(json!({})).await, "two");
    assert_eq!(get(json!({ "VersionStage": "AWSPREVIOUS" })).await, "one");
    assert_eq!(get(json!({ "VersionId": FIRST })).await, "one");
    assert_eq!(
        get(json!({ "VersionStage": "AWSPENDING" })).await,
        "ResourceNotFoundException: Secrets Manager can't find the specified secret value for staging label: AWSPENDING"
    );
    assert_eq!(
        get(json!({ "VersionId": FIRST, "VersionStage": "AWSCURRENT" })).await,
        "InvalidRequestException: You provided a VersionStage that is not associated to the provided VersionId."
    );
    let back = json!({
        "SecretId": "app/db", "VersionStage": "AWSCURRENT",
        "MoveToVersionId": FIRST, "RemoveFromVersionId": SECOND,
    });
    done(&ctx, "UpdateSecretVersionStage", back).await;
    assert_eq!(get(json!({})).await, "one");
    assert_eq!(get(json!({ "VersionStage": "AWSPREVIOUS" })).await, "two");
    let changed =
        json!({ "SecretId": "app/db", "SecretString": "three", "ClientRequestToken": SECOND });
    assert_eq!(
        refused(&ctx, "PutSecretValue", changed).await,
        "ResourceExistsException: You can't modify an existing version, you can only create a new version."
    );
}

#[tokio::test]
async fn a_secret_without_a_version_has_no_value() {
    let ctx = ctx();
    done(&ctx, "CreateSecret", json!({ "Name": "empty" })).await;
    assert_eq!(
        refused(&ctx, "GetSecretValue", json!({ "SecretId": "empty" })).await,
        "ResourceNotFoundException: Secrets Manager can't find the specified secret value for staging label: AWSCURRENT"
    );
    assert_eq!(
        refused(&ctx, "PutSecretValue", json!({ "SecretId": "empty" })).await,
        "InvalidRequestException: You must provide either SecretString or SecretBinary."
    );
}

#[tokio::test]
async fn creating_again_is_the_same_request_or_refused() {
    let ctx = ctx();
    let arn = made(&ctx).await;
    assert_eq!(made(&ctx).await, arn);
    let other = json!({ "Name": "app/db", "SecretString": "x", "ClientRequestToken": FIRST });
    assert_eq!(
        refused(&ctx, "CreateSecret", other).await,
        "ResourceExistsException: The operation failed because the secret app/db already exists."
    );
}

#[tokio::test]
async fn a_deleted_secret_waits_for_its_window() {
    let ctx = ctx();
    made(&ctx).await;
    let id = json!({ "SecretId": "app/db" });
    done(&ctx, "DeleteSecret", json!({ "SecretId": "app/db", "RecoveryWindowInDays": 7 })).await;
    assert_eq!(
        refused(&ctx, "GetSecretValue", id.clone()).await,
        "InvalidRequestException: You can't perform this operation on the secret because it was marked for deletion."
    );
    let again_made = json!({ "Name": "app/db" });
    assert_eq!(
        refused(&ctx, "CreateSecret", again_made.clone()).await,
        "InvalidRequestException: You can't create this secret because a secret with this name is already scheduled for deletion."
    );
    done(&ctx, "RestoreSecret", id.clone()).await;
    done(&ctx, "GetSecretValue", id.clone()).await;
    done(&ctx, "DeleteSecret", json!({ "SecretId": "app/db", "RecoveryWindowInDays": 7 })).await;
    ctx.cloud.clock.advance_millis(7 * 86_400_000);
    assert!(refused(&ctx, "DescribeSecret", id.clone()).await.starts_with("ResourceNotFound"));
    done(&ctx, "CreateSecret", again_made).await;
    done(&ctx, "DeleteSecret", json!({ "SecretId": "app/db", "ForceDeleteWithoutRecovery": true }))
        .await;
    assert!(refused(&ctx, "DescribeSecret", id).await.starts_with("ResourceNotFound"));
}

#[tokio::test]
async fn the_store_has_no_secret_in_it() {
    let ctx = ctx();
    let input = json!({ "Name": "db", "SecretString": "correct horse battery staple" });
    done(&ctx, "CreateSecret", input).await;
    let snapshot = again(&ctx).snapshot();
    let record = snapshot.all::<neargate_api::model::secretsmanager::Secret>().next().unwrap();
    assert!(!format!("{record:?}").contains("horse"));
    assert!(!serde_json::to_string(&*record).unwrap().contains("horse"));
}

#[tokio::test]
async fn passwords_have_what_is_asked_for() {
    let ctx = ctx();
    let password =
        async |input: Json| text(&done(&ctx, "GetRandomPassword", input).await, "RandomPassword");
    for _ in 0..50 {
        let all = password(json!({})).await;
        assert_eq!(all.chars().count(), 32);
        for kind in [
            char::is_lowercase,
            char::is_uppercase,
            |c: char| c.is_ascii_digit(),
            |c: char| c.is_ascii_punctuation(),
        ] {
            assert!(all.chars().any(kind), "{all}");
        }
        let some = json!({ "PasswordLength": 8, "ExcludePunctuation": true, "ExcludeCharacters": "abcABC012" });
        let some = password(some).await;
        assert!(
            some.len() == 8
                && !some.contains(|c: char| "abcABC012".contains(c) || c.is_ascii_punctuation())
        );
    }
    assert_eq!(
        refused(&ctx, "GetRandomPassword", json!({ "PasswordLength": 3 })).await,
        "InvalidParameterException: Password length 3 is too short based on the required types."
    );
    let digits = json!({ "PasswordLength": 2, "RequireEachIncludedType": false });
    assert_eq!(password(digits).await.len(), 2);
}

#[tokio::test]
async fn lists_are_filtered_sorted_and_cut() {
    let ctx = ctx();
    for (name, tag) in [("b/one", "x"), ("a/two", "y"), ("b/three", "y")] {
        let tags = json!([{ "Key": "team", "Value": tag }]);
        done(&ctx, "CreateSecret", json!({ "Name": name, "SecretString": name, "Tags": tags }))
            .await;
        ctx.cloud.clock.advance_millis(1000);
    }
    let names = async |input: Json| texts(&done(&ctx, "ListSecrets", input).await, "Name");
    assert_eq!(names(json!({})).await, ["b/one", "a/two", "b/three"]);
    assert_eq!(names(json!({ "SortOrder": "desc" })).await, ["b/three", "a/two", "b/one"]);
    let by_name = json!({ "SortBy": "name", "SortOrder": "desc" });
    assert_eq!(names(by_name).await, ["b/three", "b/one", "a/two"]);
    let filter = |key: &str, value: &str| json!({ "Filters": [{ "Key": key, "Values": [value] }] });
    assert_eq!(names(filter("name", "b/")).await, ["b/one", "b/three"]);
    assert_eq!(names(filter("name", "!b/")).await, ["a/two"]);
    assert_eq!(names(filter("tag-value", "y")).await, ["a/two", "b/three"]);
    let first = done(&ctx, "ListSecrets", json!({ "MaxResults": 2 })).await;
    let rest = json!({ "NextToken": text(&first, "NextToken") });
    assert_eq!(names(rest).await, ["b/three"]);
    let batch = json!({ "SecretIdList": ["b/one", "none"] });
    let batch = done(&ctx, "BatchGetSecretValue", batch).await;
    assert_eq!(texts(&batch, "SecretString"), ["b/one"]);
    assert_eq!(texts(&batch, "ErrorCode"), ["ResourceNotFoundException"]);
}

#[tokio::test]
async fn policies_are_read_before_they_are_kept() {
    let ctx = ctx();
    made(&ctx).await;
    let put = |policy: Json, block: bool| json!({ "SecretId": "app/db", "ResourcePolicy": policy.to_string(), "BlockPublicPolicy": block });
    let everybody = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*" }],
    });
    assert!(
        refused(&ctx, "PutResourcePolicy", put(json!({ "Statement": 1 }), false))
            .await
            .starts_with("MalformedPolicy")
    );
    assert!(
        refused(&ctx, "PutResourcePolicy", put(everybody.clone(), true))
            .await
            .starts_with("PublicPolicy")
    );
    done(&ctx, "PutResourcePolicy", put(everybody.clone(), false)).await;
    let got = done(&ctx, "GetResourcePolicy", json!({ "SecretId": "app/db" })).await;
    assert_eq!(text(&got, "ResourcePolicy"), everybody.to_string());
    done(&ctx, "DeleteResourcePolicy", json!({ "SecretId": "app/db" })).await;
    let got = done(&ctx, "GetResourcePolicy", json!({ "SecretId": "app/db" })).await;
    assert!(texts(&got, "ResourcePolicy").is_empty());
}
