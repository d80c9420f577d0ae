//! Authorization, and blobs in and out.

use http::Method;
use neargate_blobs::Digest;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{LAYER, serve};

const START: &str = "/v2/app/blobs/uploads/";

#[tokio::test]
async fn who_comes_without_a_token_is_told_what_to_bring() {
    let server = serve().await;
    let basic = |text: &'static str| [("authorization", text)];
    let reply = server.send(Method::GET, "/v2/", &basic("Bearer x"), "").await;
    assert_eq!(reply.status, 401);
    let realm =
        format!("Basic realm=\"https://{}/\",service=\"ecr.amazonaws.com\"", server.address);
    assert_eq!(reply.header("www-authenticate"), realm);
    assert_eq!(reply.header("docker-distribution-api-version"), "registry/2.0");
    assert_eq!(server.get("/v2/").await.status, 200);
    // AWS:expired, AWS:wrong
    let reply = server.send(Method::GET, "/v2/", &basic("Basic QVdTOmV4cGlyZWQ="), "").await;
    assert_eq!(
        reply.error(),
        "403 DENIED: Your authorization token has expired. Reauthenticate and try again."
    );
    let reply = server.send(Method::GET, "/v2/", &basic("Basic QVdTOndyb25n"), "").await;
    assert_eq!(reply.error(), "403 DENIED: Your Authorization Token is invalid.");
    // AWS:reader
    let reply = server.send(Method::POST, START, &basic("Basic QVdTOnJlYWRlcg=="), "").await;
    assert_eq!(reply.error(), "403 DENIED: reader may not ecr:InitiateLayerUpload");
}

#[tokio::test]
async fn a_repository_that_is_not_there() {
    let server = serve().await;
    let expected = "404 NAME_UNKNOWN: The repository with name 'no/such' does not exist in the registry with id '000000000000'";
    for (method, path) in [
        (Method::POST, "/v2/no/such/blobs/uploads/"),
        (Method::GET, "/v2/no/such/tags/list"),
        (Method::GET, "/v2/no/such/manifests/latest"),
        (Method::PUT, "/v2/no/such/manifests/latest"),
    ] {
        assert_eq!(server.send(method, path, &[], "").await.error(), expected, "{path}");
    }
}

#[tokio::test]
async fn chunks_are_put_together_in_order_only() {
    let server = serve().await;
    let begun = server.send(Method::POST, START, &[], "").await;
    assert_eq!(begun.status, 202);
    assert_eq!(begun.header("range"), "0-0");
    let at = begun.header("location").to_string();
    assert_eq!(at, format!("{START}{}", begun.header("docker-upload-uuid")));

    let chunk = |range: &'static str| [("content-range", range)];
    let reply = server.send(Method::PATCH, &at, &chunk("0-2"), "a l").await;
    assert_eq!((reply.status.as_u16(), reply.header("range")), (202, "0-2"));
    let reply = server.send(Method::PATCH, &at, &chunk("5-6"), "er").await;
    assert_eq!((reply.status.as_u16(), reply.header("range")), (416, "0-2"));
    let reply = server.send(Method::PATCH, &at, &chunk("3-9"), "xx").await;
    assert!(reply.error().contains("disagree"), "{}", reply.error());
    let reply = server.get(&at).await;
    assert_eq!((reply.status.as_u16(), reply.header("range")), (204, "0-2"));

    let digest = Digest::of(LAYER);
    let end = format!("{at}?digest={digest}");
    let reply = server.send(Method::PUT, &end, &chunk("bytes 3-6/7"), "ayer").await;
    assert_eq!(reply.status, 201, "{:?}", reply.body);
    assert_eq!(reply.header("location"), format!("/v2/app/blobs/{digest}"));
    assert_eq!(reply.header("docker-content-digest"), digest.to_string());
    assert_eq!(server.get(&at).await.status, 404);
    assert_eq!(server.get(&format!("/v2/app/blobs/{digest}")).await.body, LAYER);
}

#[tokio::test]
async fn wrong_ends() {
    let server = serve().await;
    let begin =
        || async { server.send(Method::POST, START, &[], "").await.header("location").to_string() };
    let at = begin().await;
    assert!(
        server.send(Method::PUT, &at, &[], "x").await.error().starts_with("400 DIGEST_INVALID")
    );
    let bad = format!("{at}?digest=sha256:12");
    assert!(
        server.send(Method::PUT, &bad, &[], "x").await.error().starts_with("400 DIGEST_INVALID")
    );
    let other = format!("{at}?digest={}", Digest::of(b"y"));
    assert!(
        server.send(Method::PUT, &other, &[], "x").await.error().starts_with("400 DIGEST_INVALID")
    );
    // The bytes were wrong, and no more bytes could mend them.
    assert!(server.get(&at).await.error().starts_with("404 BLOB_UPLOAD_UNKNOWN"));

    let at = begin().await;
    assert_eq!(server.send(Method::DELETE, &at, &[], "").await.status, 204);
    assert_eq!(server.get(&at).await.status, 404);

    // An upload belongs to its repository.
    let at = begin().await;
    let elsewhere = at.replace("/app/", "/team/app/");
    assert!(server.get(&elsewhere).await.error().starts_with("404 BLOB_UPLOAD_UNKNOWN"));
    assert_eq!(server.get("/v2/app/blobs/uploads/..%2f..%2fx").await.status, 404);
}

