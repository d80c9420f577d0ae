//! Layers as directories that overlayfs can stack.
//!
//! One directory per diffID, shared by all images that have the layer:
//! `<root>/<32 hex>/fs`. Names are short because a mount's options fit in one
//! page: mount from within [`Unpacker::root`] by relative paths for images of
//! more than thirty layers or so.
//!
//! ```text
//! .unpacking-<n>/{fs,layer} ─ rename ─▶ <32 hex>/{fs,layer} ─ syncfs ─▶ + synced
//! ```
//!
//! **A layer that is there is whole.** It is renamed into place when all of it
//! is written and its diffID is verified; and since a machine that loses power
//! may keep the name and lose the bytes, a layer of an earlier boot that was
//! not yet synced is thrown away at [`Unpacker::open`] and unpacked again.

mod layer;
mod sync;
mod tree;

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use neargate_blobs::{Blobs, Digest};
use tokio::sync::Semaphore;

use self::sync::Syncer;
use crate::config::ImageConfig;
use crate::error::ImageError;
use crate::load;
use crate::platform::Platform;

const UNPACKING: &str = ".unpacking-";

/// The file that says which layer it is. Its time is when an image was last prepared with it.
const IDENTITY: &str = "layer";

/// An image that is ready to be mounted and started.
#[derive(Clone, Debug)]
pub struct PreparedImage {
    /// The digest of the manifest that was chosen for this platform.
    pub digest: Digest,
    /// Directories for overlayfs's `lowerdir=`, **topmost first**, none twice,
    /// at least one. Never to be written to.
    pub layers: Vec<PathBuf>,
    /// The layers' diffIDs, lowest first: what must stay for this image.
    pub diff_ids: Vec<Digest>,
    pub config: ImageConfig,
}

/// A handle to the unpacked layers; clones share everything.
#[derive(Clone, Debug)]
pub struct Unpacker {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    blobs: Blobs,
    root: PathBuf,
    boot: String,
    attempts: AtomicU64,
    /// Layers being unpacked: whoever else wants one waits for it.
    busy: Mutex<HashMap<Digest, Arc<tokio::sync::Mutex<()>>>>,
    workers: Semaphore,
    syncer: Arc<Syncer>,
}

impl Unpacker {
    /// Opens the directory, creating it if need be, and clears away what an
    /// earlier run left half-done.
    pub fn open(blobs: Blobs, root: impl Into<PathBuf>) -> Result<Unpacker, ImageError> {
        let root = root.into();
        let doing = || ImageError::io(format!("preparing {}", root.display()));
        fs::create_dir_all(root.join("empty")).map_err(doing())?;
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").map_err(doing())?;
        let boot = boot.trim().to_string();
        for entry in fs::read_dir(&root).map_err(doing())? {
            let path = entry.map_err(doing())?.path();
            if is_leftover(&path, &boot) {
                fs::remove_dir_all(&path).map_err(doing())?;
            }
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let shared = Shared {
            blobs,
            root,
            boot,
            attempts: AtomicU64::new(0),
            busy: Mutex::default(),
            workers: Semaphore::new(cores),
            syncer: Arc::default(),
        };
        Ok(Unpacker { shared: Arc::new(shared) })
    }

    /// The directory under which all layers are.
    pub fn root(&self) -> &Path {
        &self.shared.root
    }

    /// Unpacks the image that a stored manifest or index names, for this
    /// machine's platform. What is unpacked already is used as it is.
    pub async fn prepare(&self, digest: &Digest) -> Result<PreparedImage, ImageError> {
        self.prepare_for(digest, &Platform::host()).await
    }

    /// The same for a given platform.
    pub async fn prepare_for(
        &self,
        digest: &Digest,
        platform: &Platform,
    ) -> Result<PreparedImage, ImageError> {
        let image = load::image(&self.shared.blobs, digest, platform).await?;
        let diff_ids = image.config.diff_ids().to_vec();
        let pairs = image.manifest.layers.iter().zip(&diff_ids);
        futures_util::future::try_join_all(
            pairs.map(|(layer, diff_id)| self.layer(layer.digest, *diff_id)),
        )
        .await?;
        let layers = self.lower_dirs(&diff_ids);
        Ok(PreparedImage {
            digest: image.digest,
            layers,
            diff_ids,
            config: image.config.image_config(),
        })
    }

    /// Topmost first. A layer that occurs twice counts where it is topmost,
    /// which comes to the same; overlayfs refuses a directory given twice.
    fn lower_dirs(&self, diff_ids: &[Digest]) -> Vec<PathBuf> {
        let mut seen = HashSet::new();
        let topmost_first = diff_ids.iter().rev().filter(|diff_id| seen.insert(**diff_id));
        let layers: Vec<PathBuf> =
            topmost_first.map(|diff_id| self.layer_dir(diff_id).join("fs")).collect();
        if layers.is_empty() { vec![self.shared.root.join("empty")] } else { layers }
    }

    fn layer_dir(&self, diff_id: &Digest) -> PathBuf {
        self.shared.root.join(&diff_id.hex()[..32])
    }

    /// Sees to it that a layer is there.
    async fn layer(&self, blob: Digest, diff_id: Digest) -> Result<(), ImageError> {
        let busy = self.busy(&diff_id);
        let _turn = busy.lock().await;
        let result = self.layer_in_turn(blob, diff_id).await;
        self.shared.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&diff_id);
        result
    }

