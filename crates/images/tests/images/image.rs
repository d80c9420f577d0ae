//! Images made by hand.

use std::io::Write;

use neargate_blobs::{Blobs, Digest};
use neargate_images::media;
use serde_json::{Value, json};
use tar::{Builder, EntryType, Header};

pub const ARCH: &str = if cfg!(target_arch = "x86_64") { "amd64" } else { "arm64" };
pub const OTHER_ARCH: &str = if cfg!(target_arch = "x86_64") { "arm64" } else { "amd64" };

/// A tar in the making, which takes paths that no tar tool would write.
pub struct Layer(Builder<Vec<u8>>);

impl Layer {
    pub fn new() -> Self {
        Layer(Builder::new(Vec::new()))
    }

    pub fn file(self, path: &str, content: &str) -> Self {
        self.entry(EntryType::Regular, path, "", content, 0o644)
    }

    pub fn dir(self, path: &str) -> Self {
        self.entry(EntryType::Directory, path, "", "", 0o755)
    }

    pub fn symlink(self, path: &str, target: &str) -> Self {
        self.entry(EntryType::Symlink, path, target, "", 0o777)
    }

    pub fn hard_link(self, path: &str, target: &str) -> Self {
        self.entry(EntryType::Link, path, target, "", 0o644)
    }

    pub fn entry(
        mut self,
        kind: EntryType,
        path: &str,
        target: &str,
        content: &str,
        mode: u32,
    ) -> Self {
        let mut header = Header::new_gnu();
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.as_old_mut().linkname[..target.len()].copy_from_slice(target.as_bytes());
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_uid(1000);
        header.set_gid(1001);
        header.set_mtime(1_700_000_000);
        header.set_size(content.len() as u64);
        if kind.is_character_special() || kind.is_block_special() {
            header.set_device_major(1).unwrap();
            header.set_device_minor(3).unwrap();
        }
        header.set_cksum();
        self.0.append(&header, content.as_bytes()).unwrap();
        self
    }

    pub fn pax(mut self, extensions: &[(&str, &[u8])]) -> Self {
        self.0.append_pax_extensions(extensions.iter().copied()).unwrap();
        self
    }

    pub fn tar(self) -> Vec<u8> {
        self.0.into_inner().unwrap()
    }
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn descriptor(media_type: &str, bytes: &[u8]) -> Value {
    json!({"mediaType": media_type, "digest": Digest::of(bytes).to_string(), "size": bytes.len()})
}

/// An image's parts: configuration, manifest, and the layers as they travel.
pub struct Image {
    pub config: Vec<u8>,
    pub manifest: Vec<u8>,
    pub layers: Vec<Vec<u8>>,
}

impl Image {
    /// Of tars, each with the bytes that it travels as.
    pub fn of(architecture: &str, layers: Vec<(Vec<u8>, Vec<u8>)>) -> Self {
        let diff_ids: Vec<_> = layers.iter().map(|(tar, _)| Digest::of(tar).to_string()).collect();
        let config = json!({
            "architecture": architecture, "os": "linux",
            "config": {"Entrypoint": ["/bin/app"], "Env": ["A=b"], "User": "1000"},
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
        });
        let config = config.to_string().into_bytes();
        let layers: Vec<Vec<u8>> = layers.into_iter().map(|(_, travelling)| travelling).collect();
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": media::OCI_MANIFEST,
            "config": descriptor(media::OCI_CONFIG, &config),
            "layers": layers.iter().map(|l| descriptor(media::OCI_LAYER_GZIP, l)).collect::<Vec<_>>(),
        });
        Image { config, manifest: manifest.to_string().into_bytes(), layers }
    }

    pub fn gzipped(architecture: &str, tars: Vec<Vec<u8>>) -> Self {
        Image::of(architecture, tars.into_iter().map(|tar| (tar.clone(), gzip(&tar))).collect())
    }

    pub fn digest(&self) -> Digest {
        Digest::of(&self.manifest)
    }

    pub fn blobs(&self) -> Vec<Vec<u8>> {
        let mut all = vec![self.manifest.clone(), self.config.clone()];
        all.extend(self.layers.iter().cloned());
        all
    }

    pub async fn store(&self, blobs: &Blobs) -> Digest {
        for blob in self.blobs() {
            blobs.put(blob.into()).await.unwrap();
        }
        self.digest()
    }
}

/// An index of images by architecture.
pub fn index(images: &[(&str, &Image)]) -> Vec<u8> {
    let manifests = images.iter().map(|(architecture, image)| {
        let mut descriptor = descriptor(media::OCI_MANIFEST, &image.manifest);
        descriptor["platform"] = json!({"os": "linux", "architecture": architecture});
        descriptor
    });
    let manifests: Vec<Value> = manifests.collect();
    let index = json!({"schemaVersion": 2, "mediaType": media::OCI_INDEX, "manifests": manifests});
    index.to_string().into_bytes()
}
