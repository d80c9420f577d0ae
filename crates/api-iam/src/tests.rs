//! Operations as a client sees them, on a cloud in memory.

use expect_test::expect;
use neargate_api::{AwsError, Ctx};
use neargate_testkit::{self as testkit, text, texts};
use serde_json::{Value as Json, json};

use super::*;

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const READ: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}"#;

#[test]
fn every_operation_of_the_list_has_its_function() {
    for service in services() {
        assert_eq!(service.unregistered(), [""; 0], "{}", service.model.name);
    }
}

async fn call(ctx: &Ctx, operation: &str, input: Json) -> Result<String, AwsError> {
    let services = services();
    let has = |service: &&Service| service.model.operation(operation).is_some();
    let service = services.iter().find(has).expect("IAM or STS has it");
    testkit::call(ctx, service, operation, input).await
}

async fn done(ctx: &Ctx, operation: &str, input: Json) -> String {
    call(ctx, operation, input).await.unwrap_or_else(|error| panic!("{operation}: {error}"))
}

/// The code and the message of a refusal.
async fn refused(ctx: &Ctx, operation: &str, input: Json) -> String {
    match call(ctx, operation, input).await {
        Ok(answer) => panic!("{operation} was not refused: {answer}"),
        Err(error) => error.to_string(),
    }
}

async fn with_role() -> Ctx {
    let ctx = testkit::ctx();
    let input = json!({ "RoleName": "app", "AssumeRolePolicyDocument": TRUST, "Path": "/x/" });
    done(&ctx, "CreateRole", input).await;
    ctx
}

