//! Calls against a server in this process: what goes over the wire in each protocol,
//! what of an answer comes back, and when a call is tried again.

#![allow(clippy::unwrap_used)] // all of this is a test

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use expect_test::expect;
use neargate_api_types::{ec2, ecs, elbv2};
use neargate_aws_client::s3::{Bucket, Part};
use neargate_aws_client::{CallError, Credentials, Endpoints, Surroundings};
use neargate_sigv4::{SignedRequest, presented, sha256_hex, signing_key, verify};
use support::{Server, answer, told};

fn create_cluster() -> ecs::CreateClusterRequest {
    ecs::CreateClusterRequest { cluster_name: Some("dev".into()), ..Default::default() }
}

#[tokio::test]
async fn json() {
    let server = Server::start(Box::new(|_, _| {
        answer(200, r#"{"cluster":{"clusterName":"dev","status":"ACTIVE","tags":[]},"new":1}"#)
    }));
    let server = server.await;
    let output = server.client().call::<ecs::CreateCluster>(&create_cluster()).await.unwrap();
    let cluster = output.cluster.unwrap();
    assert_eq!((cluster.status.as_deref(), cluster.tags), (Some("ACTIVE"), Some(Vec::new())));
    expect![[r#"
        POST /
        content-type: application/x-amz-json-1.1
        x-amz-target: AmazonEC2ContainerServiceV20141113.CreateCluster
        x-amz-date: 20260102T030405Z
        {"clusterName":"dev"}"#]]
    .assert_eq(&told(&server.asked()[0]));
}

#[tokio::test]
async fn ec2_and_query() {
    let server = Server::start(Box::new(|number, _| {
        let ec2 = "<DescribeVpcsResponse><requestId>r</requestId><vpcSet><item><vpcId>vpc-1</vpcId>\
                   <isDefault>true</isDefault></item></vpcSet></DescribeVpcsResponse>";
        let elb = "<DescribeRulesResponse><DescribeRulesResult><Rules/></DescribeRulesResult>\
                   <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></DescribeRulesResponse>";
        answer(200, if number == 0 { ec2 } else { elb })
    }))
    .await;
    let client = server.client();
    let filter = ec2::Filter {
        name: Some("is-default".into()),
        values: Some(vec!["true".into(), "a&b".into()]),
    };
    let input = ec2::DescribeVpcsRequest { filters: Some(vec![filter]), ..Default::default() };
    let vpcs = client.call::<ec2::DescribeVpcs>(&input).await.unwrap().vpcs.unwrap();
    assert_eq!((vpcs[0].vpc_id.as_deref(), vpcs[0].is_default), (Some("vpc-1"), Some(true)));
    let input =
        elbv2::DescribeRulesInput { rule_arns: Some(vec!["arn:1".into()]), ..Default::default() };
    let rules = client.call::<elbv2::DescribeRules>(&input).await.unwrap().rules;
    assert_eq!(rules, Some(Vec::new()));
    let asked: Vec<String> = server.asked().iter().map(told).collect();
    expect![[r#"
        POST /
        content-type: application/x-www-form-urlencoded; charset=utf-8
        x-amz-date: 20260102T030405Z
        Action=DescribeVpcs&Version=2016-11-15&Filter.1.Name=is-default&Filter.1.Value.1=true&Filter.1.Value.2=a%26b
        POST /
        content-type: application/x-www-form-urlencoded; charset=utf-8
        x-amz-date: 20260102T030405Z
        Action=DescribeRules&Version=2015-12-01&RuleArns.member.1=arn%3A1"#]]
    .assert_eq(&asked.join("\n"));
}

#[tokio::test]
async fn the_signature_is_that_of_the_request() {
    let server = Server::start(Box::new(|_, _| answer(200, "{}"))).await;
    server.client().call::<ecs::CreateCluster>(&create_cluster()).await.unwrap();
    let (parts, body) = server.asked().remove(0).into_parts();
    let presented = presented(&parts).unwrap();
    let request = SignedRequest { parts: &parts, payload_hash: &sha256_hex(&body) };
    let now = neargate_ids::Timestamp::from_secs(1_767_323_045);
    let key = signing_key("secret", &presented.scope);
    assert_eq!(verify(&request, &presented, &key, now), Ok(()));
    assert_eq!(presented.scope.service, "ecs");
}

/// What a call says of an error, and how often it was tried.
async fn failing(status: u16, body: &'static str) -> String {
    let server = Server::start(Box::new(move |_, _| answer(status, body))).await;
    let error = server.client().call::<ecs::CreateCluster>(&create_cluster()).await.unwrap_err();
    let told = format!("{} × {error}", server.asked().len());
    told.replace(&server.url, "http://server")
}

#[tokio::test]
async fn what_passes_is_tried_again_and_what_does_not_is_told() {
    let lines = [
        failing(400, r#"{"__type":"InvalidParameterException","message":"No."}"#).await,
        failing(400, r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#).await,
        failing(503, "<html>").await,
        failing(501, r#"{"__type":"NotImplemented"}"#).await,
        failing(200, "<html>").await,
    ];
    expect![[r#"
        1 × ecs:CreateCluster: InvalidParameterException: No. (HTTP 400, request id r-1)
        3 × ecs:CreateCluster: ThrottlingException: Rate exceeded (HTTP 400, request id r-1)
        3 × ecs:CreateCluster: ServiceUnavailable (HTTP 503, request id r-1)
        1 × ecs:CreateCluster: NotImplemented (HTTP 501, request id r-1)
        1 × ecs:CreateCluster: the answer of http://server is not what AWS's would be: expected value at line 1 column 1"#]]
    .assert_eq(&lines.join("\n"));
}

#[tokio::test]
async fn an_answer_that_is_null_has_nothing_to_say() {
    let server = Server::start(Box::new(move |_, _| answer(200, "null"))).await;
    let made = server.client().call::<ecs::CreateCluster>(&create_cluster()).await.unwrap();
    assert!(made.cluster.is_none());
}

#[tokio::test]
async fn errors_of_the_other_protocols() {
    let ec2 = "<Response><Errors><Error><Code>InvalidVpcID.NotFound</Code><Message>none</Message></Error></Errors>\
               <RequestID>r-2</RequestID></Response>";
    let server = Server::start(Box::new(move |_, _| answer(400, ec2))).await;
    let error = server.client().call::<ec2::DeleteVpc>(&ec2::DeleteVpcRequest::default()).await;
    let error = error.unwrap_err();
    assert!(error.is_any(&["InvalidVpcID.NotFound"]));
    expect!["ec2:DeleteVpc: InvalidVpcID.NotFound: none (HTTP 400, request id r-2)"]
        .assert_eq(&error.to_string());
    let elb = "<ErrorResponse><Error><Type>Sender</Type><Code>RuleNotFound</Code><Message>none</Message></Error>\
               <RequestId>r-3</RequestId></ErrorResponse>";
    let server = Server::start(Box::new(move |_, _| answer(400, elb))).await;
    let input = elbv2::DescribeRulesInput::default();
    let error = server.client().call::<elbv2::DescribeRules>(&input).await.unwrap_err();
    expect!["elasticloadbalancing:DescribeRules: RuleNotFound: none (HTTP 400, request id r-3)"]
        .assert_eq(&error.to_string());
}

#[tokio::test]
async fn a_broken_connection_is_tried_again() {
    let server = Server::start(Box::new(|number, _| {
        if number == 0 { None } else { answer(200, r#"{"cluster":{"status":"ACTIVE"}}"#) }
    }))
    .await;
    let output = server.client().call::<ecs::CreateCluster>(&create_cluster()).await.unwrap();
    assert_eq!(output.cluster.unwrap().status.as_deref(), Some("ACTIVE"));
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn nobody_there() {
    let server = Server::start(Box::new(|_, _| None)).await;
    let mut config =
        server.config(Credentials::fixed(neargate_aws_client::Identity::lasting("a", "b")));
    config.endpoints = Endpoints::at("http://127.0.0.1:1");
    let client = neargate_aws_client::Client::new(config).unwrap();
    let error = client.call::<ecs::CreateCluster>(&create_cluster()).await.unwrap_err();
    assert!(matches!(error, CallError::Unreachable { .. }));
    expect!["ecs:CreateCluster: http://127.0.0.1:1 cannot be reached: connecting to 127.0.0.1:1: Connection refused (os error 111)"]
        .assert_eq(&error.to_string());
}

#[tokio::test]
async fn a_clock_that_is_off_is_told_and_corrected() {
    let late = "Fri, 02 Jan 2026 04:04:05 GMT";
    let server = Server::start(Box::new(move |number, _| {
        let expired = r#"{"__type":"InvalidSignatureException","message":"Signature expired"}"#;
        let mut response = if number == 1 { answer(200, "{}") } else { answer(403, expired) };
        let headers = response.as_mut().unwrap().headers_mut();
        headers.insert("date", late.parse().unwrap());
        response
    }))
    .await;
    let client = server.client();
    client.call::<ecs::CreateCluster>(&create_cluster()).await.unwrap();
    assert_eq!(server.asked()[1].headers()["x-amz-date"], "20260102T040405Z");
    let error = client.call::<ecs::CreateCluster>(&create_cluster()).await.unwrap_err();
    expect!["ecs:CreateCluster: InvalidSignatureException: Signature expired (HTTP 403, request id r-1). This machine's clock is 3600 seconds behind the service's: set it right"]
        .assert_eq(&error.to_string());
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test]
async fn no_more_requests_at_once_than_allowed() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = most.clone();
    let server = Server::start(Box::new(move |_, _| {
        seen.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        std::thread::yield_now();
        now.fetch_sub(1, Ordering::SeqCst);
        answer(200, "{}")
    }))
    .await;
    let client = server.client();
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.call::<ecs::CreateCluster>(&create_cluster()).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert!(most.load(Ordering::SeqCst) <= 2);
}

#[tokio::test]
async fn a_role_is_assumed_once_and_again_when_it_expires() {
    let role = "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA</AccessKeyId>\
                <SecretAccessKey>s</SecretAccessKey><SessionToken>token</SessionToken>\
                <Expiration>2026-01-02T04:04:05Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>";
    let server = Server::start(Box::new(move |number, asked| {
        let sts = asked.headers().get("x-amz-target").is_none();
        let expired = r#"{"__type":"ExpiredTokenException","message":"expired"}"#;
        match number {
            _ if sts => answer(200, role),
            2 => answer(403, expired),
            _ => answer(200, "{}"),
        }
    }))
    .await;
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join(".aws")).unwrap();
    let config = "[profile deploy]\nrole_arn = arn:aws:iam::000000000000:role/deploy\nsource_profile = keys\n\
                  [profile keys]\naws_access_key_id = AKID\naws_secret_access_key = secret\n";
    std::fs::write(home.path().join(".aws/config"), config).unwrap();
    let variables = [("HOME", home.path().to_str().unwrap()), ("AWS_PROFILE", "deploy")];
    let surroundings = Surroundings::with_variables(variables).unwrap();
    let client = server.client_with(Credentials::from(&surroundings).unwrap());
    client.call::<ecs::CreateCluster>(&create_cluster()).await.unwrap();
    client.call::<ecs::CreateCluster>(&create_cluster()).await.unwrap();
    let asked: Vec<String> = server.asked().iter().map(told).collect();
    assert_eq!(asked.len(), 5, "role, call, call, role, call");
    expect![[r#"
        POST /
        content-type: application/x-www-form-urlencoded; charset=utf-8
        x-amz-date: 20260102T030405Z
        Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A000000000000%3Arole%2Fdeploy&RoleSessionName=neargate
        POST /
        content-type: application/x-amz-json-1.1
        x-amz-target: AmazonEC2ContainerServiceV20141113.CreateCluster
        x-amz-date: 20260102T030405Z
        x-amz-security-token: token
        {"clusterName":"dev"}"#]]
    .assert_eq(&asked[..2].join("\n"));
}

#[tokio::test]
async fn a_containers_credentials() {
    let server = Server::start(Box::new(|number, _| {
        let given = r#"{"AccessKeyId":"ASIA","SecretAccessKey":"s","Token":"t","Expiration":"2026-01-02T04:04:05Z"}"#;
        answer(200, if number == 0 { given } else { "{}" })
    }))
    .await;
    let url = format!("{}/v2/credentials/x", server.url);
    let variables = [
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", url.as_str()),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Bearer 1"),
    ];
    let surroundings = Surroundings::with_variables(variables).unwrap();
    let client = server.client_with(Credentials::from(&surroundings).unwrap());
    client.call::<ecs::CreateCluster>(&create_cluster()).await.unwrap();
    let asked = server.asked();
    assert_eq!(asked[0].headers()["authorization"], "Bearer 1");
    assert_eq!(asked[1].headers()["x-amz-security-token"], "t");
}

#[tokio::test]
async fn a_bucket_is_emptied_by_its_versions() {
    let listed = "<ListVersionsResult><Version><Key>a&amp;b</Key><VersionId>null</VersionId></Version>\
                  <DeleteMarker><Key>c</Key><VersionId>v2</VersionId></DeleteMarker></ListVersionsResult>";
    let server = Server::start(Box::new(move |number, _| match number {
        0 => answer(404, "<Error><Code>NoSuchTagSet</Code></Error>"),
        1 => answer(200, listed),
        2 => answer(200, "<DeleteResult/>"),
        _ => answer(200, "<ListVersionsResult/>"),
    }))
    .await;
    let client = server.client();
    let bucket = Bucket { client: &client, name: "logs" };
    assert_eq!(bucket.get(Part::Tagging).await.unwrap(), None);
    assert_eq!(bucket.empty().await.unwrap(), 2);
    let asked = server.asked();
    let lines: Vec<String> = asked.iter().map(|a| format!("{} {}", a.method(), a.uri())).collect();
    assert_eq!(
        lines,
        ["GET /logs?tagging", "GET /logs?versions", "POST /logs?delete", "GET /logs?versions"]
    );
    assert_eq!(
        String::from_utf8_lossy(asked[2].body()),
        "<Delete><Quiet>true</Quiet><Object><Key>a&amp;b</Key><VersionId>null</VersionId></Object>\
         <Object><Key>c</Key><VersionId>v2</VersionId></Object></Delete>"
    );
}
