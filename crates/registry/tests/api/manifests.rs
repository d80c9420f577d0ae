//! Manifests, indexes, tags and referrers.

use http::Method;
use neargate_blobs::Digest;
use neargate_images::{MANIFEST_LIMIT, media};
use serde_json::json;

use crate::support::{CONFIG, LAYER, Server, digest_of, manifest, serve};

async fn with_blobs(repository: &str) -> Server {
    let server = serve().await;
    server.push_blob(repository, CONFIG).await;
    server.push_blob(repository, LAYER).await;
    server
}

#[tokio::test]
async fn a_manifest_comes_back_as_it_went_in() {
    let server = with_blobs("team/app").await;
    let manifest = manifest("one");
    let digest = digest_of(&manifest);
    let reply = server.put_manifest("team/app", "v1", &manifest).await;
    assert_eq!(reply.status, 201, "{:?}", reply.body);
    assert_eq!(reply.header("docker-content-digest"), digest.to_string());
    assert_eq!(reply.header("location"), format!("/v2/team/app/manifests/{digest}"));
    for reference in ["v1", &digest.to_string()] {
        let path = format!("/v2/team/app/manifests/{reference}");
        let reply = server.get(&path).await;
        assert_eq!(reply.body, manifest.to_string());
        assert_eq!(reply.header("content-type"), media::OCI_MANIFEST);
        let head = server.send(Method::HEAD, &path, &[], "").await;
        assert_eq!(head.header("docker-content-digest"), digest.to_string());
        assert_eq!(head.header("content-length"), manifest.to_string().len().to_string());
    }
    let pulls = std::mem::take(&mut *server.fake.pulls.lock().unwrap());
    assert_eq!(pulls, vec![("team/app".to_owned(), digest); 2], "a look at its head is none");
    assert_eq!(server.blobs.read(&digest, 10_000).await.unwrap().unwrap(), manifest.to_string());
}

#[tokio::test]
async fn manifests_that_are_refused() {
    let server = with_blobs("app").await;
    let put = |reference: &str, content_type: &'static str, body: String| {
        let path = format!("/v2/app/manifests/{reference}");
        let server = &server;
        async move {
            server.send(Method::PUT, &path, &[("content-type", content_type)], body).await.error()
        }
    };
    let good = manifest("").to_string();
    let oci = media::OCI_MANIFEST;
    let wrong = Digest::of(b"other").to_string();
    assert!(put(&wrong, oci, good.clone()).await.starts_with("400 DIGEST_INVALID"));
    assert!(put("sha256:12", oci, good.clone()).await.starts_with("400 DIGEST_INVALID"));
    assert!(put("-x", oci, good.clone()).await.starts_with("400 TAG_INVALID"));
    assert!(put("x", oci, "{".into()).await.starts_with("400 MANIFEST_INVALID"));
    assert!(put("x", "text/html", good.clone()).await.starts_with("400 MANIFEST_INVALID"));
    let schema1 = "application/vnd.docker.distribution.manifest.v1+prettyjws";
    assert!(put("x", schema1, "{}".into()).await.starts_with("400 MANIFEST_INVALID"));
    let size = good.replace("\"size\":7", "\"size\":8");
    assert!(put("x", oci, size).await.contains("is 7, and the manifest says 8"));
    let large = " ".repeat(MANIFEST_LIMIT as usize + 1);
    assert!(put("x", oci, large).await.starts_with("413 SIZE_INVALID"));
    let absent = good.replace(&Digest::of(LAYER).to_string(), &wrong);
    assert_eq!(
        put("x", oci, absent).await,
        format!(
            "400 MANIFEST_BLOB_UNKNOWN: Layers with digests '[{wrong}]' required for pushing image into repository with name 'app' do not exist"
        )
    );
    // In the store, and not in this repository.
    let elsewhere = server.put_manifest("team/app", "x", &manifest("")).await;
    assert!(elsewhere.error().starts_with("400 MANIFEST_BLOB_UNKNOWN"));
    assert_eq!(
        server.get("/v2/app/manifests/x").await.error(),
        "404 MANIFEST_UNKNOWN: Requested image not found"
    );
}

#[tokio::test]
async fn an_immutable_tag_stays() {
    let server = with_blobs("frozen").await;
    assert_eq!(server.put_manifest("frozen", "v1", &manifest("a")).await.status, 201);
    assert_eq!(
        server.put_manifest("frozen", "v1", &manifest("b")).await.error(),
        "400 TAG_INVALID: The image tag 'v1' already exists in the 'frozen' repository and cannot be overwritten because the repository is immutable."
    );
    assert_eq!(server.get("/v2/frozen/manifests/v1").await.body, manifest("a").to_string());
}

