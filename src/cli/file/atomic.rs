//! Writes a new file in the same directory, which replaces the old one once it is complete.

use std::{
    ffi::OsString,
    fs::{self, File, Metadata},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};

use aws_lc_rs::rand;

/// Why there is no new file. The old one is as it was.
#[derive(Debug)]
pub enum Refused {
    /// The directory takes no new file, or the old one cannot be replaced, or not under its owner's name.
    Beside(io::Error),
    /// Anything else.
    Other(io::Error),
}

impl Refused {
    pub fn into_error(self) -> io::Error {
        match self {
            Self::Beside(error) | Self::Other(error) => error,
        }
    }

    fn of(error: io::Error) -> Self {
        match error.kind() {
            // A folder that is not ours; a mount point, as a single file that is shared with a container.
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem | ErrorKind::ResourceBusy => {
                Self::Beside(error)
            }
            _ => Self::Other(error),
        }
    }
}

/// Puts a file with `bytes` at `path`, where `before` stood.
pub fn replace(path: &Path, before: Option<&Metadata>, bytes: &[u8]) -> Result<(), Refused> {
    let (mut file, new) = New::create(path, before.is_some()).map_err(Refused::of)?;
    if let Some(before) = before {
        like(&file, before).map_err(Refused::of)?;
    }
    file.write_all(bytes).and_then(|()| sync(&file)).map_err(Refused::Other)?;
    drop(file);
    new.rename(path).map_err(Refused::of)
}

/// Whether the directory of `path` takes a file of some length; nothing of it remains.
pub fn try_out(path: &Path) -> Result<(), Refused> {
    // A full disk still takes a name, but no block.
    const BLOCK: [u8; 4096] = [0; 4096];
    let (mut file, _new) = New::create(path, true).map_err(Refused::of)?;
    file.write_all(&BLOCK).map_err(Refused::Other)
}

/// A file that is removed again unless it gets its name.
struct New(PathBuf);

impl New {
    /// Under an unpredictable name, and never through a link: an existing file is left alone.
    fn create(path: &Path, is_private: bool) -> io::Result<(File, Self)> {
        let mut random = [0; 8];
        rand::fill(&mut random).map_err(|_| io::Error::other("the system gives no random bytes"))?;
        let mut name = OsString::from(".");
        name.push(path.file_name().ok_or(ErrorKind::InvalidInput)?);
        name.push(format!(".{:016x}.tmp", u64::from_ne_bytes(random)));
        let new = path.with_file_name(name);
        let mut options = File::options();
        options.write(true).create_new(true);
        // Until it has the mode of what it replaces; on Windows the folder says who may read it.
        #[cfg(unix)]
        if is_private {
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        #[cfg(not(unix))]
        let _ = is_private;
        options.open(&new).map(|file| (file, Self(new)))
    }

    fn rename(self, path: &Path) -> io::Result<()> {
        fs::rename(&self.0, path)?;
        std::mem::forget(self);
        // A report that is there after a power cut is better, and no reason to fail.
        #[cfg(unix)]
        let _ = path.parent().map(|dir| File::open(dir).and_then(|dir| dir.sync_all()));
        Ok(())
    }
}

impl Drop for New {
    fn drop(&mut self) {
        // Nothing more can be done.
        let _ = fs::remove_file(&self.0);
    }
}

/// Gives `file` the owner and the mode that `before` had.
fn like(file: &File, before: &Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};

        let now = file.metadata()?;
        if (now.uid(), now.gid()) != (before.uid(), before.gid()) {
            fchown(file, Some(before.uid()), Some(before.gid()))?;
        }
    }
    file.set_permissions(before.permissions())
}

/// Some disks are found to be full only now.
pub fn sync(file: &File) -> io::Result<()> {
    match file.sync_all() {
        // Not every file system can.
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => Ok(()),
        synced => synced,
    }
}
