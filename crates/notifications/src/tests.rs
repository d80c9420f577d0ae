//! Whole ways: from an alarm to an endpoint on this machine, and to a relay.

use std::sync::Arc;

use expect_test::expect;
use neargate_api::model::sns::{Notification, Subscription};
use neargate_api::{Ctx, Services};
use neargate_reconcile::Progress;
use neargate_series::Series;
use neargate_testkit as testkit;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use crate::{Notifications, signer};

const TOPIC: &str = "arn:aws:sns:us-west-2:000000000000:alarms";

struct World {
    ctx: Ctx,
    all: Notifications,
    dir: tempfile::TempDir,
}

impl World {
    async fn new(relay: Option<String>) -> Self {
        let (ctx, dir) = (testkit::ctx(), tempfile::tempdir().unwrap());
        let series = Arc::new(Series::open(&dir.path().join("metrics")).unwrap());
        let services = Arc::new(Services::new(vec![
            neargate_api_cloudwatch::service(series),
            neargate_api_sns::service(),
        ]));
        let signer = signer(dir.path());
        let (cloud, progress) = (ctx.cloud.clone(), Progress::default());
        let all = Notifications::new(cloud, services, progress, signer, relay).unwrap();
        let world = World { ctx, all, dir };
        world.call("sns", "CreateTopic", json!({ "Name": "alarms" })).await;
        world
    }

    async fn call(&self, service: &str, operation: &str, input: Value) -> String {
        let service = self.all.services.all().iter().find(|s| s.model.name == service).unwrap();
        testkit::call(&self.ctx, service, operation, input).await.unwrap()
    }

    async fn turn(&self) {
        let now = self.ctx.cloud.clock.now();
        self.all.act_on_alarms(now).await;
        for delivery in self.all.due(&Default::default(), now) {
            self.all.deliver(&delivery).await;
        }
    }

    async fn subscribe(&self, protocol: &str, endpoint: &str) {
        let input = json!({ "TopicArn": TOPIC, "Protocol": protocol, "Endpoint": endpoint });
        self.call("sns", "Subscribe", input).await;
    }

    async fn confirm(&self) {
        let pending = self.ctx.snapshot().all::<Subscription>().next().unwrap();
        let input = json!({ "TopicArn": TOPIC, "Token": pending.pending.clone().unwrap() });
        self.call("sns", "ConfirmSubscription", input).await;
    }

    /// An alarm that publishes, and that goes off.
    async fn alarm(&self) {
        let alarm = json!({
            "AlarmName": "cpu", "Namespace": "app", "MetricName": "cpu", "Statistic": "Average",
            "Period": 60, "EvaluationPeriods": 1, "Threshold": 1.0,
            "ComparisonOperator": "GreaterThanThreshold", "AlarmActions": [TOPIC],
        });
        self.call("cloudwatch", "PutMetricAlarm", alarm).await;
        let state = json!({ "AlarmName": "cpu", "StateValue": "ALARM", "StateReason": "high" });
        self.call("cloudwatch", "SetAlarmState", state).await;
    }

    fn told(&self) -> Vec<String> {
        let all = self.ctx.snapshot().all::<Notification>().collect::<Vec<_>>();
        let recipients = all.iter().flat_map(|notification| &notification.recipients);
        recipients.map(|one| format!("{} {}", one.state.name(), one.told)).collect()
    }

    async fn history(&self) -> String {
        let asked = json!({ "AlarmName": "cpu", "HistoryItemType": "Action" });
        let history = self.call("cloudwatch", "DescribeAlarmHistory", asked).await;
        testkit::text(&history, "HistorySummary")
    }
}

/// Answers one request, and gives back its head and its body.
async fn answer(listener: &TcpListener, status: &str) -> (String, String) {
    let (stream, _) = listener.accept().await.unwrap();
    let mut stream = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.trim().parse().unwrap();
        }
        if line == "\r\n" {
            break;
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    let reply = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(reply.as_bytes()).await.unwrap();
    (head, String::from_utf8(body).unwrap())
}

