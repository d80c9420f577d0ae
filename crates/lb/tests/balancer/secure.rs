//! HTTPS listeners, HTTP/2, gRPC's protocol versions, and HTTPS targets.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, Version};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use neargate_lb::config::{Certificate, ProtocolVersion, Tls};
use neargate_lb::observe::RequestKind;
use tokio::net::TcpStream;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::rig::{Rig, raw, target};

struct Authority {
    certificate: Certificate,
    root: CertificateDer<'static>,
}

/// A certificate that is its own root.
fn self_signed(arn: &str, name: &str) -> Authority {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let certificate = Certificate {
        arn: arn.into(),
        chain_pem: made.cert.pem(),
        key_pem: made.signing_key.serialize_pem(),
    };
    Authority { certificate, root: made.cert.der().clone() }
}

fn provider() -> Arc<tokio_rustls::rustls::crypto::CryptoProvider> {
    Arc::new(tokio_rustls::rustls::crypto::ring::default_provider())
}

/// A client that trusts the authorities and offers these protocols.
fn client(authorities: &[&Authority], alpn: &[&[u8]]) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    for authority in authorities {
        roots.add(authority.root.clone()).unwrap();
    }
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|p| p.to_vec()).collect();
    TlsConnector::from(Arc::new(config))
}

async fn secure_rig(targets: &[&target::Backend], certificates: &[&Authority]) -> Rig {
    let rig = Rig::start().await;
    let config = secure_config(&rig, targets, certificates);
    rig.apply(&config).await;
    rig
}

fn secure_config(
    rig: &Rig,
    targets: &[&target::Backend],
    certificates: &[&Authority],
) -> neargate_lb::Config {
    let mut config = rig.config(targets);
    let listener = &mut config.load_balancers[0].listeners[0];
    listener.port = 443;
    listener.tls = Some(Tls {
        policy: "ELBSecurityPolicy-TLS13-1-2-2021-06".into(),
        certificates: certificates.iter().map(|a| a.certificate.clone()).collect(),
    });
    config
}

async fn http2(
    rig: &Rig,
    connector: &TlsConnector,
    name: &'static str,
) -> hyper::client::conn::http2::SendRequest<Full<Bytes>> {
    let tcp = TcpStream::connect(rig.address()).await.unwrap();
    let tls = connector.connect(ServerName::try_from(name).unwrap(), tcp).await.unwrap();
    assert_eq!(tls.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    let (sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(tls))
            .await
            .unwrap();
    tokio::spawn(connection);
    sender
}

fn get(url: &str) -> Request<Full<Bytes>> {
    Request::builder().uri(url).body(Full::default()).unwrap()
}

async fn text(response: Response<Incoming>) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn http2_to_an_http1_target() {
    let echo = target::echo().await;
    let authority = self_signed("arn:cert", "app.example");
    let rig = secure_rig(&[&echo], &[&authority]).await;
    let mut sender = http2(&rig, &client(&[&authority], &[b"h2"]), "app.example").await;
    let answers = (0..10).map(|n| {
        let mut request = get(&format!("https://app.example/{n}"));
        request.headers_mut().append("cookie", "a=1".parse().unwrap());
        request.headers_mut().append("cookie", "b=2".parse().unwrap());
        sender.send_request(request)
    });
    for (n, answer) in futures_util::future::join_all(answers).await.into_iter().enumerate() {
        let seen = text(answer.unwrap()).await;
        assert!(seen.starts_with(&format!("GET /{n} HTTP/1.1\r\n")), "{seen}");
        assert!(seen.contains("Host: app.example\r\n"), "{seen}");
        assert!(seen.contains("Cookie: a=1; b=2\r\n"), "{seen}");
        assert!(seen.contains("X-Forwarded-Proto: https\r\n"), "{seen}");
        assert!(seen.contains("X-Forwarded-Port: 443\r\n"), "{seen}");
    }
    let record = rig.record().await;
    let tls = record.tls.unwrap();
    assert_eq!((record.kind, tls.protocol), (RequestKind::H2, "TLSv1.3"));
    assert_eq!(tls.sni.as_deref(), Some("app.example"));
    assert_eq!(tls.certificate_arn.as_deref(), Some("arn:cert"));
}

#[tokio::test]
async fn http2_can_be_turned_off_and_sni_chooses_the_certificate() {
    let echo = target::echo().await;
    let first = self_signed("arn:first", "first.example");
    let second = self_signed("arn:second", "*.second.example");
    let rig = Rig::start().await;
    let mut config = secure_config(&rig, &[&echo], &[&first, &second]);
    config.load_balancers[0].attributes.http2 = false;
    config.load_balancers[0].attributes.tls_headers = true;
    rig.apply(&config).await;
    let connector = client(&[&first, &second], &[b"h2", b"http/1.1"]);
    let tcp = TcpStream::connect(rig.address()).await.unwrap();
    let name = ServerName::try_from("api.second.example").unwrap();
    let mut tls = connector.connect(name, tcp).await.unwrap();
    assert_eq!(tls.get_ref().1.alpn_protocol(), Some(b"http/1.1".as_slice()));
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let request = "GET / HTTP/1.1\r\nHost: api.second.example\r\nConnection: close\r\n\r\n";
    tls.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    tls.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains("X-Amzn-Tls-Version: TLSv1.3\r\n"), "{answer}");
    let record = rig.record().await;
    assert_eq!(record.kind, RequestKind::Https);
    assert_eq!(record.tls.unwrap().certificate_arn.as_deref(), Some("arn:second"));
}

