//! Where links lead to.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// As many as the kernel follows.
const MAX_LINKS: usize = 40;

/// The file that `path` means, which need not be there: what stands in its place is replaced, not the link to it.
pub fn followed(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&path) {
            // Relative to where the link stands.
            Ok(to) => path = path.parent().unwrap_or(Path::new("")).join(to),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many links"))
}
