//! Layers become what overlayfs understands, and nothing else.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use neargate_blobs::{Blobs, Digest};
use neargate_images::{PreparedImage, Unpacker};
use tar::EntryType;

use crate::image::{ARCH, Image, Layer, OTHER_ARCH, gzip, index};

struct Bench {
    dir: tempfile::TempDir,
    blobs: Blobs,
    unpacker: Unpacker,
}

fn bench() -> Bench {
    let dir = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(dir.path().join("blobs")).unwrap();
    let unpacker = Unpacker::open(blobs.clone(), dir.path().join("layers")).unwrap();
    Bench { dir, blobs, unpacker }
}

impl Bench {
    async fn prepare(&self, tars: Vec<Vec<u8>>) -> Result<PreparedImage, String> {
        let digest = Image::gzipped(ARCH, tars).store(&self.blobs).await;
        self.unpacker.prepare(&digest).await.map_err(|error| error.to_string())
    }

    /// The one layer's directory.
    async fn unpack(&self, layer: Layer) -> Result<PathBuf, String> {
        Ok(self.prepare(vec![layer.tar()]).await?.layers.remove(0))
    }

    fn leftovers(&self) -> usize {
        let is_leftover = |name: &str| name.starts_with(".unpacking");
        let entries = fs::read_dir(self.dir.path().join("layers")).unwrap();
        entries.filter(|e| is_leftover(&e.as_ref().unwrap().file_name().to_string_lossy())).count()
    }
}

fn xattr(path: &Path, name: &str) -> Option<Vec<u8>> {
    let mut buffer = vec![0; 256];
    let len = rustix::fs::lgetxattr(path, name, buffer.as_mut_slice()).ok()?;
    buffer.truncate(len);
    Some(buffer)
}

#[tokio::test]
async fn every_kind_of_entry() {
    let capability = b"\x01\0\0\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    let layer = Layer::new()
        .entry(EntryType::Directory, "./", "", "", 0o711)
        .dir("bin/")
        .entry(EntryType::Regular, "bin/su", "", "root", 0o4755)
        .pax(&[
            ("SCHILY.xattr.security.capability", capability),
            ("SCHILY.xattr.trusted.overlay.redirect", b"/etc"),
            ("mtime", b"1600000000.25"),
        ])
        .entry(EntryType::Regular, "bin/ping", "", "net", 0o755)
        .hard_link("bin/su2", "bin/su")
        .symlink("sbin", "/bin")
        .entry(EntryType::Char, "null", "", "", 0o666)
        .entry(EntryType::Fifo, "pipe", "", "", 0o600)
        .file("made/on/the/way", "x");
    let root = bench_unpack(layer).await;
    let (_bench, root) = (&root.0, &root.1);
    let stat = |path: &str| fs::symlink_metadata(root.join(path)).unwrap();
    assert_eq!(stat("").mode() & 0o7777, 0o711);
    let su = stat("bin/su");
    assert_eq!((su.mode() & 0o7777, su.uid(), su.gid()), (0o4755, 1000, 1001));
    assert_eq!((su.mtime(), su.nlink()), (1_700_000_000, 2));
    assert_eq!(stat("bin").mtime(), 1_700_000_000);
    assert_eq!(su.ino(), stat("bin/su2").ino());
    let ping = root.join("bin/ping");
    assert_eq!(xattr(&ping, "security.capability").unwrap(), capability);
    assert_eq!(xattr(&ping, "trusted.overlay.redirect"), None);
    assert_eq!(
        (stat("bin/ping").mtime(), stat("bin/ping").mtime_nsec()),
        (1_600_000_000, 250_000_000)
    );
    assert_eq!(fs::read_link(root.join("sbin")).unwrap(), Path::new("/bin"));
    assert_eq!(stat("sbin").uid(), 1000);
    let null = stat("null");
    assert!(null.file_type().is_char_device());
    assert_eq!((null.rdev(), null.mode() & 0o777), (rustix::fs::makedev(1, 3), 0o666));
    assert!(stat("pipe").file_type().is_fifo());
    assert_eq!((stat("made/on").uid(), stat("made/on").mode() & 0o777), (0, 0o755));
}

async fn bench_unpack(layer: Layer) -> (Bench, PathBuf) {
    let bench = bench();
    let root = bench.unpack(layer).await.unwrap();
    (bench, root)
}

