//! The operations as a client sees them, on a cloud in memory and blobs in a
//! directory of the test's own.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use expect_test::expect;
use neargate_api::{Ctx, Service};
use neargate_blobs::{Blobs, Digest};
use neargate_registry::{Credentials, ManifestReference, Repositories};
use neargate_testkit::{call, text, texts};
use serde_json::{Value, json};

struct Registry {
    ctx: Ctx,
    service: Service,
    _dir: tempfile::TempDir,
}

impl Registry {
    async fn with_repository(settings: Value) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let service = super::service(Blobs::open(dir.path()).unwrap(), Default::default());
        let registry = Registry { ctx: neargate_testkit::ctx(), service, _dir: dir };
        let mut input = json!({ "repositoryName": "app" });
        input.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        registry.call("CreateRepository", input).await.unwrap();
        registry
    }

    /// The answer, or the error's code and message.
    async fn call(&self, operation: &str, mut input: Value) -> Result<String, String> {
        input["repositoryName"] = "app".into();
        let answer = call(&self.ctx, &self.service, operation, input).await;
        answer.map_err(|error| format!("{}: {}", error.code, error.message))
    }

    async fn upload(&self, bytes: &[u8]) -> Result<String, String> {
        let begun = self.call("InitiateLayerUpload", json!({})).await?;
        let id = text(&begun, "uploadId");
        let (first, second) = bytes.split_at(bytes.len() / 2);
        for (begins, part) in [(0, first), (first.len(), second)] {
            let input = json!({
                "uploadId": id, "partFirstByte": begins, "partLastByte": begins + part.len() - 1,
                "layerPartBlob": STANDARD.encode(part),
            });
            self.call("UploadLayerPart", input).await?;
        }
        let digest = Digest::of(bytes).to_string();
        let input = json!({ "uploadId": id, "layerDigests": [digest] });
        self.call("CompleteLayerUpload", input).await?;
        Ok(digest)
    }

    /// Pushes an image whose one layer is `layer`, under `tag`.
    async fn push(&self, layer: &str, tag: &str) -> Result<String, String> {
        let part = |bytes: &str, kind: &str| json!({ "mediaType": kind, "digest": Digest::of(bytes.as_bytes()).to_string(), "size": bytes.len() });
        for bytes in ["{\"os\":\"linux\"}", layer] {
            match self.upload(bytes.as_bytes()).await {
                Err(why) if !why.starts_with("LayerAlreadyExistsException") => return Err(why),
                _ => {}
            }
        }
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": part("{\"os\":\"linux\"}", "application/vnd.oci.image.config.v1+json"),
            "layers": [part(layer, "application/vnd.oci.image.layer.v1.tar+gzip")],
        });
        let input = json!({ "imageManifest": manifest.to_string(), "imageTag": tag });
        self.call("PutImage", input).await.map(|answer| text(&answer, "imageDigest"))
    }

    async fn tags(&self) -> Vec<String> {
        let mut tags = texts(&self.call("ListImages", json!({})).await.unwrap(), "imageTag");
        tags.sort();
        tags
    }
}

#[test]
fn every_operation_of_the_list_has_its_function() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(dir.path()).unwrap();
    assert_eq!(super::service(blobs, Default::default()).unregistered(), [""; 0]);
}

#[tokio::test]
async fn a_repository_is_shown_as_it_was_made() {
    let registry = Registry::with_repository(json!({
        "imageTagMutability": "IMMUTABLE", "encryptionConfiguration": { "encryptionType": "KMS" }
    }))
    .await;
    let shown = call(&registry.ctx, &registry.service, "DescribeRepositories", json!({})).await;
    expect![[r#"
        {
          "repositories": [
            {
              "createdAt": 1767323045,
              "encryptionConfiguration": {
                "encryptionType": "KMS",
                "kmsKey": "arn:aws:kms:us-west-2:000000000000:alias/aws/ecr"
              },
              "imageScanningConfiguration": {
                "scanOnPush": false
              },
              "imageTagMutability": "IMMUTABLE",
              "registryId": "000000000000",
              "repositoryArn": "arn:aws:ecr:us-west-2:000000000000:repository/app",
              "repositoryName": "app",
              "repositoryUri": "127.0.0.1:4566/app"
            }
          ]
        }
    "#]]
    .assert_eq(&shown.unwrap());
    let again = registry.call("CreateRepository", json!({})).await.unwrap_err();
    assert!(again.starts_with("RepositoryAlreadyExistsException"), "{again}");
}

#[tokio::test]
async fn a_tag_moves_to_the_image_that_was_pushed_last() {
    let registry = Registry::with_repository(json!({})).await;
    let first = registry.push("one", "latest").await.unwrap();
    let second = registry.push("two", "latest").await.unwrap();
    let shown =
        registry.call("BatchGetImage", json!({ "imageIds": [{ "imageTag": "latest" }] })).await;
    assert_eq!(text(&shown.unwrap(), "imageDigest"), second);
    let untagged =
        registry.call("ListImages", json!({ "filter": { "tagStatus": "UNTAGGED" } })).await;
    assert_eq!(text(&untagged.unwrap(), "imageDigest"), first);
    let again = registry.push("two", "latest").await.unwrap_err();
    assert!(again.starts_with("ImageAlreadyExistsException"), "{again}");
}

#[tokio::test]
async fn an_immutable_tag_stays() {
    let registry = Registry::with_repository(json!({ "imageTagMutability": "IMMUTABLE" })).await;
    registry.push("one", "v1").await.unwrap();
    expect![[
        "ImageTagAlreadyExistsException: The image tag 'v1' already exists in the 'app' repository and cannot be overwritten because the repository is immutable."
    ]]
    .assert_eq(&registry.push("two", "v1").await.unwrap_err());
    registry.push("two", "v2").await.unwrap();
    assert_eq!(registry.tags().await, ["v1", "v2"]);
}

#[tokio::test]
async fn a_manifest_needs_its_layers() {
    let registry = Registry::with_repository(json!({})).await;
    let absent =
        json!({ "mediaType": "a/b", "digest": Digest::of(b"absent").to_string(), "size": 6 });
    let manifest = json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": absent, "layers": [],
    });
    let put = registry.call("PutImage", json!({ "imageManifest": manifest.to_string() })).await;
    assert!(put.unwrap_err().starts_with("LayersNotFoundException"));
}

