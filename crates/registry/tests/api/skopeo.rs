//! The flows of a real client.

use std::path::Path;

use neargate_blobs::Digest;
use neargate_images::media;
use serde_json::{Value, json};

use crate::support::{Server, descriptor, serve};

/// Runs skopeo; its output, or what it said when it failed.
async fn skopeo(args: &[&str]) -> Result<String, String> {
    let output = tokio::process::Command::new("skopeo").args(args).output().await;
    let output = output.expect("skopeo is installed");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

pub async fn copy(from: &str, to: &str, more: &[&str]) -> Result<String, String> {
    let plain = ["copy", "--src-tls-verify=false", "--dest-tls-verify=false"];
    let creds = if from.starts_with("docker:") { "--src-creds" } else { "--dest-creds" };
    skopeo(&[&plain[..], &[creds, "AWS:token"], more, &[from, to]].concat()).await
}

/// An OCI layout of two platforms, with a layer large enough to be streamed.
fn layout(dir: &Path) {
    let blobs = dir.join("blobs/sha256");
    std::fs::create_dir_all(&blobs).unwrap();
    let store = |media_type: &str, bytes: &[u8]| {
        std::fs::write(blobs.join(Digest::of(bytes).hex()), bytes).unwrap();
        descriptor(media_type, bytes)
    };
    let layer: Vec<u8> =
        (0..3_000_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let tar = "application/vnd.oci.image.layer.v1.tar";
    let mut images = Vec::new();
    for architecture in ["amd64", "arm64"] {
        let config = json!({
            "architecture": architecture, "os": "linux", "config": {"Cmd": ["/hello"]},
            "rootfs": {"type": "layers", "diff_ids": [Digest::of(&layer).to_string()]},
        });
        let manifest = json!({
            "schemaVersion": 2, "mediaType": media::OCI_MANIFEST,
            "config": store(media::OCI_CONFIG, config.to_string().as_bytes()),
            "layers": [store(tar, &layer)],
        });
        let mut image = store(media::OCI_MANIFEST, manifest.to_string().as_bytes());
        image["platform"] = json!({"os": "linux", "architecture": architecture});
        images.push(image);
    }
    let index = json!({"schemaVersion": 2, "mediaType": media::OCI_INDEX, "manifests": images});
    let mut top = store(media::OCI_INDEX, index.to_string().as_bytes());
    top["annotations"] = json!({"org.opencontainers.image.ref.name": "latest"});
    std::fs::write(dir.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
    let root = json!({"schemaVersion": 2, "manifests": [top]});
    std::fs::write(dir.join("index.json"), root.to_string()).unwrap();
}

pub fn source(server: &Server) -> String {
    let dir = server.dir.path().join("layout");
    layout(&dir);
    format!("oci:{}:latest", dir.display())
}

#[tokio::test]
async fn push_inspect_pull_and_delete() {
    let server = serve().await;
    let source = source(&server);
    let image = format!("docker://{}/team/app:v1", server.address);
    copy(&source, &image, &[]).await.unwrap();

    let login = ["--tls-verify=false", "--creds", "AWS:token"];
    let shown = skopeo(&[&["inspect"], &login[..], &[&image]].concat()).await.unwrap();
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["RepoTags"], json!(["v1"]));
    assert_eq!(shown["Os"], "linux");
    assert_eq!(shown["Layers"].as_array().unwrap().len(), 1);

    let back = server.dir.path().join("back");
    copy(&image, &format!("oci:{}:v1", back.display()), &[]).await.unwrap();
    let pulled = std::fs::read_dir(back.join("blobs/sha256")).unwrap().count();
    assert_eq!(pulled, 3);

    // Again, and into another repository: nothing needs to travel.
    copy(&source, &image, &[]).await.unwrap();
    skopeo(&[&["delete"], &login[..], &[&image]].concat()).await.unwrap();
    let gone = skopeo(&[&["inspect"], &login[..], &[&image]].concat()).await.unwrap_err();
    assert!(gone.contains("Requested image not found"), "{gone}");
}

#[tokio::test]
async fn all_platforms_and_dockers_own_format() {
    let server = serve().await;
    let source = source(&server);
    let image = format!("docker://{}/app:multi", server.address);
    copy(&source, &image, &["--all"]).await.unwrap();
    let inspect = ["inspect", "--raw", "--tls-verify=false", "--creds", "AWS:token", &image];
    let raw = skopeo(&inspect);
    let raw: Value = serde_json::from_str(&raw.await.unwrap()).unwrap();
    assert_eq!(raw["mediaType"], media::OCI_INDEX);
    assert_eq!(raw["manifests"].as_array().unwrap().len(), 2);

    let docker = format!("docker://{}/app:docker", server.address);
    copy(&source, &docker, &["--all", "--format", "v2s2"]).await.unwrap();
    let reply = server.get("/v2/app/manifests/docker").await;
    assert_eq!(reply.header("content-type"), media::DOCKER_LIST);
}

#[tokio::test]
async fn what_ecr_refuses_skopeo_reports() {
    let server = serve().await;
    let source = source(&server);
    let to = |name: &str| format!("docker://{}/{name}", server.address);
    let said = copy(&source, &to("no/such:v1"), &[]).await.unwrap_err();
    assert!(said.contains("The repository with name 'no/such' does not exist"), "{said}");
    copy(&source, &to("frozen:v1"), &["--override-arch", "amd64"]).await.unwrap();
    copy(&source, &to("frozen:v1"), &["--override-arch", "amd64"]).await.unwrap();
    let said = copy(&source, &to("frozen:v1"), &["--override-arch", "arm64"]).await.unwrap_err();
    assert!(said.contains("cannot be overwritten because the repository is immutable"), "{said}");
}