/// Whether the certificate that is served has signed the message.
fn is_signed(world: &World, body: &Value, text: &str) -> bool {
    use base64::Engine;
    use x509_parser::prelude::*;
    let path = body["SigningCertURL"].as_str().unwrap().trim_start_matches("http://127.0.0.1:4566");
    // As another run of Neargate finds it.
    let pem = signer(world.dir.path()).certificate(path).unwrap().unwrap();
    let (_, pem) = parse_x509_pem(pem.as_bytes()).unwrap();
    let certificate = pem.parse_x509().unwrap();
    let signature = body["Signature"].as_str().unwrap();
    let signature = base64::engine::general_purpose::STANDARD.decode(signature).unwrap();
    let algorithm = match body["SignatureVersion"].as_str().unwrap() {
        "1" => &ring::signature::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        _ => &ring::signature::RSA_PKCS1_2048_8192_SHA256,
    };
    let key = &certificate.public_key().subject_public_key.data;
    let key = ring::signature::UnparsedPublicKey::new(algorithm, key);
    key.verify(text.as_bytes(), &signature).is_ok()
}

#[tokio::test]
async fn an_alarm_comes_to_a_subscribed_endpoint_signed() {
    let world = World::new(None).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}/hook", listener.local_addr().unwrap());
    world.subscribe("http", &endpoint).await;
    let ((), (head, body)) = tokio::join!(world.turn(), answer(&listener, "200 OK"));
    assert!(head.contains("x-amz-sns-message-type: SubscriptionConfirmation"), "{head}");
    let asked: Value = serde_json::from_str(&body).unwrap();
    let text = |name: &str| asked[name].as_str().unwrap();
    let url = format!(
        "http://127.0.0.1:4566/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token={}",
        text("Token")
    );
    assert_eq!(text("SubscribeURL"), url);
    let signed = format!(
        "Message\n{}\nMessageId\n{}\nSubscribeURL\n{url}\nTimestamp\n{}\nToken\n{}\nTopicArn\n{TOPIC}\nType\nSubscriptionConfirmation\n",
        text("Message"),
        text("MessageId"),
        text("Timestamp"),
        text("Token")
    );
    assert!(is_signed(&world, &asked, &signed));
    world.confirm().await;

    let version =
        json!({ "TopicArn": TOPIC, "AttributeName": "SignatureVersion", "AttributeValue": "2" });
    world.call("sns", "SetTopicAttributes", version).await;
    world.alarm().await;
    let ((), (head, body)) = tokio::join!(world.turn(), answer(&listener, "200 OK"));
    assert!(head.contains("x-amz-sns-subscription-arn: arn:aws:sns:us-west-2:"), "{head}");
    let told: Value = serde_json::from_str(&body).unwrap();
    let text = |name: &str| told[name].as_str().unwrap();
    expect![[r#"ALARM: "cpu" in US West (Oregon)"#]].assert_eq(text("Subject"));
    let signed = format!(
        "Message\n{}\nMessageId\n{}\nSubject\n{}\nTimestamp\n{}\nTopicArn\n{TOPIC}\nType\nNotification\n",
        text("Message"),
        text("MessageId"),
        text("Subject"),
        text("Timestamp")
    );
    assert!(is_signed(&world, &told, &signed));
    assert!(!is_signed(&world, &told, &signed.replace("ALARM", "OK")));
    assert_eq!(world.told(), ["delivered "]);
    assert_eq!(world.history().await, format!("Successfully executed action {TOPIC}"));
}

#[tokio::test]
async fn what_an_endpoint_does_not_take_is_tried_again_and_given_up() {
    let world = World::new(None).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}/", listener.local_addr().unwrap());
    world.subscribe("http", &endpoint).await;
    tokio::join!(world.turn(), answer(&listener, "200 OK"));
    world.confirm().await;
    world.alarm().await;
    for _ in 0..3 {
        tokio::join!(world.turn(), answer(&listener, "503 Service Unavailable"));
        assert!(world.told()[0].starts_with("waiting it answered 503 "), "{:?}", world.told());
        world.turn().await;
        world.ctx.cloud.clock.advance_millis(20_000);
    }
    tokio::join!(world.turn(), answer(&listener, "503 Service Unavailable"));
    assert_eq!(world.told(), ["failed it answered 503 Service Unavailable"]);
    assert!(world.all.complaints().is_empty());
}