    fn busy(&self, diff_id: &Digest) -> Arc<tokio::sync::Mutex<()>> {
        let mut busy = self.shared.busy.lock().unwrap_or_else(PoisonError::into_inner);
        busy.entry(*diff_id).or_default().clone()
    }

    async fn layer_in_turn(&self, blob: Digest, diff_id: Digest) -> Result<(), ImageError> {
        if claim(&self.layer_dir(&diff_id)) {
            return Ok(());
        }
        let reader = self.shared.blobs.reader(&blob).await?.ok_or(ImageError::Missing(blob))?;
        let _worker = self.shared.workers.acquire().await.expect("the semaphore is never closed");
        let this = self.clone();
        let unpack = move || this.unpack_now(reader.file(), diff_id);
        let done = tokio::task::spawn_blocking(unpack).await;
        done.map_err(|error| ImageError::io("unpacking")(io::Error::other(error)))?
    }

    fn unpack_now(&self, blob: &Arc<File>, diff_id: Digest) -> Result<(), ImageError> {
        let attempt = self.shared.attempts.fetch_add(1, Ordering::Relaxed);
        let dir = self.shared.root.join(format!("{UNPACKING}{attempt}"));
        let result = self.unpack_into(&dir, blob, diff_id);
        if result.is_err()
            && let Err(error) = fs::remove_dir_all(&dir)
        {
            tracing::warn!(dir = %dir.display(), %error, "a half-unpacked layer stays until the next start");
        }
        result
    }

    fn unpack_into(&self, dir: &Path, blob: &Arc<File>, diff_id: Digest) -> Result<(), ImageError> {
        let failed = |error: io::Error| ImageError::Layer { diff_id, why: error.to_string() };
        fs::create_dir_all(dir.join("fs")).map_err(failed)?;
        let actual = layer::unpack(blob.clone(), &dir.join("fs")).map_err(failed)?;
        if actual != diff_id {
            let why = format!("wrong diff id calculated on extraction {actual}");
            return Err(ImageError::Layer { diff_id, why });
        }
        fs::write(dir.join(IDENTITY), format!("{diff_id}\n{}\n", self.shared.boot))
            .map_err(failed)?;
        let place = self.layer_dir(&diff_id);
        match fs::rename(dir, &place) {
            Ok(()) => {
                self.shared.syncer.sync_later(place);
                Ok(())
            }
            // Only a turn that was dropped half-way can have raced with us.
            Err(error) if place.exists() => {
                tracing::debug!(%error, layer = %diff_id, "unpacked twice");
                fs::remove_dir_all(dir).map_err(failed)
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// Removes layers whose diffIDs are not in `live` and that no image was
    /// prepared with within `grace` before `now` (the machine's own time, as the
    /// file system's is). Those of images that run must be in `live`.
    pub async fn retain(
        &self,
        live: HashSet<Digest>,
        grace: Duration,
        now: SystemTime,
    ) -> Result<Vec<Digest>, ImageError> {
        let root = self.shared.root.clone();
        let sweep = move || {
            let mut removed = Vec::new();
            for entry in fs::read_dir(&root)? {
                let path = entry?.path();
                let Some((diff_id, _)) = identity(&path) else { continue };
                let used = fs::metadata(path.join(IDENTITY))?.modified()?;
                let is_old = now.duration_since(used).is_ok_and(|age| age >= grace);
                if is_old && !live.contains(&diff_id) {
                    // Away under another name first: a half-removed layer is never found.
                    let grave = root.join(format!("{UNPACKING}gone-{}", diff_id.hex()));
                    fs::rename(&path, &grave)?;
                    fs::remove_dir_all(&grave)?;
                    removed.push(diff_id);
                }
            }
            Ok(removed)
        };
        let swept = tokio::task::spawn_blocking(sweep).await;
        swept.map_err(io::Error::other).flatten().map_err(ImageError::io("removing layers"))
    }
}

/// Whether a layer is there. If so, it stays for a while: see [`Unpacker::retain`].
fn claim(layer: &Path) -> bool {
    let identity = layer.join(IDENTITY);
    let claimed = File::options().append(true).open(&identity).and_then(|file| {
        #[allow(clippy::disallowed_methods, reason = "a file's time, which is the kernel's")]
        file.set_modified(SystemTime::now())
    });
    match claimed {
        Ok(()) => true,
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => {
            tracing::warn!(layer = %layer.display(), %error, "a layer's use cannot be noted");
            true
        }
    }
}

/// Something that a run which ended, or a machine that lost power, left behind.
fn is_leftover(path: &Path, boot: &str) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if name == "empty" {
        return false;
    }
    if name.starts_with(UNPACKING) {
        return true;
    }
    match identity(path) {
        Some((_, unpacked_in)) => unpacked_in != boot && !path.join("synced").exists(),
        None => path.is_dir(),
    }
}

/// A layer's diffID and the boot in which it was unpacked.
fn identity(layer: &Path) -> Option<(Digest, String)> {
    let text = fs::read_to_string(layer.join(IDENTITY)).ok()?;
    let (diff_id, boot) = text.trim().split_once('\n')?;
    Some((diff_id.parse().ok()?, boot.to_string()))
}