#[tokio::test]
async fn whiteouts_hide_lower_layers_and_never_their_own() {
    let layer = Layer::new()
        .file("etc/.wh.gone", "")
        .file("own", "stays")
        .file(".wh.own", "")
        .file("cache/new", "kept")
        .file("cache/.wh..wh..opq", "")
        // Gone below, and a directory again in this layer.
        .file(".wh.swap", "")
        .dir("swap/")
        .dir("turn/")
        .file(".wh.turn", "")
        .file(".wh..wh.plnk", "");
    let (_bench, root) = bench_unpack(layer).await;
    let gone = fs::symlink_metadata(root.join("etc/gone")).unwrap();
    assert!(gone.file_type().is_char_device() && gone.rdev() == 0);
    assert_eq!(fs::read_to_string(root.join("own")).unwrap(), "stays");
    assert_eq!(fs::read_to_string(root.join("cache/new")).unwrap(), "kept");
    let opaque = |path: &str| xattr(&root.join(path), "trusted.overlay.opaque");
    for path in ["cache", "swap", "turn"] {
        assert_eq!(opaque(path).as_deref(), Some(&b"y"[..]), "{path}");
    }
    assert_eq!(opaque("etc"), None);
    assert!(!root.join("cache/.wh..wh..opq").exists());
    assert!(!root.join(".wh..wh.plnk").exists());
}

#[tokio::test]
async fn a_hostile_layer_writes_nowhere_else() {
    let bench = bench();
    let outside = bench.dir.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("secret"), "untouched").unwrap();
    let out = outside.to_str().unwrap();
    for path in ["../escaped", "a/../../escaped", "../../../../../../escaped"] {
        let refused = bench.unpack(Layer::new().file(path, "x")).await.unwrap_err();
        assert!(refused.contains("the path leads out of the layer"), "{refused}");
    }
    let refused = bench.unpack(Layer::new().hard_link("x", "../../outside/secret")).await;
    assert!(refused.unwrap_err().contains("leads out of the layer"));
    let refused = bench.unpack(Layer::new().hard_link("x", &format!("{out}/secret"))).await;
    assert!(refused.unwrap_err().contains("which is not in the layer"));
    let through = bench.unpack(Layer::new().symlink("s", out).hard_link("x", "s/secret")).await;
    assert!(through.is_err());

    // Through symlinks, writes land where a container would see them: inside.
    let deep = "../".repeat(12);
    let layer = Layer::new()
        .symlink("absolute", "/inside")
        .symlink("relative", &format!("{}{out}", deep.trim_end_matches('/')))
        .symlink("final", &format!("{out}/secret"))
        .dir("inside/")
        .file("absolute/file", "x")
        .file("final", "replaced");
    let root = bench.unpack(layer).await.unwrap();
    assert_eq!(fs::read_to_string(root.join("inside/file")).unwrap(), "x");
    assert_eq!(fs::read_to_string(root.join("final")).unwrap(), "replaced");
    let relative = Layer::new()
        .symlink("relative", &format!("{deep}outside"))
        .dir("outside/")
        .file("relative/secret", "captured");
    let root = bench.unpack(relative).await.unwrap();
    assert_eq!(fs::read_to_string(root.join("outside/secret")).unwrap(), "captured");

    assert_eq!(fs::read_to_string(outside.join("secret")).unwrap(), "untouched");
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
    assert_eq!(fs::read_dir(bench.dir.path()).unwrap().count(), 3);
    assert_eq!(bench.leftovers(), 0);
}

#[tokio::test]
async fn later_entries_replace_earlier_ones() {
    let layer = Layer::new()
        .file("a", "old")
        .file("a", "new")
        .dir("d/")
        .file("d/inner", "x")
        .file("d", "now a file")
        .symlink("l", "a")
        .dir("l/")
        .file("l/inner", "y");
    let (_bench, root) = bench_unpack(layer).await;
    assert_eq!(fs::read_to_string(root.join("a")).unwrap(), "new");
    assert_eq!(fs::read_to_string(root.join("d")).unwrap(), "now a file");
    assert_eq!(fs::read_to_string(root.join("l/inner")).unwrap(), "y");
}

