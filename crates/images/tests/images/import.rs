//! Layouts and archives, as other tools write them.

use std::path::Path;

use neargate_blobs::{Blobs, Digest};
use neargate_images::{Unpacker, import, media};
use serde_json::json;

use crate::image::{ARCH, Image, Layer, OTHER_ARCH, descriptor, gzip, index};

fn image(architecture: &str) -> Image {
    Image::gzipped(architecture, vec![Layer::new().file("hello", architecture).tar()])
}

fn write_layout(dir: &Path, blobs: &[Vec<u8>], index: &serde_json::Value) {
    std::fs::create_dir_all(dir.join("blobs/sha256")).unwrap();
    for blob in blobs {
        std::fs::write(dir.join("blobs/sha256").join(Digest::of(blob).hex()), blob).unwrap();
    }
    std::fs::write(dir.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
    std::fs::write(dir.join("index.json"), index.to_string()).unwrap();
}

fn tar_of(dir: &Path, file: &Path) {
    let mut builder = tar::Builder::new(std::fs::File::create(file).unwrap());
    builder.append_dir_all(".", dir).unwrap();
    builder.finish().unwrap();
}

#[tokio::test]
async fn a_layout_and_its_archives() {
    let dir = tempfile::tempdir().unwrap();
    let image = image(ARCH);
    let mut named = descriptor(media::OCI_MANIFEST, &image.manifest);
    named["annotations"] = json!({"io.containerd.image.name": "docker.io/library/busybox:1"});
    let layout = dir.path().join("layout");
    write_layout(&layout, &image.blobs(), &json!({"schemaVersion": 2, "manifests": [named]}));
    let (plain, compressed) = (dir.path().join("a.tar"), dir.path().join("a.tar.gz"));
    tar_of(&layout, &plain);
    std::fs::write(&compressed, gzip(&std::fs::read(&plain).unwrap())).unwrap();

    for (number, source) in [layout, plain, compressed].iter().enumerate() {
        let blobs = Blobs::open(dir.path().join(format!("blobs-{number}"))).unwrap();
        let task = {
            let (blobs, source) = (blobs.clone(), source.clone());
            tokio::spawn(async move { import(&blobs, &source).await })
        };
        let imported = task.await.unwrap().unwrap();
        assert_eq!(imported.len(), 1);
        assert_eq!(imported[0].digest, image.digest());
        let name = imported[0].name.as_ref().unwrap().to_string();
        assert_eq!(name, "docker.io/library/busybox:1");
        let layers = dir.path().join(format!("layers-{number}"));
        let prepared =
            Unpacker::open(blobs, layers).unwrap().prepare(&imported[0].digest).await.unwrap();
        assert_eq!(std::fs::read_to_string(prepared.layers[0].join("hello")).unwrap(), ARCH);
    }
}

#[tokio::test]
async fn an_index_may_lack_the_platforms_that_were_not_copied() {
    let dir = tempfile::tempdir().unwrap();
    let (ours, theirs) = (image(ARCH), image(OTHER_ARCH));
    let both = index(&[(OTHER_ARCH, &theirs), (ARCH, &ours)]);
    let mut blobs = ours.blobs();
    blobs.push(both.clone());
    let mut top = descriptor(media::OCI_INDEX, &both);
    top["annotations"] = json!({"org.opencontainers.image.ref.name": "latest"});
    let layout = dir.path().join("layout");
    write_layout(&layout, &blobs, &json!({"schemaVersion": 2, "manifests": [top]}));
    let store = Blobs::open(dir.path().join("blobs")).unwrap();
    let imported = import(&store, &layout).await.unwrap();
    assert_eq!((imported[0].digest, imported[0].name.clone()), (Digest::of(&both), None));
    let unpacker = Unpacker::open(store, dir.path().join("layers")).unwrap();
    assert_eq!(unpacker.prepare(&imported[0].digest).await.unwrap().digest, ours.digest());
}

#[tokio::test]
async fn what_docker_save_wrote_before_it_knew_oci() {
    let dir = tempfile::tempdir().unwrap();
    let save = dir.path().join("save");
    let layer = Layer::new().file("hello", "docker").tar();
    let config = Image::gzipped(ARCH, vec![layer.clone(), layer.clone()]).config;
    std::fs::create_dir_all(save.join("one")).unwrap();
    std::fs::create_dir_all(save.join("two")).unwrap();
    std::fs::write(save.join("one/layer.tar"), &layer).unwrap();
    std::os::unix::fs::symlink("../one/layer.tar", save.join("two/layer.tar")).unwrap();
    std::fs::write(save.join("config.json"), config).unwrap();
    let table = json!([{
        "Config": "config.json", "RepoTags": ["app:1", "team/app:2"],
        "Layers": ["one/layer.tar", "two/layer.tar"],
    }]);
    std::fs::write(save.join("manifest.json"), table.to_string()).unwrap();
    let archive = dir.path().join("save.tar");
    let mut builder = tar::Builder::new(std::fs::File::create(&archive).unwrap());
    builder.follow_symlinks(false);
    builder.append_dir_all(".", &save).unwrap();
    builder.finish().unwrap();

    let blobs = Blobs::open(dir.path().join("blobs")).unwrap();
    let imported = import(&blobs, &archive).await.unwrap();
    let names: Vec<String> =
        imported.iter().map(|i| i.name.as_ref().unwrap().to_string()).collect();
    assert_eq!(names, ["docker.io/library/app:1", "docker.io/team/app:2"]);
    let unpacker = Unpacker::open(blobs, dir.path().join("layers")).unwrap();
    let prepared = unpacker.prepare(&imported[0].digest).await.unwrap();
    assert_eq!(std::fs::read_to_string(prepared.layers[0].join("hello")).unwrap(), "docker");
}

#[tokio::test]
async fn broken_sources() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(dir.path().join("blobs")).unwrap();
    let layout = dir.path().join("layout");
    let image = image(ARCH);
    let top = json!({
        "schemaVersion": 2, "manifests": [descriptor(media::OCI_MANIFEST, &image.manifest)],
    });
    // A layer is missing.
    write_layout(&layout, &image.blobs()[..2], &top);
    let layer = Digest::of(&image.layers[0]).hex();
    assert!(import(&blobs, &layout).await.unwrap_err().to_string().contains(&layer));
    let archive = dir.path().join("a.tar");
    tar_of(&layout, &archive);
    assert!(import(&blobs, &archive).await.unwrap_err().to_string().contains(&layer));
    // A layer is not what its name says.
    std::fs::write(layout.join("blobs/sha256").join(&layer), "junk").unwrap();
    assert!(import(&blobs, &layout).await.unwrap_err().to_string().contains("was expected"));
    assert!(import(&blobs, &dir.path().join("none")).await.is_err());
    std::fs::write(&archive, "no archive at all").unwrap();
    assert!(import(&blobs, &archive).await.is_err());
}
