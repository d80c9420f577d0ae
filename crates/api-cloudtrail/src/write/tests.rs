//! Whole records, as they are looked up and delivered.

use expect_test::expect;
use neargate_api::{AwsError, Ctx, Service, Services, Told};
use neargate_eventlog::{EventLog, Limits, Position};
use neargate_testkit as testkit;
use neargate_wire::read;
use serde_json::{Value, json};

use super::*;

/// What stands in the log after a call to `DeleteTrail`, which fails, or `ListTrails`.
async fn written(ctx: &Ctx, operation: &str, input: Value) -> Value {
    let directory = tempfile::tempdir().unwrap();
    let log = EventLog::open(directory.path(), Limits::default()).unwrap();
    let services = Services::new(vec![crate::service(log.clone())])
        .heard_by(std::sync::Arc::new(Recorder::new(log.clone())));
    let service: &Service = &services.all()[0];
    let operation = service.model.operation(operation).unwrap();
    let input = read::json(operation.input, input.to_string().as_bytes()).unwrap();
    let origin = Origin {
        address: "127.0.0.1".into(),
        user_agent: "aws-cli/2".into(),
        access_key_id: Some("test".into()),
    };
    let _ = services.call(service, operation, ctx.clone(), &origin, input).await;
    let end = log.end().await;
    let entries = log.ahead(Position::default(), end).unwrap().entries;
    serde_json::from_str(entries[0].record.get()).unwrap()
}

#[tokio::test]
async fn a_refused_change() {
    let ctx = testkit::ctx();
    let record = written(&ctx, "DeleteTrail", json!({ "Name": "gone" })).await;
    expect![[r#"
        {
          "awsRegion": "us-west-2",
          "errorCode": "TrailNotFoundException",
          "errorMessage": "Unknown trail: arn:aws:cloudtrail:us-west-2:000000000000:trail/gone for the user: 000000000000",
          "eventCategory": "Management",
          "eventID": "b3f2af6d-0fc7-40c5-853b-559647364cea",
          "eventName": "DeleteTrail",
          "eventSource": "cloudtrail.amazonaws.com",
          "eventTime": "2026-01-02T03:04:05Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "000000000000",
          "requestID": "00000000-0000-4000-8000-000000000000",
          "requestParameters": {
            "name": "gone"
          },
          "responseElements": null,
          "sourceIPAddress": "127.0.0.1",
          "userAgent": "aws-cli/2",
          "userIdentity": {
            "accessKeyId": "test",
            "accountId": "000000000000",
            "arn": "arn:aws:iam::000000000000:root",
            "principalId": "000000000000",
            "type": "Root"
          }
        }"#]]
    .assert_eq(&format!("{record:#}"));
}

#[tokio::test]
async fn a_read_has_no_answer_in_it() {
    let record = written(&testkit::ctx(), "ListTrails", json!({})).await;
    assert_eq!(record["readOnly"], true);
    assert_eq!(record["responseElements"], Value::Null);
    assert_eq!(record["requestParameters"], Value::Null);
}

/// What an input looks like in an event.
fn told(service: &'static ServiceModel, operation: &str, input: Value) -> Told {
    let operation = service.operation(operation).unwrap();
    let input = read::json(operation.input, input.to_string().as_bytes()).unwrap();
    let mut told = Tell::new(service.name);
    input.visit(operation.input, &mut told);
    told.told()
}

#[test]
fn secrets_are_hidden_as_each_service_hides_them() {
    use neargate_api::types::{ecs, rds, secretsmanager, ssm};
    let input = json!({ "Name": "s", "SecretString": "hush", "Description": "d" });
    let secret = told(&secretsmanager::SERVICE, "CreateSecret", input);
    assert_eq!(secret.json, r#"{"description":"d","name":"s"}"#);
    let input = json!({ "Name": "/p", "Value": "hush" });
    let parameter = told(&ssm::SERVICE, "PutParameter", input);
    assert_eq!(parameter.json, r#"{"name":"/p","value":"HIDDEN_DUE_TO_SECURITY_REASONS"}"#);
    let input = json!({ "DBInstanceIdentifier": "db", "MasterUserPassword": "hush" });
    let instance = told(&rds::SERVICE, "ModifyDBInstance", input);
    assert_eq!(instance.json, r#"{"dBInstanceIdentifier":"db","masterUserPassword":"****"}"#);
    assert_eq!(instance.resources, [("AWS::RDS::DBInstance", "db".to_owned())]);
    let input = json!({ "family": "f", "containerDefinitions": [
        { "name": "c", "environment": [{ "name": "A", "value": "hush" }], "image": "i" }] });
    let definition = told(&ecs::SERVICE, "RegisterTaskDefinition", input);
    expect![[r#"{"containerDefinitions":[{"environment":"HIDDEN_DUE_TO_SECURITY_REASONS","image":"i","name":"c"}],"family":"f"}"#]]
        .assert_eq(&definition.json);
}

#[test]
fn errors_are_coded_as_their_service_codes_them() {
    use neargate_api::types::{ec2, ecs, iam};
    let denied = AwsError::new(400, "AccessDeniedException", "no");
    let missing = AwsError::new(400, "InvalidVpcID.NotFound", "no");
    assert_eq!(error_code(&ec2::SERVICE, &denied), "Client.UnauthorizedOperation");
    assert_eq!(error_code(&ec2::SERVICE, &missing), "Client.InvalidVpcID.NotFound");
    assert_eq!(error_code(&iam::SERVICE, &denied), "AccessDenied");
    assert_eq!(error_code(&ecs::SERVICE, &denied), "AccessDeniedException");
}