#[tokio::test]
async fn gzip_zstd_and_plain() {
    let bench = bench();
    let tar = |name: &str| Layer::new().file(name, name).tar();
    let (a, b, c) = (tar("a"), tar("b"), tar("c"));
    // Two gzip members after each other, as parallel compressors write them.
    let (head, tail) = a.split_at(700);
    let members = [gzip(head), gzip(tail)].concat();
    let zstd = zstd::encode_all(&b[..], 1).unwrap();
    let image = Image::of(ARCH, vec![(a, members), (b, zstd), (c.clone(), c)]);
    let prepared = bench.unpacker.prepare(&image.store(&bench.blobs).await).await.unwrap();
    // Topmost first.
    for (layer, name) in prepared.layers.iter().zip(["c", "b", "a"]) {
        assert_eq!(fs::read_to_string(layer.join(name)).unwrap(), name);
    }
    assert_eq!(prepared.config.entrypoint, ["/bin/app"]);
    assert_eq!(prepared.config.user, "1000");
}

#[tokio::test]
async fn layers_that_are_not_what_they_say() {
    let bench = bench();
    let (said, truly) = (Layer::new().file("a", "1").tar(), Layer::new().file("a", "2").tar());
    let image = Image::of(ARCH, vec![(said, gzip(&truly))]);
    let refused = bench.unpacker.prepare(&image.store(&bench.blobs).await).await.unwrap_err();
    assert!(refused.to_string().contains("wrong diff id calculated on extraction"), "{refused}");
    let mut broken = gzip(&truly);
    broken.truncate(broken.len() / 2);
    let image = Image::of(ARCH, vec![(truly, broken)]);
    let refused = bench.unpacker.prepare(&image.store(&bench.blobs).await).await.unwrap_err();
    assert!(
        refused.stopped_reason().starts_with("CannotPullContainerError: failed to extract layer")
    );
    assert_eq!(bench.leftovers(), 0);
}

#[tokio::test]
async fn platforms() {
    let bench = bench();
    let image = |arch: &str| Image::gzipped(arch, vec![Layer::new().file("arch", arch).tar()]);
    let (ours, theirs) = (image(ARCH), image(OTHER_ARCH));
    ours.store(&bench.blobs).await;
    theirs.store(&bench.blobs).await;
    let both = index(&[(OTHER_ARCH, &theirs), (ARCH, &ours)]);
    let both = bench.blobs.put(both.into()).await.unwrap();
    let prepared = bench.unpacker.prepare(&both).await.unwrap();
    assert_eq!(prepared.digest, ours.digest());
    let needed = neargate_images::reachable(&bench.blobs, &both).await.unwrap();
    assert_eq!(needed.len(), 1 + 3 + 3);
    bench.blobs.delete(&theirs.digest()).await.unwrap();
    let needed = neargate_images::reachable(&bench.blobs, &both).await.unwrap();
    assert_eq!(needed.len(), 1 + 3);
    theirs.store(&bench.blobs).await;
    assert_eq!(fs::read_to_string(prepared.layers[0].join("arch")).unwrap(), ARCH);

    let only = bench.blobs.put(index(&[(OTHER_ARCH, &theirs)]).into()).await.unwrap();
    let expected = format!(
        "CannotPullContainerError: image Manifest does not contain descriptor matching platform 'linux/{ARCH}'"
    );
    for digest in [only, theirs.digest()] {
        let refused = bench.unpacker.prepare(&digest).await.unwrap_err();
        assert_eq!(refused.stopped_reason(), expected);
    }
}

