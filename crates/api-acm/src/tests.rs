//! Certificates as a client sees them. The certificates are made by `rcgen` for each test.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use expect_test::expect;
use neargate_api::model::acm::Certificate;
use neargate_api::{AwsError, Ctx, Timestamp};
use neargate_testkit::{call, ctx, text, texts};
use rcgen::{
    CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, SerialNumber, date_time_ymd,
};
use serde_json::{Value as Json, json};

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

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(vec![name.to_owned(), format!("*.{name}")]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.distinguished_name.push(DnType::OrganizationName, "Neargate");
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2027, 1, 1);
    params.serial_number = Some(SerialNumber::from(0x0a1b2c));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

/// A self-signed certificate and its key, as PEM.
fn self_signed(name: &str) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    (params(name).self_signed(&key).unwrap().pem(), key.serialize_pem())
}

/// Bytes as JSON has them.
fn blob(bytes: &str) -> String {
    STANDARD.encode(bytes)
}

fn import((certificate, key): &(String, String)) -> Json {
    json!({ "Certificate": blob(certificate), "PrivateKey": blob(key) })
}

#[tokio::test]
async fn an_imported_certificate_is_described_as_a_whole() {
    let ctx = ctx();
    let arn = text(
        &done(&ctx, "ImportCertificate", import(&self_signed("example.com"))).await,
        "CertificateArn",
    );
    let described = done(&ctx, "DescribeCertificate", json!({ "CertificateArn": arn })).await;
    expect![[r#"
        {
          "Certificate": {
            "CertificateArn": "arn:aws:acm:us-west-2:000000000000:certificate/b3f2af6d-0fc7-40c5-853b-559647364cea",
            "CreatedAt": 1767323045,
            "DomainName": "example.com",
            "ExtendedKeyUsages": [
              {
                "Name": "TLS_WEB_SERVER_AUTHENTICATION",
                "OID": "1.3.6.1.5.5.7.3.1"
              }
            ],
            "ImportedAt": 1767323045,
            "InUseBy": [],
            "Issuer": "Neargate",
            "KeyAlgorithm": "EC_prime256v1",
            "KeyUsages": [
              {
                "Name": "DIGITAL_SIGNATURE"
              }
            ],
            "NotAfter": 1798761600,
            "NotBefore": 1767225600,
            "Options": {
              "CertificateTransparencyLoggingPreference": "DISABLED"
            },
            "RenewalEligibility": "INELIGIBLE",
            "Serial": "0a:1b:2c",
            "SignatureAlgorithm": "SHA256WITHECDSA",
            "Status": "ISSUED",
            "Subject": "CN=example.com,O=Neargate",
            "SubjectAlternativeNames": [
              "example.com",
              "*.example.com"
            ],
            "Type": "IMPORTED"
          }
        }
    "#]].assert_eq(&described);
}

#[tokio::test]
async fn a_balancer_gets_the_key_and_nobody_else() {
    let ctx = ctx();
    let pair = self_signed("example.com");
    let arn = text(&done(&ctx, "ImportCertificate", import(&pair)).await, "CertificateArn");
    let got = done(&ctx, "GetCertificate", json!({ "CertificateArn": arn })).await;
    assert_eq!(text(&got, "Certificate"), pair.0);
    let record = ctx.snapshot().get::<Certificate>(&arn).unwrap();
    assert!(!serde_json::to_string(&*record).unwrap().contains("PRIVATE KEY"));
    let sealed = &record.imported().unwrap().private_key;
    let key = ctx.vault().unseal(&Certificate::private_key_label(&arn), sealed).unwrap();
    assert_eq!(String::from_utf8(key).unwrap(), pair.1);
    assert_eq!(record.status(Timestamp::from_secs(1_900_000_000)), "EXPIRED");
}

#[tokio::test]
async fn what_does_not_belong_together_is_refused() {
    let ctx = ctx();
    let (one, other) = (self_signed("example.com"), self_signed("example.com"));
    assert_eq!(
        refused(&ctx, "ImportCertificate", import(&(one.0.clone(), other.1.clone()))).await,
        "ValidationException: The private key does not match the certificate: their public keys differ."
    );
    assert_eq!(
        refused(&ctx, "ImportCertificate", import(&(one.0.clone() + &other.0, one.1.clone())))
            .await,
        "ValidationException: The certificate field contains more than one certificate. You can specify only one certificate in this field."
    );
    assert_eq!(
        refused(&ctx, "ImportCertificate", import(&("x".into(), one.1.clone()))).await,
        "ValidationException: The certificate is not valid. It must be in PEM format."
    );
    ctx.cloud.clock.advance_millis(400 * 86_400_000);
    assert_eq!(
        refused(&ctx, "ImportCertificate", import(&one)).await,
        "ValidationException: The certificate is not in its validity period: it has expired."
    );
}

#[tokio::test]
async fn a_chain_is_followed_by_its_signatures() {
    let ctx = ctx();
    let mut root = params("root");
    root.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let issuer = CertifiedIssuer::self_signed(root.clone(), KeyPair::generate().unwrap()).unwrap();
    let imposter = CertifiedIssuer::self_signed(root, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = params("example.com").signed_by(&key, &issuer).unwrap().pem();
    let mut input = import(&(leaf, key.serialize_pem()));
    assert_eq!(
        refused(&ctx, "ImportCertificate", input.clone()).await,
        "ValidationException: Provided certificate is not a valid self signed. Please provide either a valid self-signed certificate or certificate chain."
    );
    input["CertificateChain"] = blob(&imposter.pem()).into();
    assert_eq!(
        refused(&ctx, "ImportCertificate", input.clone()).await,
        "ValidationException: Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, followed by any intermediaries in order. The index within the chain of the invalid certificate is: 0"
    );
    input["CertificateChain"] = blob(&issuer.pem()).into();
    done(&ctx, "ImportCertificate", input).await;
}

#[tokio::test]
async fn importing_again_keeps_arn_and_tags() {
    let ctx = ctx();
    let mut input = import(&self_signed("example.com"));
    input["Tags"] = json!([{ "Key": "a", "Value": "b" }]);
    let arn = text(&done(&ctx, "ImportCertificate", input).await, "CertificateArn");
    let mut input = import(&self_signed("example.org"));
    input["CertificateArn"] = arn.clone().into();
    assert_eq!(text(&done(&ctx, "ImportCertificate", input.clone()).await, "CertificateArn"), arn);
    let described = done(&ctx, "DescribeCertificate", json!({ "CertificateArn": arn })).await;
    assert_eq!(text(&described, "DomainName"), "example.org");
    let tags = done(&ctx, "ListTagsForCertificate", json!({ "CertificateArn": arn })).await;
    assert_eq!(texts(&tags, "Value"), ["b"]);
    let listed = json!({ "Includes": { "keyTypes": ["EC_prime256v1"] } });
    assert_eq!(
        texts(&done(&ctx, "ListCertificates", listed).await, "CertificateArn"),
        std::slice::from_ref(&arn)
    );
    assert!(texts(&done(&ctx, "ListCertificates", json!({})).await, "CertificateArn").is_empty());
    done(&ctx, "DeleteCertificate", json!({ "CertificateArn": arn })).await;
    assert_eq!(
        refused(&ctx, "ImportCertificate", input).await,
        format!(
            "ResourceNotFoundException: Could not find certificate {arn} in account 000000000000."
        )
    );
}

#[tokio::test]
async fn a_request_is_for_domain_names() {
    let ctx = ctx();
    for name in ["localhost", "not a domain", "-a.example.com", "a..com", "*.*.com", "example.c"] {
        let why = refused(&ctx, "RequestCertificate", json!({ "DomainName": name })).await;
        assert!(why.contains(&format!("Value '{name}' at 'domainName'")), "{why}");
    }
    for name in ["example.com", "*.a-b.example.com", "1.com"] {
        done(&ctx, "RequestCertificate", json!({ "DomainName": name })).await;
    }
}

#[tokio::test]
async fn a_request_waits_and_says_so() {
    let ctx = ctx();
    let input = json!({
        "DomainName": "example.com", "SubjectAlternativeNames": ["*.example.com"],
        "ValidationMethod": "DNS", "IdempotencyToken": "once",
    });
    let arn = text(&done(&ctx, "RequestCertificate", input.clone()).await, "CertificateArn");
    assert_eq!(text(&done(&ctx, "RequestCertificate", input).await, "CertificateArn"), arn);
    let described = done(&ctx, "DescribeCertificate", json!({ "CertificateArn": arn })).await;
    assert_eq!(text(&described, "Status"), "PENDING_VALIDATION");
    let records = texts(&described, "Name");
    assert!(
        records.len() == 2 && records[0] == records[1] && records[0].ends_with(".example.com.")
    );
    assert!(
        refused(&ctx, "GetCertificate", json!({ "CertificateArn": arn }))
            .await
            .starts_with("RequestInProgress")
    );
    let told = crate::service().inert_in(&ctx.snapshot());
    assert_eq!(told.len(), 1);
    assert_eq!(
        (told[0].resource.as_str(), told[0].field.as_str()),
        (arn.as_str(), "ValidationMethod")
    );
}