#[tokio::test]
async fn a_policy_that_does_not_let_alarms_in_is_told() {
    let world = World::new(None).await;
    let policy = |service: &str| {
        let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
            "Principal": { "Service": service }, "Action": "sns:Publish", "Resource": TOPIC }] });
        json!({ "TopicArn": TOPIC, "AttributeName": "Policy", "AttributeValue": policy.to_string() })
    };
    world.call("sns", "SetTopicAttributes", policy("events.amazonaws.com")).await;
    world.alarm().await;
    world.turn().await;
    expect![[r#"Failed to execute action arn:aws:sns:us-west-2:000000000000:alarms. Received error: \"CloudWatch Alarms is not authorized to perform: SNS:Publish on resource: arn:aws:sns:us-west-2:000000000000:alarms because no resource-based policy allows the SNS:Publish action\""#]]
        .assert_eq(&world.history().await.replace('"', "\\\"").replace("\\\\\"", "\\\""));
    world.call("sns", "SetTopicAttributes", policy("cloudwatch.amazonaws.com")).await;
    let state = json!({ "AlarmName": "cpu", "StateValue": "OK", "StateReason": "low" });
    world.call("cloudwatch", "SetAlarmState", state).await;
    world.ctx.cloud.clock.advance_millis(1000);
    world.alarm().await;
    world.turn().await;
    assert_eq!(world.ctx.snapshot().count::<Notification>(), 1);
}

#[tokio::test]
async fn mail_goes_through_the_relay_or_is_kept() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let world = World::new(Some(listener.local_addr().unwrap().to_string())).await;
    world.subscribe("email", "ops@example.com").await;
    let ((), mail) = tokio::join!(world.turn(), relayed(&listener));
    expect![[r#"
        EHLO neargate.localhost
        MAIL FROM:<no-reply@neargate.localhost>
        RCPT TO:<ops@example.com>
        DATA
        From: "AWS Notifications" <no-reply@neargate.localhost>
        To: ops@example.com
        Subject: AWS Notification - Subscription Confirmation
    "#]]
    .assert_eq(&mail.lines().take(7).map(|line| format!("{line}\n")).collect::<String>());

    let world = World::new(None).await;
    world.subscribe("email", "ops@example.com").await;
    world.turn().await;
    world.confirm().await;
    world.alarm().await;
    world.turn().await;
    expect!["kept no SMTP relay: start Neargate with --smtp-relay to send mail"]
        .assert_eq(&world.told()[0]);
}

/// What a relay hears, which takes everything.
async fn relayed(listener: &TcpListener) -> String {
    let (stream, _) = listener.accept().await.unwrap();
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 relay\r\n").await.unwrap();
    let (mut heard, mut in_data) = (String::new(), false);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap() == 0 {
            return heard;
        }
        heard.push_str(line.trim_end_matches("\r\n"));
        heard.push('\n');
        let reply = match line.trim_end() {
            "." => "250 taken\r\n",
            _ if in_data => continue,
            "DATA" => {
                in_data = true;
                "354 go on\r\n"
            }
            "QUIT" => return heard,
            "EHLO neargate.localhost" => "250-relay\r\n250 8BITMIME\r\n",
            _ => "250 fine\r\n",
        };
        in_data &= reply.starts_with("354");
        stream.write_all(reply.as_bytes()).await.unwrap();
    }
}