#[tokio::test]
async fn an_index_needs_its_images() {
    let server = with_blobs("app").await;
    let (amd64, arm64) = (manifest("amd64"), manifest("arm64"));
    let child = |manifest: &serde_json::Value, architecture: &str| {
        json!({
            "mediaType": media::OCI_MANIFEST,
            "digest": digest_of(manifest).to_string(),
            "size": manifest.to_string().len(),
            "platform": {"os": "linux", "architecture": architecture},
        })
    };
    let index = json!({
        "schemaVersion": 2,
        "mediaType": media::OCI_INDEX,
        "manifests": [child(&amd64, "amd64"), child(&arm64, "arm64")],
    });
    let by_digest = digest_of(&amd64).to_string();
    assert_eq!(server.put_manifest("app", &by_digest, &amd64).await.status, 201);
    let missing = digest_of(&arm64);
    assert_eq!(
        server.put_manifest("app", "multi", &index).await.error(),
        format!(
            "400 MANIFEST_BLOB_UNKNOWN: Images with digests '[{missing}]' required for pushing image into repository with name 'app' do not exist"
        )
    );
    assert_eq!(server.put_manifest("app", "arm", &arm64).await.status, 201);
    assert_eq!(server.put_manifest("app", "multi", &index).await.status, 201);
    let reply = server.get("/v2/app/manifests/multi").await;
    assert_eq!(reply.header("content-type"), media::OCI_INDEX);
    assert_eq!(reply.json(), index);
}

#[tokio::test]
async fn tags_come_in_pages() {
    let server = with_blobs("app").await;
    assert_eq!(server.get("/v2/app/tags/list").await.json(), json!({"name": "app", "tags": []}));
    for tag in ["c", "a", "b"] {
        server.put_manifest("app", tag, &manifest("")).await;
    }
    let first = server.get("/v2/app/tags/list?n=2").await;
    assert_eq!(first.json()["tags"], json!(["a", "b"]));
    assert_eq!(first.header("link"), "</v2/app/tags/list?last=b&n=2>; rel=\"next\"");
    let second = server.get("/v2/app/tags/list?last=b&n=2").await;
    assert_eq!(second.json()["tags"], json!(["c"]));
    assert_eq!(second.header("link"), "");
    let too_many = server.get("/v2/app/tags/list?n=10000").await;
    assert!(too_many.error().starts_with("400 UNSUPPORTED: Invalid parameter at 'maxResults'"));
    let catalog = server.get("/v2/_catalog?n=2").await;
    assert_eq!(catalog.json(), json!({"repositories": ["app", "frozen"]}));
}

#[tokio::test]
async fn deleting_by_tag_and_by_digest() {
    let server = with_blobs("app").await;
    let digest = digest_of(&manifest(""));
    for tag in ["a", "b"] {
        server.put_manifest("app", tag, &manifest("")).await;
    }
    let delete = |reference: String| {
        let (server, path) = (&server, format!("/v2/app/manifests/{reference}"));
        async move { server.send(Method::DELETE, &path, &[], "").await.status.as_u16() }
    };
    assert_eq!(delete("a".into()).await, 202);
    assert_eq!(delete("a".into()).await, 404);
    assert_eq!(server.get("/v2/app/manifests/b").await.status, 200);
    assert_eq!(delete(digest.to_string()).await, 202);
    assert_eq!(server.get("/v2/app/manifests/b").await.status, 404);
}

#[tokio::test]
async fn what_refers_to_a_manifest_is_found() {
    let server = with_blobs("app").await;
    let subject = manifest("subject");
    server.put_manifest("app", "v1", &subject).await;
    let about = digest_of(&subject);
    let mut signature = manifest("signature");
    signature["artifactType"] = json!("application/x.signature");
    signature["subject"] = json!({
        "mediaType": media::OCI_MANIFEST, "digest": about.to_string(), "size": subject.to_string().len(),
    });
    let digest = digest_of(&signature).to_string();
    let reply = server.put_manifest("app", &digest, &signature).await;
    assert_eq!(reply.header("oci-subject"), about.to_string());

    let path = format!("/v2/app/referrers/{about}");
    let found = server.get(&path).await;
    assert_eq!(found.header("content-type"), media::OCI_INDEX);
    let only = &found.json()["manifests"][0];
    assert_eq!(only["digest"], digest);
    assert_eq!(only["artifactType"], "application/x.signature");
    assert_eq!(only["annotations"]["note"], "signature");
    let filtered = server.get(&format!("{path}?artifactType=application/x.sbom")).await;
    assert_eq!(filtered.header("oci-filters-applied"), "artifactType");
    assert_eq!(filtered.json()["manifests"], json!([]));
    let nothing = server.get(&format!("/v2/app/referrers/{}", Digest::of(b""))).await;
    assert_eq!(nothing.json()["manifests"], json!([]));
}

#[tokio::test]
async fn what_is_not_served_is_said() {
    let server = serve().await;
    assert_eq!(server.send(Method::POST, "/v2/", &[], "").await.status, 405);
    assert_eq!(server.send(Method::POST, "/v2/app/tags/list", &[], "").await.status, 405);
    assert_eq!(server.get("/v2/app").await.status, 404);
    assert!(server.get("/v2/App/tags/list").await.error().starts_with("400 NAME_INVALID"));
}