#[tokio::test]
async fn a_layer_is_unpacked_once_and_shared() {
    let bench = bench();
    let shared = Layer::new().file("shared", &"x".repeat(500_000)).tar();
    let mut digests = Vec::new();
    for own in ["one", "two"] {
        let own = Layer::new().file(own, own).tar();
        let image = Image::gzipped(ARCH, vec![shared.clone(), own, shared.clone()]);
        digests.push(image.store(&bench.blobs).await);
    }
    let prepare = |digest: Digest| {
        let unpacker = bench.unpacker.clone();
        tokio::spawn(async move { unpacker.prepare(&digest).await.unwrap() })
    };
    let tasks: Vec<_> = (0..8).map(|i| prepare(digests[i % 2])).collect();
    let mut prepared = Vec::new();
    for task in tasks {
        prepared.push(task.await.unwrap());
    }
    // The layer that is there twice is one directory, where it is topmost.
    assert_eq!(prepared[0].layers.len(), 2);
    assert_eq!(prepared[0].layers[0], prepared[1].layers[0]);
    assert_ne!(prepared[0].layers[1], prepared[1].layers[1]);
    let inode = fs::metadata(&prepared[0].layers[0]).unwrap().ino();
    let again = bench.unpacker.prepare(&digests[0]).await.unwrap();
    assert_eq!(fs::metadata(&again.layers[0]).unwrap().ino(), inode);

    let live: HashSet<Digest> = again.diff_ids.iter().copied().collect();
    let hour = Duration::from_secs(3600);
    let retain = |after| bench.unpacker.retain(live.clone(), hour, SystemTime::now() + after);
    let young = retain(hour / 2).await.unwrap();
    assert_eq!(young, [], "what was just prepared may be mounted at any moment");
    let removed = retain(hour * 2).await.unwrap();
    assert_eq!(removed, [Digest::of(&Layer::new().file("two", "two").tar())]);
    assert!(again.layers.iter().all(|layer| layer.exists()));
}

#[tokio::test]
async fn what_a_crash_left_is_cleared_away() {
    let bench = bench();
    let prepared = bench.prepare(vec![Layer::new().file("a", "a").tar()]).await.unwrap();
    let layers = bench.dir.path().join("layers");
    fs::create_dir_all(layers.join(".unpacking-7/fs/half")).unwrap();
    Unpacker::open(bench.blobs.clone(), &layers).unwrap();
    assert!(!layers.join(".unpacking-7").exists());
    assert!(prepared.layers[0].join("a").exists());

    // The same layer as if it had been unpacked before a loss of power.
    let layer = prepared.layers[0].parent().unwrap().to_path_buf();
    while !layer.join("synced").exists() {
        tokio::task::yield_now().await;
    }
    let identity = format!("{}\nanother-boot\n", prepared.diff_ids[0]);
    fs::write(layer.join("layer"), identity).unwrap();
    Unpacker::open(bench.blobs.clone(), &layers).unwrap();
    assert!(layer.exists(), "synced layers survive");
    fs::remove_file(layer.join("synced")).unwrap();
    Unpacker::open(bench.blobs.clone(), &layers).unwrap();
    assert!(!layer.exists(), "a layer that may be torn is unpacked again");
    let again = bench.unpacker.prepare(&prepared.digest).await.unwrap();
    assert!(again.layers[0].join("a").exists());
}

#[tokio::test]
async fn an_image_without_layers_can_be_mounted() {
    let bench = bench();
    let prepared = bench.prepare(vec![]).await.unwrap();
    assert_eq!(prepared.layers.len(), 1);
    assert_eq!(fs::read_dir(&prepared.layers[0]).unwrap().count(), 0);
}

/// The kernel's own view of two layers, in a mount namespace that ends with the command.
#[tokio::test]
async fn overlayfs_sees_what_the_image_means() {
    let bench = bench();
    let below = Layer::new()
        .file("kept", "kept")
        .file("gone", "gone")
        .file("cache/old", "old")
        .file("swap/old", "old")
        .file("replaced", "old");
    let above = Layer::new()
        .file(".wh.gone", "")
        .file("cache/.wh..wh..opq", "")
        .file("cache/new", "new")
        .file(".wh.swap", "")
        .file("swap/new", "new")
        .file("replaced", "new");
    let prepared = bench.prepare(vec![below.tar(), above.tar()]).await.unwrap();
    let layers: Vec<&str> = prepared.layers.iter().map(|layer| layer.to_str().unwrap()).collect();
    let point = bench.dir.path().join("merged");
    fs::create_dir(&point).unwrap();
    let script = "mount -t overlay overlay -o ro,lowerdir=\"$1\" \"$2\" && cd \"$2\" && find . -type f | sort && cat replaced";
    let output = std::process::Command::new("unshare")
        .args(["--mount", "sh", "-c", script, "sh", &layers.join(":")])
        .arg(&point)
        .output()
        .unwrap();
    let seen = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(seen, "./cache/new\n./kept\n./replaced\n./swap/new\nnew", "{said}");
}