#[tokio::test]
async fn ranges_and_heads() {
    let server = serve().await;
    let digest = server.push_blob("app", LAYER).await;
    let path = format!("/v2/app/blobs/{digest}");
    let reply = server.send(Method::HEAD, &path, &[], "").await;
    assert_eq!((reply.status.as_u16(), reply.header("content-length")), (200, "7"));
    assert!(reply.body.is_empty());
    let reply = server.send(Method::GET, &path, &[("range", "bytes=2-")], "").await;
    assert_eq!((reply.status.as_u16(), &reply.body[..]), (206, &b"layer"[..]));
    assert_eq!(reply.header("content-range"), "bytes 2-6/7");
    let reply = server.send(Method::GET, &path, &[("range", "bytes=7-")], "").await;
    assert_eq!((reply.status.as_u16(), reply.header("content-range")), (416, "bytes */7"));
    // What is in one repository is not to be seen from another.
    let hidden = server.get(&format!("/v2/team/app/blobs/{digest}")).await;
    assert!(hidden.error().starts_with("404 BLOB_UNKNOWN"));
    let refused = server.send(Method::DELETE, &path, &[], "").await;
    assert!(refused.error().starts_with("405 UNSUPPORTED"));
}

#[tokio::test]
async fn a_blob_is_mounted_from_where_it_is_and_uploaded_where_it_is_not() {
    let server = serve().await;
    let digest = server.push_blob("app", LAYER).await;
    let mount = |from: &str, digest: &Digest| {
        format!("/v2/team/app/blobs/uploads/?mount={digest}&from={from}")
    };
    let reply = server.send(Method::POST, &mount("app", &digest), &[], "").await;
    assert_eq!(reply.status, 201);
    assert_eq!(reply.header("location"), format!("/v2/team/app/blobs/{digest}"));
    assert_eq!(server.get(&format!("/v2/team/app/blobs/{digest}")).await.body, LAYER);
    for from in ["frozen", "no/such"] {
        let reply = server.send(Method::POST, &mount(from, &digest), &[], "").await;
        assert_eq!(reply.status, 202, "{from}");
    }
}

/// A push whose connection breaks is resumed where it broke, and meanwhile
/// nobody else is kept waiting.
#[tokio::test]
async fn a_broken_push_goes_on_where_it_broke() {
    let server = serve().await;
    let at = server.send(Method::POST, START, &[], "").await.header("location").to_string();
    let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "PATCH {at} HTTP/1.1\r\nhost: x\r\nauthorization: Basic QVdTOnRva2Vu\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let piece = vec![b'a'; 700_000];
    stream.write_all(format!("{:x}\r\n", piece.len()).as_bytes()).await.unwrap();
    stream.write_all(&piece).await.unwrap();
    stream.write_all(b"\r\n").await.unwrap();
    // Still open, and a whole other push goes through.
    server.push_blob("app", b"quick").await;
    drop(stream);

    let reply = server.get(&at).await;
    let (_, last) = reply.header("range").split_once('-').unwrap();
    let have = last.parse::<usize>().unwrap() + 1;
    assert!((524_288..=700_000).contains(&have), "{have}");
    let rest = vec![b'a'; 700_000 - have];
    let digest = Digest::of(&piece);
    let reply = server.send(Method::PUT, &format!("{at}?digest={digest}"), &[], rest).await;
    assert_eq!(reply.status, 201, "{:?}", reply.body);
}

#[tokio::test]
async fn a_reader_that_stalls_holds_nobody_up() {
    let server = serve().await;
    let big = vec![9; 20_000_000];
    let digest = server.push_blob("app", &big).await;
    let request = format!(
        "GET /v2/app/blobs/{digest} HTTP/1.1\r\nhost: x\r\nauthorization: Basic QVdTOnRva2Vu\r\nconnection: close\r\n\r\n"
    );
    let mut stalled = Vec::new();
    for _ in 0..20 {
        let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        stalled.push(stream);
    }
    assert_eq!(server.get(&format!("/v2/app/blobs/{digest}")).await.body.len(), big.len());
    let mut received = Vec::new();
    stalled.pop().unwrap().read_to_end(&mut received).await.unwrap();
    assert!(received.ends_with(&big[..1000]) && received.len() > big.len());
}
