//! Making files inside a root that nothing can lead out of.
//!
//! Every parent directory is opened by `openat2(RESOLVE_IN_ROOT)`: symlinks in
//! the layer are followed as a container would follow them, absolute ones and
//! `..` from the layer's root, and never further. The last component is never
//! followed. So a layer may be hostile and still writes nowhere else.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use rustix::fs::{
    AtFlags, CWD, FileType, Gid, Mode, OFlags, ResolveFlags, Timespec, Timestamps, Uid, XattrFlags,
};
use rustix::io::Errno;

/// What a tar entry says of its file besides content.
#[derive(Clone, Debug, Default)]
pub struct Attributes {
    pub uid: u32,
    pub gid: u32,
    /// Permission bits with set-uid, set-gid and sticky.
    pub mode: u32,
    /// Seconds and nanoseconds since the epoch.
    pub mtime: (i64, i64),
    pub xattrs: Vec<(Vec<u8>, Vec<u8>)>,
}

pub struct Tree {
    root: Rc<OwnedFd>,
    /// The directory of the last entry: the next one is mostly beside it.
    last: Option<(PathBuf, Rc<OwnedFd>)>,
    /// Set at the end, because making what is within changes them.
    directory_times: Vec<(PathBuf, Timestamps)>,
    buffer: Vec<u8>,
}

/// A place for an entry: its directory, open, and its name there.
struct Place<'a> {
    dir: Rc<OwnedFd>,
    name: &'a OsStr,
}