#[tokio::test]
async fn by_its_last_tag_an_image_goes_and_a_repository_goes_when_empty() {
    let registry = Registry::with_repository(json!({})).await;
    registry.push("one", "a").await.unwrap();
    registry.push("one", "b").await.unwrap();
    let refused = registry.call("DeleteRepository", json!({})).await.unwrap_err();
    assert!(refused.starts_with("RepositoryNotEmptyException"), "{refused}");
    let delete = |tag: &str| json!({ "imageIds": [{ "imageTag": tag }] });
    registry.call("BatchDeleteImage", delete("a")).await.unwrap();
    assert_eq!(registry.tags().await, ["b"]);
    let gone = registry.call("BatchDeleteImage", delete("a")).await.unwrap();
    assert_eq!(text(&gone, "failureCode"), "ImageNotFound");
    registry.call("BatchDeleteImage", delete("b")).await.unwrap();
    registry.call("DeleteRepository", json!({})).await.unwrap();
}

#[tokio::test]
async fn a_lifecycle_policy_expires_what_its_preview_says() {
    let registry = Registry::with_repository(json!({})).await;
    for (layer, tag) in [("one", "v1"), ("two", "v2"), ("three", "v3")] {
        registry.push(layer, tag).await.unwrap();
        registry.ctx.cloud.clock.advance_millis(1000);
    }
    let selection =
        json!({ "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1 });
    let rule = json!({ "rulePriority": 1, "selection": selection, "action": { "type": "expire" } });
    let policy = json!({ "rules": [rule] }).to_string();
    registry.call("PutLifecyclePolicy", json!({ "lifecyclePolicyText": policy })).await.unwrap();
    registry.call("StartLifecyclePolicyPreview", json!({})).await.unwrap();
    let preview = registry.call("GetLifecyclePolicyPreview", json!({})).await.unwrap();
    assert_eq!(text(&preview, "expiringImageTotalCount"), "2");
    let expired = super::expire(&registry.ctx.cloud).await.unwrap();
    assert_eq!(expired.len(), 2);
    assert_eq!(registry.tags().await, ["v3"]);
    assert_eq!(super::expire(&registry.ctx.cloud).await.unwrap(), []);
    registry.ctx.cloud.clock.advance_millis(25 * 3_600_000);
    super::expire(&registry.ctx.cloud).await.unwrap();
    // The configuration, the last image's layer and its manifest.
    assert_eq!(super::live_blobs(&registry.ctx.snapshot()).len(), 3);
}

#[tokio::test]
async fn a_token_opens_the_repositories_of_its_region_only() {
    let registry = Registry::with_repository(json!({})).await;
    registry.push("one", "v1").await.unwrap();
    for (region, tags) in [("us-west-2", vec!["v1".to_owned()]), ("eu-west-1", vec![])] {
        let ctx = Ctx { region: region.into(), ..registry.ctx.clone() };
        let answer =
            call(&ctx, &registry.service, "GetAuthorizationToken", json!({})).await.unwrap();
        let token = STANDARD.decode(text(&answer, "authorizationToken")).unwrap();
        let token = String::from_utf8(token).unwrap();
        let password = token.strip_prefix("AWS:").unwrap().to_owned();
        let repositories = super::StoredRepositories::new(ctx.cloud.clone(), Default::default());
        let credentials = Credentials { username: "AWS".into(), password };
        repositories.authorize(&credentials).await.unwrap();
        assert_eq!(repositories.tags("app").await.unwrap(), tags);
        let found =
            repositories.resolve("app", &ManifestReference::Tag("v1".into())).await.unwrap();
        assert_eq!(found.is_some(), !tags.is_empty());
    }
}

#[tokio::test]
async fn references_in_our_form_and_in_awss_are_to_the_same_repository() {
    let registry = Registry::with_repository(json!({})).await;
    let digest = registry.push("one", "v1").await.unwrap();
    let resolved = |reference: &str| {
        let parsed = reference.parse().unwrap();
        let ours = super::repository_of(&registry.ctx.cloud, &registry.ctx.region, &parsed)?;
        Some(super::resolve(&registry.ctx, &ours, &parsed).map(|found| found.to_string()))
    };
    let aws = "000000000000.dkr.ecr.us-west-2.amazonaws.com/app:v1";
    for reference in ["127.0.0.1:4566/app:v1", "localhost:4566/app:v1", aws] {
        assert_eq!(resolved(reference), Some(Ok(digest.clone())), "{reference}");
    }
    for reference in ["busybox", "127.0.0.1:5000/app:v1", "ghcr.io/app:v1"] {
        assert_eq!(resolved(reference), None, "{reference}");
    }
    expect![[
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref 127.0.0.1:4566/app:v2: 127.0.0.1:4566/app:v2: not found"
    ]]
    .assert_eq(&resolved("127.0.0.1:4566/app:v2").unwrap().unwrap_err().stopped_reason());
}
