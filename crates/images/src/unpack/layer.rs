//! One layer: compressed tar in, directory and diffID out.
//!
//! Two threads, since two kinds of work take about as long: one decompresses
//! and hashes, the other makes files. What is a whiteout in the tar becomes
//! what overlayfs understands; everything else becomes itself.
//!
//! Source of the rules: OCI image-spec `layer.md`; overlayfs.rst, "whiteouts
//! and opaque directories".

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use neargate_blobs::{Digest, Hasher};
use tar::{Archive, Entry, EntryType};

use super::tree::{Attributes, Tree};
use crate::compression;

const CHUNK: usize = 256 * 1024;
const CHUNKS_AHEAD: usize = 8;
const WHITEOUT: &[u8] = b".wh.";
const OPAQUE: &[u8] = b".wh..wh..opq";

/// Unpacks a layer into the empty directory `root`; the digest of its tar.
pub fn unpack(blob: Arc<File>, root: &Path) -> io::Result<Digest> {
    let (sender, chunks) = sync_channel(CHUNKS_AHEAD);
    let decompressor = std::thread::spawn(move || decompress(blob, &sender));
    let mut source = Chunks { chunks, current: Vec::new(), at: 0 };
    let made = make(&mut source, root);
    // Padding after the archive's end belongs to the diffID.
    let drained = made.and_then(|()| io::copy(&mut source, &mut io::sink()));
    drop(source);
    let digest = decompressor.join().map_err(|_| io::Error::other("decompression panicked"))?;
    drained?;
    digest
}

/// Sends the tar in chunks, until its end or until nobody listens.
fn decompress(blob: Arc<File>, sender: &SyncSender<io::Result<Vec<u8>>>) -> io::Result<Digest> {
    let mut hasher = Hasher::default();
    let mut tar = match compression::decoder(blob) {
        Ok(tar) => tar,
        Err(error) => return give_up(sender, error),
    };
    loop {
        let mut chunk = Vec::with_capacity(CHUNK);
        if let Err(error) = tar.by_ref().take(CHUNK as u64).read_to_end(&mut chunk) {
            return give_up(sender, error);
        }
        if chunk.is_empty() {
            return Ok(hasher.finish());
        }
        hasher.update(&chunk);
        if sender.send(Ok(chunk)).is_err() {
            return Err(io::Error::other("abandoned"));
        }
    }
}

fn give_up(sender: &SyncSender<io::Result<Vec<u8>>>, error: io::Error) -> io::Result<Digest> {
    let copy = io::Error::new(error.kind(), error.to_string());
    // Nobody listens when making files failed first, and that is the error then.
    let _ = sender.send(Err(error));
    Err(copy)
}

/// What the other thread sends, as a reader.
struct Chunks {
    chunks: Receiver<io::Result<Vec<u8>>>,
    current: Vec<u8>,
    at: usize,
}

impl Read for Chunks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.current.len() {
            let Ok(next) = self.chunks.recv() else { return Ok(0) };
            (self.current, self.at) = (next?, 0);
        }
        let len = buffer.len().min(self.current.len() - self.at);
        buffer[..len].copy_from_slice(&self.current[self.at..self.at + len]);
        self.at += len;
        Ok(len)
    }
}

fn make(source: &mut Chunks, root: &Path) -> io::Result<()> {
    let mut tree = Tree::open(root)?;
    let mut archive = Archive::new(source);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let written = entry.path_bytes().into_owned();
        make_entry(&mut tree, &mut entry, &written).map_err(|error| {
            let name = String::from_utf8_lossy(&written);
            io::Error::new(error.kind(), format!("{name}: {error}"))
        })?;
    }
    tree.finish()
}