#[tokio::test]
async fn plain_http_to_an_https_listener_is_400() {
    let authority = self_signed("arn:cert", "app.example");
    let rig = secure_rig(&[], &[&authority]).await;
    let answer = raw::exchange(rig.address(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{answer}");
    assert!(answer.contains("The plain HTTP request was sent to HTTPS port"), "{answer}");
}

#[tokio::test]
async fn a_broken_certificate_is_a_problem_of_its_listener_only() {
    let rig = Rig::start().await;
    let mut broken = self_signed("arn:broken", "app.example");
    broken.certificate.key_pem = self_signed("arn:other", "x.example").certificate.key_pem;
    let mut config = secure_config(&rig, &[], &[&broken]);
    let mut plain = rig.config(&[]).load_balancers.remove(0);
    plain.id = "app/plain/1".into();
    let address = crate::rig::free_address().await;
    plain.listeners[0].binds = vec![address];
    config.load_balancers.push(plain);
    let problems = rig.balancer.apply(&config);
    assert_eq!(problems.len(), 1);
    assert!(problems[0].to_string().contains("arn:broken"), "{}", problems[0]);
    rig.bound().await;
    let answer =
        raw::exchange(address, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
}

/// An HTTP/2 server, secured or not, that answers with what it was asked, and
/// with a trailer.
async fn http2_target(secured_by: Option<&Authority>) -> target::Backend {
    let acceptor = secured_by.map(|authority| {
        let pem = &authority.certificate;
        let chain = vec![CertificateDer::from_pem_slice(pem.chain_pem.as_bytes()).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(pem.key_pem.as_bytes()).unwrap();
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        config.alpn_protocols = vec![b"h2".to_vec()];
        TlsAcceptor::from(Arc::new(config))
    });
    target::serving(move |tcp, _| {
        let acceptor = acceptor.clone();
        async move {
            match acceptor {
                None => serve_http2(tcp).await,
                Some(acceptor) => serve_http2(acceptor.accept(tcp).await.unwrap()).await,
            }
        }
    })
    .await
}

async fn serve_http2(
    io: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
) {
    let service = service_fn(|request: Request<Incoming>| async move {
        let asked = format!("{} {} {:?}", request.method(), request.uri(), request.version());
        let trailers = http::HeaderMap::from_iter([(
            http::HeaderName::from_static("grpc-status"),
            http::HeaderValue::from_static("0"),
        )]);
        let body = Full::new(Bytes::from(asked));
        let body = body.with_trailers(async move { Some(Ok(trailers)) });
        Ok::<_, std::convert::Infallible>(Response::new(body))
    });
    let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
    let _ = server.serve_connection(TokioIo::new(io), service).await;
}

#[tokio::test]
async fn grpc_end_to_end_with_trailers() {
    let authority = self_signed("arn:cert", "app.example");
    for secured_by in [None, Some(&authority)] {
        let backend = http2_target(secured_by).await;
        let rig = Rig::start().await;
        let mut config = secure_config(&rig, &[&backend], &[&authority]);
        config.target_groups[0].protocol_version = ProtocolVersion::Grpc;
        config.target_groups[0].https = secured_by.is_some();
        rig.apply(&config).await;
        let mut sender = http2(&rig, &client(&[&authority], &[b"h2"]), "app.example").await;
        for _ in 0..3 {
            let mut request = get("https://app.example/pkg.Service/Method");
            *request.method_mut() = Method::POST;
            request.headers_mut().insert("content-type", "application/grpc".parse().unwrap());
            let response = sender.send_request(request).await.unwrap();
            let collected = response.into_body().collect().await.unwrap();
            assert_eq!(collected.trailers().unwrap()["grpc-status"], "0");
            let asked = String::from_utf8(collected.to_bytes().to_vec()).unwrap();
            let scheme = if secured_by.is_some() { "https" } else { "http" };
            let expected = format!("POST {scheme}://app.example/pkg.Service/Method HTTP/2.0");
            assert_eq!(asked, expected);
            assert_eq!(rig.record().await.kind, RequestKind::Grpcs);
        }
        assert_eq!(backend.connections(), 1);
        // A GET is not gRPC.
        let response = sender.send_request(get("https://app.example/")).await.unwrap();
        assert_eq!(response.status().as_u16(), 464);
    }
}

#[tokio::test]
async fn protocols_that_do_not_meet_are_464() {
    let echo = target::echo().await;
    let authority = self_signed("arn:cert", "app.example");
    let rig = secure_rig(&[&echo], &[&authority]).await;
    let mut sender = http2(&rig, &client(&[&authority], &[b"h2"]), "app.example").await;
    let mut request = get("https://app.example/");
    request.headers_mut().insert("content-type", "application/grpc+proto".parse().unwrap());
    assert_eq!(sender.send_request(request).await.unwrap().status().as_u16(), 464);
    let answer = sender.send_request(get("https://app.example/")).await.unwrap();
    assert_eq!((answer.status(), answer.version()), (StatusCode::OK, Version::HTTP_2));

    let plain = Rig::start().await;
    let mut config = plain.config(&[&echo]);
    config.target_groups[0].protocol_version = ProtocolVersion::Http2;
    plain.apply(&config).await;
    let answer =
        raw::exchange(plain.address(), "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            .await;
    assert!(answer.starts_with("HTTP/1.1 464"), "{answer}");
}

#[tokio::test]
async fn one_port_for_several_load_balancers_and_both_protocols() {
    use neargate_lb::config::{Action, FixedResponse};
    let says = |text: &str| {
        let body = Some(text.to_owned());
        Action::FixedResponse(FixedResponse { status: 200, content_type: None, body })
    };
    let first = self_signed("arn:first", "first.elb.localhost");
    let second = self_signed("arn:second", "api.second.example");
    let rig = Rig::start().await;
    let mut config = secure_config(&rig, &[], &[&first]);
    let mut other = secure_config(&rig, &[], &[&second]).load_balancers.remove(0);
    let mut plain = rig.config(&[]).load_balancers.remove(0);
    config.load_balancers[0].dns_name = "first.elb.localhost".into();
    config.load_balancers[0].listeners[0].default_action = says("first");
    other.id = "app/second/2".into();
    other.dns_name = "second.elb.localhost".into();
    other.listeners[0].arn = "arn:listener/second".into();
    other.listeners[0].default_action = says("second");
    plain.id = "app/plain/3".into();
    plain.listeners[0].arn = "arn:listener/plain".into();
    plain.listeners[0].default_action = says("plain");
    config.load_balancers.extend([other, plain]);
    rig.apply(&config).await;
    let connector = client(&[&first, &second], &[b"h2"]);
    for (name, expected) in [
        ("first.elb.localhost", "first"),
        // By the certificate, since it is nobody's DNS name.
        ("api.second.example", "second"),
    ] {
        let mut sender = http2(&rig, &connector, name).await;
        let answer = sender.send_request(get(&format!("https://{name}/"))).await.unwrap();
        assert_eq!(text(answer).await, expected);
    }
    let request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    assert_eq!(raw::body(&raw::exchange(rig.address(), request).await), "plain");
    // A name that is nobody's gets no certificate at all.
    let tcp = TcpStream::connect(rig.address()).await.unwrap();
    let name = ServerName::try_from("third.example").unwrap();
    assert!(connector.connect(name, tcp).await.is_err());
}
