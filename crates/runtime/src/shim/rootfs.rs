//! A container's root: an overlay of its image's layers, mounted in the
//! shim's own mount namespace, so that no mount outlives the task and the
//! machine's mount table never shows it. Paths inside the image are resolved
//! by the kernel as if it were the root (openat2), so that its symbolic links
//! can't lead out.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, lchown, symlink};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat2};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};

/// Gives this process a mount namespace of its own, which still follows the
/// machine's unmounts. Other tasks' network namespaces are let go, or this
/// task would keep them alive.
pub(crate) fn own_mounts(netns: Option<&Path>) -> io::Result<()> {
    unshare(CloneFlags::CLONE_NEWNS)?;
    mount(None::<&str>, "/", None::<&str>, MsFlags::MS_REC | MsFlags::MS_SLAVE, None::<&str>)?;
    let own = netns.and_then(|path| path.canonicalize().ok());
    let mountinfo = fs::read_to_string("/proc/self/mountinfo")?;
    for line in mountinfo.lines().filter(|line| line.contains(" - nsfs ")) {
        let path = line.split(' ').nth(4).map(Path::new);
        if let Some(path) = path.filter(|path| Some(*path) != own.as_deref()) {
            let _ = umount2(path, MntFlags::MNT_DETACH);
        }
    }
    Ok(())
}

/// Mounts the overlay at `dir/rootfs`. The layers are named through short
/// links, because the kernel takes one page of options.
pub(crate) fn mount_overlay(dir: &Path, layers: &[PathBuf]) -> io::Result<PathBuf> {
    let rootfs = dir.join("rootfs");
    for name in ["l", "upper", "work", "rootfs"] {
        fs::create_dir_all(dir.join(name))?;
    }
    let mut lower = Vec::new();
    for (index, layer) in layers.iter().enumerate().rev() {
        if !layer.is_dir() {
            let text = format!("layer {} is not a directory", layer.display());
            return Err(io::Error::new(io::ErrorKind::NotFound, text));
        }
        let _ = fs::remove_file(dir.join(format!("l/{index}")));
        symlink(layer, dir.join(format!("l/{index}")))?;
        lower.push(format!("l/{index}"));
    }
    let top = layers.last().and_then(|layer| layer.metadata().ok());
    if let Some(top) = top {
        fs::set_permissions(dir.join("upper"), fs::Permissions::from_mode(top.mode() & 0o7777))?;
        chown(dir.join("upper"), Some(top.uid()), Some(top.gid()))?;
    }
    std::env::set_current_dir(dir)?;
    let options = format!("lowerdir={},upperdir=upper,workdir=work", lower.join(":"));
    let overlay = |options: &str| {
        mount(Some("overlay"), "rootfs", Some("overlay"), MsFlags::empty(), Some(options))
    };
    // Nothing of a task must survive a crash of the machine: skip syncing.
    let mounted = overlay(&format!("{options},volatile")).or_else(|_| overlay(&options));
    std::env::set_current_dir("/")?;
    mounted.map_err(|errno| {
        let hint = match errno {
            Errno::EINVAL => {
                " (the tasks' directory must be on a file system such as ext4, xfs, btrfs or \
                 tmpfs: an overlay can't be written into another overlay)"
            }
            _ => "",
        };
        io::Error::other(format!("mount the root overlay: {errno}{hint}"))
    })?;
    Ok(rootfs)
}

/// Opens `path` as the container would see it.
fn open_inside(root: &Path, path: &str, flags: OFlag) -> io::Result<OwnedFd> {
    let root = File::open(root)?;
    let how = OpenHow::new()
        .flags(flags | OFlag::O_CLOEXEC)
        .resolve(ResolveFlag::RESOLVE_IN_ROOT | ResolveFlag::RESOLVE_NO_MAGICLINKS);
    let relative = match path.trim_start_matches('/') {
        "" => ".",
        relative => relative,
    };
    loop {
        match openat2(&root, relative, how) {
            // The kernel saw a rename on the way and asks to try again.
            Err(Errno::EAGAIN) => continue,
            result => return Ok(result?),
        }
    }
}

/// The text of a file of the image; empty when there is none.
pub(crate) fn read_inside(root: &Path, path: &str) -> String {
    let mut text = String::new();
    if let Ok(fd) = open_inside(root, path, OFlag::O_RDONLY | OFlag::O_NONBLOCK) {
        let _ = File::from(fd).take(1 << 20).read_to_string(&mut text);
    }
    text
}

/// Makes a directory and its parents inside the image, as runc does for a
/// working directory that is missing.
pub(crate) fn make_dir_inside(root: &Path, path: &str) -> io::Result<()> {
    let mut made = String::new();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        let parent = open_inside(root, &made, OFlag::O_PATH | OFlag::O_DIRECTORY)?;
        made = format!("{made}/{part}");
        if open_inside(root, &made, OFlag::O_PATH).is_err() {
            fs::create_dir(by_descriptor(&parent).join(part))?;
        }
    }
    Ok(())
}

/// A path through which an open descriptor's file can be reached.
fn by_descriptor(fd: &OwnedFd) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", fd.as_raw_fd()))
}

/// Makes the task's volume; while it is empty, it takes what the image has at
/// `destination`, as Docker does for a `VOLUME`.
pub(crate) fn fill_volume(volume: &Path, root: &Path, destination: &str) -> io::Result<()> {
    let is_new = !volume.exists();
    fs::create_dir_all(volume)?;
    let image = open_inside(root, destination, OFlag::O_RDONLY | OFlag::O_DIRECTORY);
    let Ok(image) = image else { return Ok(()) };
    let image = by_descriptor(&image).join(".");
    if is_new {
        copy_attributes(&image, volume)?;
    }
    if fs::read_dir(volume)?.next().is_none() {
        copy_directory(&image, volume)?;
    }
    Ok(())
}

fn copy_directory(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_symlink() {
            symlink(fs::read_link(&source)?, &target)?;
            let metadata = fs::symlink_metadata(&source)?;
            lchown(&target, Some(metadata.uid()), Some(metadata.gid()))?;
            continue;
        }
        if kind.is_dir() {
            fs::create_dir(&target)?;
            copy_directory(&source, &target)?;
        } else if kind.is_file() {
            fs::copy(&source, &target)?;
        } else {
            continue;
        }
        copy_attributes(&source, &target)?;
    }
    Ok(())
}

/// Owner first: changing it clears the set-user-id bits of the mode.
fn copy_attributes(from: &Path, to: &Path) -> io::Result<()> {
    let metadata = fs::metadata(from)?;
    chown(to, Some(metadata.uid()), Some(metadata.gid()))?;
    fs::set_permissions(to, fs::Permissions::from_mode(metadata.mode() & 0o7777))
}