fn make_entry(
    tree: &mut Tree,
    entry: &mut Entry<'_, &mut Chunks>,
    written: &[u8],
) -> io::Result<()> {
    let path = within_root(written)?;
    let attributes = attributes(entry)?;
    let Some(name) = path.file_name().map(|name| name.as_bytes().to_vec()) else {
        return tree.root_attributes(&attributes);
    };
    if name == OPAQUE {
        return tree.opaque(parent(&path));
    }
    if let Some(hidden) = name.strip_prefix(WHITEOUT) {
        // `.wh..wh.` names are aufs's own bookkeeping.
        if hidden.is_empty() || hidden.starts_with(WHITEOUT) {
            return Ok(());
        }
        return tree.whiteout(&path.with_file_name(std::ffi::OsStr::from_bytes(hidden)));
    }
    let header = entry.header();
    let (major, minor) = (header.device_major(), header.device_minor());
    match header.entry_type() {
        // The oldest tars know directories by their name only.
        EntryType::Regular if written.ends_with(b"/") => tree.directory(&path, &attributes),
        EntryType::Directory => tree.directory(&path, &attributes),
        EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
            tree.file(&path, &attributes, entry)
        }
        EntryType::Symlink => tree.symlink(&path, &link_target(entry)?, &attributes),
        EntryType::Link => {
            let target = within_root(&link_target(entry)?)?;
            tree.hard_link(&path, &target)
        }
        EntryType::Char => tree.char_device(&path, &attributes, device(major, minor)?),
        EntryType::Block => tree.block_device(&path, &attributes, device(major, minor)?),
        EntryType::Fifo => tree.fifo(&path, &attributes),
        EntryType::XGlobalHeader => Ok(()),
        other => Err(io::Error::other(format!("entries of type {other:?} are not supported"))),
    }
}

fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

fn link_target(entry: &Entry<'_, &mut Chunks>) -> io::Result<Vec<u8>> {
    let target = entry.link_name_bytes().map(|target| target.into_owned());
    target.ok_or_else(|| io::Error::other("a link without a target"))
}

fn device(
    major: io::Result<Option<u32>>,
    minor: io::Result<Option<u32>>,
) -> io::Result<(u32, u32)> {
    match (major?, minor?) {
        (Some(major), Some(minor)) => Ok((major, minor)),
        _ => Err(io::Error::other("a device without numbers")),
    }
}

/// A path relative to the layer's root, without `.` and `..`. One that climbs
/// out of the root is refused, as Docker does.
fn within_root(written: &[u8]) -> io::Result<PathBuf> {
    let mut path = PathBuf::new();
    for component in Path::new(std::ffi::OsStr::from_bytes(written)).components() {
        match component {
            Component::Normal(name) => path.push(name),
            Component::RootDir | Component::CurDir => {}
            Component::ParentDir if path.pop() => {}
            Component::ParentDir | Component::Prefix(_) => {
                return Err(io::Error::other("the path leads out of the layer"));
            }
        }
    }
    Ok(path)
}

fn attributes(entry: &mut Entry<'_, &mut Chunks>) -> io::Result<Attributes> {
    let header = entry.header();
    let id = |id: u64| u32::try_from(id).map_err(|_| io::Error::other("an owner out of range"));
    let mut attributes = Attributes {
        uid: id(header.uid()?)?,
        gid: id(header.gid()?)?,
        mode: header.mode()? & 0o7777,
        mtime: (header.mtime()? as i64, 0),
        xattrs: Vec::new(),
    };
    let Some(extensions) = entry.pax_extensions()? else { return Ok(attributes) };
    for extension in extensions {
        let extension = extension?;
        let key = extension.key_bytes();
        if key == b"mtime" {
            attributes.mtime = fractional(extension.value_bytes()).unwrap_or(attributes.mtime);
        } else if key.starts_with(b"GNU.sparse.") {
            // Its content would come out as a map of itself.
            return Err(io::Error::other("sparse files in the PAX format are not supported"));
        } else if let Some(name) = key.strip_prefix(b"SCHILY.xattr.")
            && may_be_set(name)
        {
            attributes.xattrs.push((name.to_vec(), extension.value_bytes().to_vec()));
        }
    }
    Ok(attributes)
}

/// An image may bring capabilities and its users' attributes. It may not bring
/// overlayfs's own (`trusted.overlay.*` could point a layer at another place)
/// nor labels of the machine that built it.
fn may_be_set(name: &[u8]) -> bool {
    name == b"security.capability"
        || (name.starts_with(b"user.") && !name.starts_with(b"user.overlay."))
}