#[tokio::test]
async fn a_role_is_shown_back_as_it_was_given() {
    let ctx = testkit::ctx();
    let input = json!({
        "RoleName": "app",
        "Path": "/x/",
        "AssumeRolePolicyDocument": "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"sts:AssumeRole\",\"Principal\":\"*\"}}",
        "Description": "reads",
        "Tags": [{ "Key": "team", "Value": "a b" }],
    });
    done(&ctx, "CreateRole", input).await;
    expect![[r#"
        <GetRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
          <GetRoleResult>
            <Role>
              <Arn>arn:aws:iam::000000000000:role/x/app</Arn>
              <AssumeRolePolicyDocument>%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22sts%3AAssumeRole%22%2C%22Principal%22%3A%22%2A%22%7D%7D</AssumeRolePolicyDocument>
              <CreateDate>2026-01-02T03:04:05.000Z</CreateDate>
              <Description>reads</Description>
              <MaxSessionDuration>3600</MaxSessionDuration>
              <Path>/x/</Path>
              <RoleId>AROAWQSMWECM3R565VT4C</RoleId>
              <RoleLastUsed></RoleLastUsed>
              <RoleName>app</RoleName>
              <Tags>
                <member>
                  <Key>team</Key>
                  <Value>a b</Value>
                </member>
              </Tags>
            </Role>
          </GetRoleResult>
          <ResponseMetadata>
            <RequestId>00000000-0000-4000-8000-000000000000</RequestId>
          </ResponseMetadata>
        </GetRoleResponse>
    "#]].assert_eq(&done(&ctx, "GetRole", json!({ "RoleName": "app" })).await);
}

#[tokio::test]
async fn roles_and_policies_go_in_their_order_only() {
    let ctx = with_role().await;
    let policy = json!({ "PolicyName": "read", "PolicyDocument": READ });
    let arn = text(&done(&ctx, "CreatePolicy", policy.clone()).await, "Arn");
    let attachment = json!({ "RoleName": "app", "PolicyArn": arn });
    done(&ctx, "AttachRolePolicy", attachment.clone()).await;
    let inline = json!({ "RoleName": "app", "PolicyName": "own", "PolicyDocument": READ });
    done(&ctx, "PutRolePolicy", inline).await;
    let (role, by_arn) = (json!({ "RoleName": "app" }), json!({ "PolicyArn": arn }));
    let mut said = vec![
        refused(&ctx, "CreatePolicy", policy).await,
        refused(&ctx, "DeleteRole", role.clone()).await,
        refused(&ctx, "DeletePolicy", by_arn.clone()).await,
    ];
    done(&ctx, "DetachRolePolicy", attachment.clone()).await;
    said.push(refused(&ctx, "DetachRolePolicy", attachment).await);
    said.push(refused(&ctx, "DeleteRole", role.clone()).await);
    done(&ctx, "DeleteRolePolicy", json!({ "RoleName": "app", "PolicyName": "own" })).await;
    let gone = json!({ "RoleName": "app", "PolicyName": "own" });
    said.push(refused(&ctx, "GetRolePolicy", gone).await);
    done(&ctx, "DeleteRole", role.clone()).await;
    said.push(refused(&ctx, "GetRole", role).await);
    done(&ctx, "DeletePolicy", by_arn.clone()).await;
    said.push(refused(&ctx, "GetPolicy", by_arn).await);
    expect![[r#"
        EntityAlreadyExists: A policy called read already exists. Duplicate names are not allowed.
        DeleteConflict: Cannot delete entity, must detach all policies first.
        DeleteConflict: Cannot delete a policy attached to entities.
        NoSuchEntity: Policy arn:aws:iam::000000000000:policy/read was not found.
        DeleteConflict: Cannot delete entity, must delete policies first.
        NoSuchEntity: The role policy with name own cannot be found.
        NoSuchEntity: The role with name app cannot be found.
        NoSuchEntity: Policy arn:aws:iam::000000000000:policy/read was not found."#]]
    .assert_eq(&said.join("\n"));
}

#[tokio::test]
async fn a_policy_has_five_versions_and_one_of_them_acts() {
    let ctx = testkit::ctx();
    let policy = json!({ "PolicyName": "read", "PolicyDocument": READ });
    let arn = text(&done(&ctx, "CreatePolicy", policy).await, "Arn");
    let version = |default: bool| json!({ "PolicyArn": arn, "PolicyDocument": READ, "SetAsDefault": default });
    for number in 2..=5 {
        let made = done(&ctx, "CreatePolicyVersion", version(number == 5)).await;
        assert_eq!(text(&made, "VersionId"), format!("v{number}"));
    }
    let by_id = |id: &str| json!({ "PolicyArn": arn, "VersionId": id });
    let said = [
        refused(&ctx, "CreatePolicyVersion", version(true)).await,
        refused(&ctx, "DeletePolicyVersion", by_id("v5")).await,
        refused(&ctx, "GetPolicyVersion", by_id("v9")).await,
        refused(&ctx, "DeletePolicy", json!({ "PolicyArn": arn })).await,
    ];
    expect![[r#"
        LimitExceeded: A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.
        DeleteConflict: Cannot delete the default version of a policy.
        NoSuchEntity: Policy arn:aws:iam::000000000000:policy/read version v9 does not exist.
        DeleteConflict: This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy."#]].assert_eq(&said.join("\n"));
    done(&ctx, "SetDefaultPolicyVersion", by_id("v2")).await;
    done(&ctx, "DeletePolicyVersion", by_id("v5")).await;
    let made = done(&ctx, "CreatePolicyVersion", version(false)).await;
    assert_eq!(text(&made, "VersionId"), "v6");
    let listed = done(&ctx, "ListPolicyVersions", json!({ "PolicyArn": arn })).await;
    assert_eq!(texts(&listed, "VersionId"), ["v6", "v4", "v3", "v2", "v1"]);
    assert_eq!(texts(&listed, "IsDefaultVersion"), ["false", "false", "false", "true", "false"]);
}

#[tokio::test]
async fn wrong_input_is_refused_in_iams_words() {
    let ctx = with_role().await;
    let role = |trust: &str| json!({ "RoleName": "new", "AssumeRolePolicyDocument": trust });
    let gone = r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"arn:aws:iam::000000000000:role/gone"}}}"#;
    let attach = |arn: &str| json!({ "RoleName": "app", "PolicyArn": arn });
    let old =
        r#"{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let said = [
        refused(&ctx, "CreateRole", json!({ "RoleName": "APP", "AssumeRolePolicyDocument": TRUST })).await,
        refused(&ctx, "CreateRole", role("{")).await,
        refused(&ctx, "CreateRole", role(READ)).await,
        refused(&ctx, "CreateRole", role(gone)).await,
        refused(&ctx, "AttachRolePolicy", attach("arn:aws:iam::aws:policy/AmazonECSTaskExecutionRolePolicy")).await,
        refused(&ctx, "AttachRolePolicy", attach("a-policy-without-arn")).await,
        refused(&ctx, "PutRolePermissionsBoundary", json!({ "RoleName": "app", "PermissionsBoundary": "arn:aws:iam::aws:policy/Unknown" })).await,
        refused(&ctx, "CreatePolicy", json!({ "PolicyName": "old", "PolicyDocument": old })).await,
        refused(&ctx, "CreatePolicyVersion", json!({ "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess", "PolicyDocument": READ })).await,
        refused(&ctx, "TagRole", json!({ "RoleName": "app", "Tags": [{ "Key": "aws:x", "Value": "1" }] })).await,
        refused(&ctx, "ListRoles", json!({ "Marker": "%%" })).await,
        refused(&ctx, "CreateServiceLinkedRole", json!({ "AWSServiceName": "unknown.amazonaws.com" })).await,
    ];
    expect![[r#"
        EntityAlreadyExists: Role with name APP already exists.
        MalformedPolicyDocument: This policy contains invalid Json
        MalformedPolicyDocument: AssumeRole policy may only specify STS AssumeRole actions.
        MalformedPolicyDocument: Invalid principal in policy: "AWS":"arn:aws:iam::000000000000:role/gone"
        NoSuchEntity: Policy arn:aws:iam::aws:policy/AmazonECSTaskExecutionRolePolicy does not exist or is not attachable.
        InvalidInput: ARN a-policy-without-arn is not valid.
        NoSuchEntity: Scope ARN: arn:aws:iam::aws:policy/Unknown does not exist or is not attachable.
        MalformedPolicyDocument: Policy document must be version 2012-10-17 or greater.
        AccessDenied: Policy arn:aws:iam::aws:policy/AdministratorAccess is managed by AWS and cannot be changed.
        InvalidInput: The tag key 'aws:x' is reserved: system tags cannot be set by users.
        ValidationError: Invalid Marker: take Marker from the last answer.
        NoSuchEntity: Neargate has no service-linked role for unknown.amazonaws.com."#]].assert_eq(&said.join("\n"));
}

#[tokio::test]
async fn a_services_own_role_is_left_to_it() {
    let ctx = testkit::ctx();
    let service = json!({ "AWSServiceName": "ecs.amazonaws.com" });
    let made = done(&ctx, "CreateServiceLinkedRole", service.clone()).await;
    let name = text(&made, "RoleName");
    let role = json!({ "RoleName": name });
    let said = [
        refused(&ctx, "CreateServiceLinkedRole", service).await,
        refused(&ctx, "DeleteRole", role.clone()).await,
    ];
    expect![[r#"
        InvalidInput: Service role name AWSServiceRoleForECS has been taken in this account, please try a different suffix.
        UnmodifiableEntity: Cannot perform the operation on the protected role 'AWSServiceRoleForECS' - this role is only modifiable by AWS"#]].assert_eq(&said.join("\n"));
    let tags = json!({ "RoleName": name, "Tags": [{ "Key": "a", "Value": "b" }] });
    done(&ctx, "TagRole", tags).await;
    let deleted = done(&ctx, "DeleteServiceLinkedRole", role).await;
    let task = json!({ "DeletionTaskId": text(&deleted, "DeletionTaskId") });
    let status = done(&ctx, "GetServiceLinkedRoleDeletionStatus", task).await;
    assert_eq!(text(&status, "Status"), "SUCCEEDED");
}

#[tokio::test]
async fn a_simulation_is_the_decision_with_its_statements() {
    let ctx = with_role().await;
    let inline = json!({ "RoleName": "app", "PolicyName": "own", "PolicyDocument": READ });
    done(&ctx, "PutRolePolicy", inline).await;
    let asked = json!({
        "PolicySourceArn": "arn:aws:iam::000000000000:role/x/app",
        "ActionNames": ["s3:GetObject", "s3:PutObject"],
        "ResourceArns": ["arn:aws:s3:::logs/a"],
    });
    let answer = done(&ctx, "SimulatePrincipalPolicy", asked).await;
    assert_eq!(texts(&answer, "EvalDecision"), ["allowed", "implicitDeny"]);
    assert_eq!(texts(&answer, "SourcePolicyId"), ["own"]);
    let deny = r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}}"#;
    let asked = json!({
        "PolicyInputList": [READ, deny],
        "ActionNames": ["s3:GetObject"],
        "ContextEntries": [{ "ContextKeyName": "aws:SecureTransport", "ContextKeyType": "boolean", "ContextKeyValues": ["false"] }],
    });
    let answer = done(&ctx, "SimulateCustomPolicy", asked).await;
    assert_eq!(texts(&answer, "EvalDecision"), ["explicitDeny"]);
    assert_eq!(texts(&answer, "SourcePolicyId"), ["PolicyInputList.2"]);
}

#[tokio::test]
async fn conditions_on_keys_that_nobody_tells_are_reported() {
    let ctx = with_role().await;
    let tagged = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"a","aws:PrincipalTag/team":"a"}}}}"#;
    let inline = json!({ "RoleName": "app", "PolicyName": "own", "PolicyDocument": tagged });
    done(&ctx, "PutRolePolicy", inline).await;
    let inert = inert::inert(&ctx.snapshot());
    let fields: Vec<&str> = inert.iter().map(|one| one.field.as_str()).collect();
    assert_eq!(fields, ["PolicyDocument of own, Condition aws:resourcetag/team"]);
}
