//! Files: read within a limit; written whole, or left as they were.

mod atomic;
mod in_place;
mod links;

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::Path,
};

use hubreach::wire::text;

use self::atomic::Refused;

/// What is written to a stream at a time, in bytes: little enough to see a slow reader read.
pub const PIECE: usize = 4096;

/// The text of a file of at most `largest` bytes; `-` is stdin.
pub fn read(path: &Path, largest: u64) -> io::Result<String> {
    bytes(path, largest).and_then(|bytes| text::text(bytes).map_err(io::Error::other))
}

/// The same, as it is.
pub fn bytes(path: &Path, largest: u64) -> io::Result<Vec<u8>> {
    let source: Box<dyn Read> = match path == Path::new("-") {
        true => Box::new(io::stdin().lock()),
        false => Box::new(File::open(path)?),
    };
    let mut bytes = Vec::new();
    source.take(largest + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > largest {
        true => Err(io::Error::other("it is larger than any such file")),
        false => Ok(bytes),
    }
}

/// Whether `word` is a file rather than a hub: it has the suffix of reports and lists, or it is there and no name of a hub.
pub fn is_meant(word: &str) -> bool {
    let path = Path::new(word);
    let suffix = path.extension().and_then(|suffix| suffix.to_str()).unwrap_or_default().to_ascii_lowercase();
    // None of them is a top-level domain.
    let is_suffix = ["json", "ndjson", "toml", "txt", "csv"].contains(&suffix.as_str());
    let is_url = word.contains("://");
    !is_url && (is_suffix || (path.is_file() && (word.contains(['/', '\\']) || !word.contains('.'))))
}

/// Whether the file is a report of a check or an audit, which is an object of JSON. A pipe is not looked into: that would wait
/// for its writer, and take from whoever reads it then.
pub fn is_report(word: &str) -> bool {
    if !Path::new(word).is_file() {
        return false;
    }
    let mut start = Vec::new();
    let read = File::open(word).and_then(|file| file.take(64).read_to_end(&mut start));
    // It may be in UTF-16, as PowerShell writes it.
    read.is_ok() && text::utf8(start).is_ok_and(|start| start.trim_ascii_start().starts_with(b"{"))
}

/// Writes `bytes` to `path`. A file that is there is replaced at once, with its mode and owner, or stays as it is: on a full
/// disk, too. What is no file (a pipe, a device) is written to.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            atomic::replace(&links::followed(path)?, None, bytes).map_err(Refused::into_error)
        }
        Err(error) => Err(error),
        Ok(found) if found.is_file() => replace(path, bytes),
        Ok(_) => write_stream(path, bytes, &|_| ()),
    }
}

/// Writes `bytes` to what is no file, telling how many of them its reader has taken.
pub fn write_stream(path: &Path, bytes: &[u8], taken: &dyn Fn(usize)) -> io::Result<()> {
    let mut stream = File::options().write(true).open(path)?;
    for piece in bytes.chunks(PIECE) {
        stream.write_all(piece)?;
        taken(piece.len());
    }
    stream.flush()
}

/// Whether [`write`] has a chance, before there is anything to be written. What is there stays, and nothing is left beside it.
pub fn try_out(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            atomic::try_out(&links::followed(path)?).map_err(Refused::into_error)
        }
        Err(error) => Err(error),
        // Opening a pipe would wait for its reader.
        Ok(_) if is_stream(path) => Ok(()),
        Ok(_) => {
            File::options().write(true).open(path)?;
            match atomic::try_out(&links::followed(path)?) {
                Err(Refused::Beside(_)) => Ok(()),
                tried => tried.map_err(Refused::into_error),
            }
        }
    }
}

/// Whether what is at `path` may keep its writer waiting, as a pipe does.
pub fn is_stream(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // What may not be written to may not be replaced either, although its folder would allow it.
    let before = File::options().write(true).open(path)?.metadata()?;
    match atomic::replace(&links::followed(path)?, Some(&before), bytes) {
        Err(Refused::Beside(_)) => in_place::write(path, bytes),
        done => done.map_err(Refused::into_error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let entries = fs::read_dir(dir).expect("readable").map(|entry| entry.expect("an entry").file_name());
        let mut names: Vec<String> = entries.map(|name| name.into_string().expect("UTF-8")).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn a_file_is_replaced_and_nothing_is_left_beside_it() {
        let dir = tempfile::tempdir().expect("temporary directory");
        let path = dir.path().join("report.json");
        for text in ["first, and longer", "second"] {
            write(&path, text.as_bytes()).expect("writable");
            assert_eq!(fs::read_to_string(&path).expect("readable"), text);
        }
        assert_eq!(names(dir.path()), ["report.json"]);
        assert!(write(&dir.path().join("none/report.json"), b"").is_err());
        assert!(write(dir.path(), b"").is_err());
    }

    #[test]
    fn trying_leaves_all_as_it_is() {
        let dir = tempfile::tempdir().expect("temporary directory");
        let path = dir.path().join("report.json");
        try_out(&path).expect("writable");
        assert!(names(dir.path()).is_empty());
        fs::write(&path, "before").expect("writable");
        try_out(&path).expect("writable");
        assert_eq!((names(dir.path()).len(), fs::read_to_string(&path).expect("there").as_str()), (1, "before"));
        assert!(try_out(&dir.path().join("none/report.json")).is_err());
        assert!(try_out(dir.path()).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_stay() {
        let dir = tempfile::tempdir().expect("temporary directory");
        let at = |name: &str| dir.path().join(name);
        fs::create_dir(at("days")).expect("made");
        std::os::unix::fs::symlink("days/today.json", at("today")).expect("links exist");
        std::os::unix::fs::symlink("today", at("latest.json")).expect("links exist");
        // First there is no such file yet, then there is.
        for text in ["first", "second"] {
            write(&at("latest.json"), text.as_bytes()).expect("writable");
            assert_eq!(fs::read_to_string(at("days/today.json")).expect("readable"), text);
        }
        assert!(at("latest.json").is_symlink() && at("today").is_symlink());
        assert_eq!(names(&at("days")), ["today.json"]);
        std::os::unix::fs::symlink("loop.json", at("loop.json")).expect("links exist");
        assert!(write(&at("loop.json"), b"").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn mode_and_owner_stay() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};

        let dir = tempfile::tempdir().expect("temporary directory");
        let path = dir.path().join("report.json");
        write(&path, b"first").expect("writable");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("set");
        // Only root may give files away; for others the owner is kept anyway.
        let owner = if chown(&path, Some(7), Some(8)).is_ok() { Some((7, 8)) } else { None };
        let inode = fs::metadata(&path).expect("there").ino();
        write(&path, b"second").expect("writable");
        let after = fs::metadata(&path).expect("there");
        assert_eq!(after.mode() & 0o7777, 0o640);
        assert_ne!(after.ino(), inode, "it was replaced, not written over");
        assert!(owner.is_none_or(|owner| owner == (after.uid(), after.gid())));
    }
}