/// `1700000000.123456789` in seconds and nanoseconds.
fn fractional(text: &[u8]) -> Option<(i64, i64)> {
    let text = std::str::from_utf8(text).ok()?;
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    let nanos: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    Some((seconds.parse().ok()?, nanos.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_within_the_root() {
        let clean = |text: &str| within_root(text.as_bytes()).map(|p| p.display().to_string());
        assert_eq!(clean("./a//b/./c/").unwrap(), "a/b/c");
        assert_eq!(clean("/etc/passwd").unwrap(), "etc/passwd");
        assert_eq!(clean("a/../b").unwrap(), "b");
        assert_eq!(clean("./").unwrap(), "");
        assert!(clean("../a").is_err());
        assert!(clean("a/../../b").is_err());
    }

    #[test]
    fn overlay_attributes_are_not_for_images() {
        assert!(may_be_set(b"security.capability"));
        assert!(may_be_set(b"user.note"));
        for name in ["trusted.overlay.redirect", "user.overlay.opaque", "security.selinux"] {
            assert!(!may_be_set(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn instants() {
        assert_eq!(fractional(b"1700000000.5"), Some((1_700_000_000, 500_000_000)));
        assert_eq!(fractional(b"12"), Some((12, 0)));
        assert_eq!(fractional(b"x"), None);
    }

    /// A number below `bound` that depends on the seed and the step only.
    fn pick(seed: u32, step: u32, bound: usize) -> usize {
        let digest = Digest::of(&[seed.to_le_bytes(), step.to_le_bytes()].concat()).hex();
        usize::from_str_radix(&digest[..8], 16).unwrap() % bound
    }

    /// A layer of entries whose names and targets do their worst.
    fn hostile(seed: u32, outside: &str) -> Vec<u8> {
        let names = ["a", "b", "c", "a", "b", ".", "", ".wh.a", ".wh..wh..opq"];
        let targets = ["a", "b", "..", "..", ".", "/", "", outside];
        let kinds = [
            EntryType::Regular,
            EntryType::Directory,
            EntryType::Symlink,
            EntryType::Symlink,
            EntryType::Link,
            EntryType::Fifo,
        ];
        let mut builder = tar::Builder::new(Vec::new());
        for entry in 0..7 {
            let pick = |step, bound| pick(seed, entry * 100 + step, bound);
            let path = |parts: &[&str], from: u32| {
                let parts: Vec<&str> = (0..=pick(from, 3) as u32)
                    .map(|i| parts[pick(from + 1 + i, parts.len())])
                    .collect();
                parts.join("/")
            };
            let (name, target, mut header) =
                (path(&names, 10), path(&targets, 20), tar::Header::new_gnu());
            let len = name.len().min(99);
            header.as_old_mut().name[..len].copy_from_slice(&name.as_bytes()[..len]);
            let len = target.len().min(99);
            header.as_old_mut().linkname[..len].copy_from_slice(&target.as_bytes()[..len]);
            header.set_entry_type(kinds[pick(0, kinds.len())]);
            header.set_mode(0o755);
            header.set_uid(0);
            header.set_gid(0);
            header.set_mtime(0);
            header.set_size(0);
            header.set_cksum();
            builder.append(&header, io::empty()).unwrap();
        }
        builder.into_inner().unwrap()
    }

    #[test]
    fn no_layer_touches_what_is_outside() {
        let dir = tempfile::tempdir().unwrap();
        let outside = dir.path().join("outside");
        std::fs::create_dir_all(outside.join("a")).unwrap();
        std::fs::write(outside.join("b"), "untouched").unwrap();
        let seen = |path: &Path| {
            let mut names: Vec<_> = walk(path).collect();
            names.sort();
            names
        };
        let before = seen(&outside);
        let (mut whole, mut refused) = (0, 0);
        for seed in 0..400 {
            let tar = dir.path().join("tar");
            std::fs::write(&tar, hostile(seed, outside.to_str().unwrap())).unwrap();
            let root = dir.path().join("root");
            std::fs::create_dir(&root).unwrap();
            match unpack(Arc::new(File::open(&tar).unwrap()), &root) {
                Ok(_) => whole += 1,
                Err(_) => refused += 1,
            }
            std::fs::remove_dir_all(&root).unwrap();
            assert_eq!(seen(&outside), before, "seed {seed}");
            let beside: Vec<_> = std::fs::read_dir(dir.path()).unwrap().collect();
            assert_eq!(beside.len(), 2, "seed {seed}");
        }
        assert!(whole > 20 && refused > 20, "{whole} unpacked, {refused} refused");
    }

    /// Every path below, with what would change if somebody wrote there.
    fn walk(dir: &Path) -> impl Iterator<Item = (PathBuf, u64, std::time::SystemTime)> {
        let mut left = vec![dir.to_path_buf()];
        std::iter::from_fn(move || {
            let path = left.pop()?;
            let metadata = std::fs::symlink_metadata(&path).unwrap();
            if metadata.is_dir() {
                left.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            }
            Some((path, metadata.len(), metadata.modified().unwrap()))
        })
    }
}