impl Tree {
    pub fn open(root: &Path) -> io::Result<Tree> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = rustix::fs::openat(CWD, root, flags, Mode::empty())?;
        rustix::fs::chmodat(&root, ".", Mode::from_raw_mode(0o755), AtFlags::empty())?;
        let buffer = vec![0; 256 * 1024];
        Ok(Tree { root: Rc::new(root), last: None, directory_times: Vec::new(), buffer })
    }

    pub fn root_attributes(&mut self, attributes: &Attributes) -> io::Result<()> {
        let place = Place { dir: self.root.clone(), name: OsStr::new(".") };
        place.set(attributes, true)?;
        self.directory_times.push((PathBuf::new(), attributes.times()));
        Ok(())
    }

    pub fn directory(&mut self, path: &Path, attributes: &Attributes) -> io::Result<()> {
        let place = self.place(path)?;
        match place.kind()? {
            Some(FileType::Directory) => {}
            kind => self.make_dir(&place, kind)?,
        }
        place.set(attributes, true)?;
        self.directory_times.push((path.to_path_buf(), attributes.times()));
        Ok(())
    }

    /// Makes a directory in the place of `existing`. Where that was a whiteout,
    /// the layers below must not show through.
    fn make_dir(&mut self, place: &Place<'_>, existing: Option<FileType>) -> io::Result<()> {
        let hides_below = existing.is_some() && place.is_whiteout()?;
        if existing.is_some() {
            self.clear(place)?;
        }
        rustix::fs::mkdirat(&place.dir, place.name, Mode::from_raw_mode(0o700))?;
        if hides_below { place.mark_opaque() } else { Ok(()) }
    }

    pub fn file(
        &mut self,
        path: &Path,
        attributes: &Attributes,
        content: &mut impl Read,
    ) -> io::Result<()> {
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::NOFOLLOW;
        let mode = Mode::from_raw_mode(0o600);
        let open = |place: &Place<'_>| {
            rustix::fs::openat(&place.dir, place.name, flags | OFlags::CLOEXEC, mode)
        };
        let place = self.place(path)?;
        let mut file = File::from(self.make(&place, open)?);
        loop {
            let read = content.read(&mut self.buffer)?;
            if read == 0 {
                break;
            }
            file.write_all(&self.buffer[..read])?;
        }
        place.set(attributes, true)?;
        place.set_times(&attributes.times())
    }

    pub fn symlink(
        &mut self,
        path: &Path,
        target: &[u8],
        attributes: &Attributes,
    ) -> io::Result<()> {
        let place = self.place(path)?;
        self.make(&place, |place| rustix::fs::symlinkat(target, &place.dir, place.name))?;
        place.set(attributes, false)?;
        place.set_times(&attributes.times())
    }

    pub fn hard_link(&mut self, path: &Path, target: &Path) -> io::Result<()> {
        let place = self.place(path)?;
        if path == target {
            return Ok(());
        }
        let existing = self.place(target)?;
        if existing.kind()?.is_none() {
            let target = target.display();
            return Err(io::Error::other(format!(
                "a hard link to {target}, which is not in the layer"
            )));
        }
        self.make(&place, |place| {
            let no_follow = AtFlags::empty();
            rustix::fs::linkat(&existing.dir, existing.name, &place.dir, place.name, no_follow)
        })
    }

    pub fn char_device(
        &mut self,
        path: &Path,
        attributes: &Attributes,
        numbers: (u32, u32),
    ) -> io::Result<()> {
        self.node(path, attributes, FileType::CharacterDevice, numbers)
    }

    pub fn block_device(
        &mut self,
        path: &Path,
        attributes: &Attributes,
        numbers: (u32, u32),
    ) -> io::Result<()> {
        self.node(path, attributes, FileType::BlockDevice, numbers)
    }

    pub fn fifo(&mut self, path: &Path, attributes: &Attributes) -> io::Result<()> {
        self.node(path, attributes, FileType::Fifo, (0, 0))
    }

    fn node(
        &mut self,
        path: &Path,
        attributes: &Attributes,
        kind: FileType,
        (major, minor): (u32, u32),
    ) -> io::Result<()> {
        let place = self.place(path)?;
        let (mode, device) = (Mode::from_raw_mode(0o600), rustix::fs::makedev(major, minor));
        self.make(&place, |place| rustix::fs::mknodat(&place.dir, place.name, kind, mode, device))?;
        place.set(attributes, true)?;
        place.set_times(&attributes.times())
    }

    /// Hides `path` of the layers below: a character device 0:0. What this very
    /// layer has of that name stays; a whiteout is about lower layers only.
    pub fn whiteout(&mut self, path: &Path) -> io::Result<()> {
        let place = self.place(path)?;
        match place.kind()? {
            Some(FileType::Directory) => place.mark_opaque(),
            Some(_) => Ok(()),
            None => {
                let (kind, mode) = (FileType::CharacterDevice, Mode::empty());
                Ok(rustix::fs::mknodat(&place.dir, place.name, kind, mode, 0)?)
            }
        }
    }

    /// Hides everything that the layers below have in a directory.
    pub fn opaque(&mut self, dir: &Path) -> io::Result<()> {
        let open = self.open_dir(dir)?;
        mark_opaque(&fd_path(&open))
    }

    /// Sets the times of directories, now that nothing changes them any more.
    pub fn finish(mut self) -> io::Result<()> {
        for (path, times) in std::mem::take(&mut self.directory_times).into_iter().rev() {
            let Some(name) = path.file_name() else {
                Place { dir: self.root.clone(), name: OsStr::new(".") }.set_times(&times)?;
                continue;
            };
            let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
            match self.resolve(parent.unwrap_or(Path::new("."))) {
                Ok(dir) => Place { dir: Rc::new(dir), name }.set_times(&times)?,
                // A later entry put something else in the directory's place.
                Err(Errno::NOENT | Errno::NOTDIR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Makes something; what the layer had there before gives way.
    fn make<T>(
        &mut self,
        place: &Place<'_>,
        make: impl Fn(&Place<'_>) -> rustix::io::Result<T>,
    ) -> io::Result<T> {
        match make(place) {
            Err(Errno::EXIST) => {
                self.clear(place)?;
                Ok(make(place)?)
            }
            result => Ok(result?),
        }
    }

    fn clear(&mut self, place: &Place<'_>) -> io::Result<()> {
        self.last = None;
        match rustix::fs::unlinkat(&place.dir, place.name, AtFlags::empty()) {
            Err(Errno::ISDIR) => fs::remove_dir_all(place.path()),
            result => Ok(result?),
        }
    }

    fn place<'a>(&mut self, path: &'a Path) -> io::Result<Place<'a>> {
        let name = path.file_name().ok_or_else(|| io::Error::other("a path without a name"))?;
        let dir = self.open_dir(path.parent().unwrap_or(Path::new("")))?;
        Ok(Place { dir, name })
    }

    /// Opens a directory, making it when the layer has not said it before.
    fn open_dir(&mut self, path: &Path) -> io::Result<Rc<OwnedFd>> {
        if path.as_os_str().is_empty() {
            return Ok(self.root.clone());
        }
        if let Some((last, dir)) = &self.last
            && last == path
        {
            return Ok(dir.clone());
        }
        let dir = match self.resolve(path) {
            Err(error @ (Errno::NOENT | Errno::NOTDIR)) => {
                let place = self.place(path)?;
                match place.kind()? {
                    None => self.make_dir(&place, None)?,
                    kind if place.is_whiteout()? => self.make_dir(&place, kind)?,
                    Some(_) => return Err(error.into()),
                }
                place.set(&Attributes { mode: 0o755, ..Attributes::default() }, true)?;
                self.resolve(path)?
            }
            result => result?,
        };
        let dir = Rc::new(dir);
        self.last = Some((path.to_path_buf(), dir.clone()));
        Ok(dir)
    }

    fn resolve(&self, path: &Path) -> rustix::io::Result<OwnedFd> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let within = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
        loop {
            match rustix::fs::openat2(&*self.root, path, flags, Mode::empty(), within) {
                // A rename elsewhere on the machine while the kernel looked.
                Err(Errno::AGAIN) => {}
                result => return result,
            }
        }
    }
}

impl Place<'_> {
    /// A path by which system calls without a directory argument reach it.
    fn path(&self) -> PathBuf {
        fd_path(&self.dir).join(self.name)
    }

    fn kind(&self) -> io::Result<Option<FileType>> {
        match rustix::fs::statat(&self.dir, self.name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(FileType::from_raw_mode(stat.st_mode))),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn is_whiteout(&self) -> io::Result<bool> {
        let stat = rustix::fs::statat(&self.dir, self.name, AtFlags::SYMLINK_NOFOLLOW)?;
        let kind = FileType::from_raw_mode(stat.st_mode);
        Ok(kind == FileType::CharacterDevice && stat.st_rdev == 0)
    }

    fn mark_opaque(&self) -> io::Result<()> {
        mark_opaque(&self.path())
    }

    /// Owner first, since a change of owner takes set-uid bits and capabilities away.
    fn set(&self, attributes: &Attributes, has_mode: bool) -> io::Result<()> {
        let (uid, gid) = (Uid::from_raw(attributes.uid), Gid::from_raw(attributes.gid));
        let no_follow = AtFlags::SYMLINK_NOFOLLOW;
        rustix::fs::chownat(&self.dir, self.name, Some(uid), Some(gid), no_follow)?;
        if has_mode {
            let mode = Mode::from_raw_mode(attributes.mode);
            rustix::fs::chmodat(&self.dir, self.name, mode, AtFlags::empty())?;
        }
        for (name, value) in &attributes.xattrs {
            let name = OsStr::from_bytes(name);
            rustix::fs::lsetxattr(self.path(), name, value, XattrFlags::empty())?;
        }
        Ok(())
    }

    fn set_times(&self, times: &Timestamps) -> io::Result<()> {
        let no_follow = AtFlags::SYMLINK_NOFOLLOW;
        Ok(rustix::fs::utimensat(&self.dir, self.name, times, no_follow)?)
    }
}

impl Attributes {
    fn times(&self) -> Timestamps {
        let (tv_sec, tv_nsec) = self.mtime;
        let mtime = Timespec { tv_sec, tv_nsec };
        Timestamps { last_access: mtime, last_modification: mtime }
    }
}

fn fd_path(fd: &OwnedFd) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", fd.as_raw_fd()))
}

fn mark_opaque(dir: &Path) -> io::Result<()> {
    Ok(rustix::fs::setxattr(dir, "trusted.overlay.opaque", b"y", XattrFlags::empty())?)
}
