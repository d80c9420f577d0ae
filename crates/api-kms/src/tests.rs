//! Keys as a client sees them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use expect_test::expect;
use neargate_api::{AwsError, Ctx};
use neargate_testkit::{call, ctx, text, texts};
use serde_json::{Value as Json, json};

const DAY_MS: i64 = 86_400_000;

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
    text(&done(ctx, "CreateKey", json!({ "Description": "mine" })).await, "KeyId")
}

fn with(mut base: Json, more: Json) -> Json {
    base.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    base
}

#[test]
fn every_operation_of_the_list_has_its_function() {
    assert_eq!(crate::service().unregistered(), [""; 0]);
}

#[tokio::test]
async fn a_key_is_described_as_a_whole() {
    let ctx = ctx();
    let id = made(&ctx).await;
    let described = done(&ctx, "DescribeKey", json!({ "KeyId": id })).await;
    expect![[r#"
        {
          "KeyMetadata": {
            "AWSAccountId": "000000000000",
            "Arn": "arn:aws:kms:us-west-2:000000000000:key/b3f2af6d-0fc7-40c5-853b-559647364cea",
            "CreationDate": 1767323045,
            "CurrentKeyMaterialId": "96b216d8efea9e17017795636dcf0e66a33d67107a4788f63aefe3a38c9b6f9e",
            "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "Description": "mine",
            "Enabled": true,
            "EncryptionAlgorithms": [
              "SYMMETRIC_DEFAULT"
            ],
            "KeyId": "b3f2af6d-0fc7-40c5-853b-559647364cea",
            "KeyManager": "CUSTOMER",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "KeyState": "Enabled",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "MultiRegion": false,
            "Origin": "AWS_KMS"
          }
        }
    "#]].assert_eq(&described);
}

#[tokio::test]
async fn what_is_encrypted_is_read_with_key_and_context_only() {
    let ctx = ctx();
    let (id, other) = (made(&ctx).await, made(&ctx).await);
    let context = json!({ "EncryptionContext": { "app": "a" } });
    let input = json!({ "KeyId": id, "Plaintext": STANDARD.encode("hello") });
    let blob = text(&done(&ctx, "Encrypt", with(input, context.clone())).await, "CiphertextBlob");
    let input = json!({ "CiphertextBlob": blob });
    let plain = done(&ctx, "Decrypt", with(input.clone(), context.clone())).await;
    assert_eq!(STANDARD.decode(text(&plain, "Plaintext")).unwrap(), b"hello");
    assert!(refused(&ctx, "Decrypt", input.clone()).await.starts_with("InvalidCiphertext"));
    assert_eq!(
        refused(
            &ctx,
            "Decrypt",
            with(with(input.clone(), context.clone()), json!({ "KeyId": other }))
        )
        .await,
        "IncorrectKeyException: The key ID in the request does not identify a CMK that can perform this operation."
    );
    let moved = json!({ "CiphertextBlob": blob, "SourceEncryptionContext": { "app": "a" }, "DestinationKeyId": other });
    let moved = text(&done(&ctx, "ReEncrypt", moved).await, "CiphertextBlob");
    let plain = done(&ctx, "Decrypt", json!({ "CiphertextBlob": moved, "KeyId": other })).await;
    assert_eq!(STANDARD.decode(text(&plain, "Plaintext")).unwrap(), b"hello");
    let garbage = json!({ "CiphertextBlob": STANDARD.encode([1u8; 100]) });
    assert!(refused(&ctx, "Decrypt", garbage).await.starts_with("InvalidCiphertext"));
}

#[tokio::test]
async fn a_data_key_comes_back_as_it_was_given() {
    let ctx = ctx();
    let id = made(&ctx).await;
    let made = done(&ctx, "GenerateDataKey", json!({ "KeyId": id, "KeySpec": "AES_256" })).await;
    assert_eq!(STANDARD.decode(text(&made, "Plaintext")).unwrap().len(), 32);
    let read = json!({ "CiphertextBlob": text(&made, "CiphertextBlob") });
    let read = done(&ctx, "Decrypt", read).await;
    assert_eq!(text(&read, "Plaintext"), text(&made, "Plaintext"));
    assert_eq!(
        refused(&ctx, "GenerateDataKey", json!({ "KeyId": id })).await,
        "ValidationException: Please specify either number of bytes or key spec."
    );
    let dry = json!({ "KeyId": id, "KeySpec": "AES_256", "DryRun": true });
    assert!(refused(&ctx, "GenerateDataKey", dry).await.starts_with("DryRunOperationException"));
}

#[tokio::test]
async fn a_rotated_key_reads_what_it_wrote_before() {
    let ctx = ctx();
    let id = made(&ctx).await;
    done(&ctx, "EnableKeyRotation", json!({ "KeyId": id, "RotationPeriodInDays": 90 })).await;
    let encrypt = json!({ "KeyId": id, "Plaintext": STANDARD.encode("old") });
    let blob = text(&done(&ctx, "Encrypt", encrypt).await, "CiphertextBlob");
    let material = async || {
        text(&done(&ctx, "DescribeKey", json!({ "KeyId": id })).await, "CurrentKeyMaterialId")
    };
    let before = material().await;
    ctx.cloud.clock.advance_millis(90 * DAY_MS);
    assert_ne!(material().await, before);
    let read = done(&ctx, "Decrypt", json!({ "CiphertextBlob": blob })).await;
    assert_eq!(STANDARD.decode(text(&read, "Plaintext")).unwrap(), b"old");
    assert_eq!(text(&read, "KeyMaterialId"), before);
}

#[tokio::test]
async fn a_key_that_is_disabled_or_deleted_says_so() {
    let ctx = ctx();
    let id = made(&ctx).await;
    let arn = format!("arn:aws:kms:us-west-2:000000000000:key/{id}");
    let encrypt = json!({ "KeyId": id, "Plaintext": STANDARD.encode("x") });
    let key = json!({ "KeyId": id });
    done(&ctx, "DisableKey", key.clone()).await;
    assert_eq!(
        refused(&ctx, "Encrypt", encrypt.clone()).await,
        format!("DisabledException: {arn} is disabled.")
    );
    done(&ctx, "ScheduleKeyDeletion", with(key.clone(), json!({ "PendingWindowInDays": 7 }))).await;
    assert_eq!(
        refused(&ctx, "Encrypt", encrypt).await,
        format!("KMSInvalidStateException: {arn} is pending deletion.")
    );
    done(&ctx, "CancelKeyDeletion", key.clone()).await;
    assert_eq!(text(&done(&ctx, "DescribeKey", key.clone()).await, "KeyState"), "Disabled");
    done(&ctx, "ScheduleKeyDeletion", with(key.clone(), json!({ "PendingWindowInDays": 7 }))).await;
    ctx.cloud.clock.advance_millis(7 * DAY_MS);
    assert_eq!(
        refused(&ctx, "DescribeKey", key).await,
        format!("NotFoundException: Key '{arn}' does not exist")
    );
}

#[tokio::test]
async fn aliases_are_names_that_move() {
    let ctx = ctx();
    let (one, two) = (made(&ctx).await, made(&ctx).await);
    let alias = |target: &str| json!({ "AliasName": "alias/app", "TargetKeyId": target });
    done(&ctx, "CreateAlias", alias(&one)).await;
    assert_eq!(
        refused(&ctx, "CreateAlias", alias(&two)).await,
        "AlreadyExistsException: An alias with the name arn:aws:kms:us-west-2:000000000000:alias/app already exists"
    );
    let by = |id: &str| json!({ "KeyId": id });
    assert_eq!(text(&done(&ctx, "DescribeKey", by("alias/app")).await, "KeyId"), one);
    done(&ctx, "UpdateAlias", alias(&two)).await;
    let arn = "arn:aws:kms:us-west-2:000000000000:alias/app";
    assert_eq!(text(&done(&ctx, "DescribeKey", by(arn)).await, "KeyId"), two);
    assert_eq!(texts(&done(&ctx, "ListAliases", by(&two)).await, "AliasName"), ["alias/app"]);
    done(&ctx, "DeleteAlias", json!({ "AliasName": "alias/app" })).await;
    assert_eq!(
        refused(&ctx, "DescribeKey", by("alias/app")).await,
        format!("NotFoundException: Alias {arn} is not found.")
    );
}

#[tokio::test]
async fn aws_has_keys_of_its_own() {
    let ctx = ctx();
    let aliases = async || done(&ctx, "ListAliases", json!({})).await;
    assert!(texts(&aliases().await, "TargetKeyId").is_empty());
    let described = done(&ctx, "DescribeKey", json!({ "KeyId": "alias/aws/rds" })).await;
    assert_eq!(text(&described, "KeyManager"), "AWS");
    let again = done(&ctx, "DescribeKey", json!({ "KeyId": "alias/aws/rds" })).await;
    let id = text(&described, "KeyId");
    assert_eq!(text(&again, "KeyId"), id);
    assert_eq!(texts(&aliases().await, "TargetKeyId"), std::slice::from_ref(&id));
    assert!(refused(&ctx, "DisableKey", json!({ "KeyId": id })).await.starts_with("AccessDenied"));
    assert!(
        refused(&ctx, "DescribeKey", json!({ "KeyId": "alias/aws/none" }))
            .await
            .starts_with("NotFound")
    );
}

#[tokio::test]
async fn other_kinds_of_keys_are_refused() {
    let ctx = ctx();
    for input in [
        json!({ "KeySpec": "RSA_2048" }),
        json!({ "MultiRegion": true }),
        json!({ "Origin": "EXTERNAL" }),
    ] {
        assert!(
            refused(&ctx, "CreateKey", input).await.starts_with("UnsupportedOperationException")
        );
    }
    assert!(
        refused(&ctx, "CreateKey", json!({ "Policy": "{" })).await.starts_with("MalformedPolicy")
    );
}

#[tokio::test]
async fn grants_are_made_once_and_taken_back() {
    let ctx = ctx();
    let id = made(&ctx).await;
    let input = json!({
        "KeyId": id, "Name": "g", "GranteePrincipal": "arn:aws:iam::000000000000:role/r", "Operations": ["Decrypt"],
    });
    let grant = done(&ctx, "CreateGrant", input.clone()).await;
    assert_eq!(done(&ctx, "CreateGrant", input).await, grant);
    let listed = done(&ctx, "ListGrants", json!({ "KeyId": id })).await;
    assert_eq!(texts(&listed, "GrantId"), [text(&grant, "GrantId")]);
    done(&ctx, "RetireGrant", json!({ "GrantToken": text(&grant, "GrantToken") })).await;
    let revoke = json!({ "KeyId": id, "GrantId": text(&grant, "GrantId") });
    assert!(refused(&ctx, "RevokeGrant", revoke).await.starts_with("NotFoundException"));
}
