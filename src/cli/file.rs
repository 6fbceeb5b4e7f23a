//! Files that are there whole, or as they were.

use std::{ffi::OsString, fs, io, path::Path};

/// Writes beside `path` and then takes its place, so that whoever reads it meanwhile, or a full disk, sees no half of it.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    let before = fs::symlink_metadata(path);
    // Links, pipes and devices are written through, not replaced.
    if before.as_ref().is_ok_and(|before| !before.is_file()) {
        return fs::write(path, text);
    }
    let Some(name) = path.file_name() else { return fs::write(path, text) };
    let mut beside = OsString::from(".");
    beside.push(name);
    beside.push(format!(".{}", std::process::id()));
    let beside = path.with_file_name(beside);
    let replaced = fs::write(&beside, text)
        .and_then(|()| before.map_or(Ok(()), |before| fs::set_permissions(&beside, before.permissions())))
        .and_then(|()| fs::rename(&beside, path));
    if replaced.is_err() {
        // It may never have come to be.
        let _ = fs::remove_file(&beside);
        // Where only the file, and not its folder, may be written to.
        return fs::write(path, text);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_and_nothing_is_left_beside_it() {
        let dir = tempfile::tempdir().expect("temporary directory");
        let path = dir.path().join("report.json");
        for text in ["first, and longer", "second"] {
            write(&path, text).expect("writable");
            assert_eq!(fs::read_to_string(&path).expect("readable"), text);
        }
        assert_eq!(fs::read_dir(dir.path()).expect("readable").count(), 1);
        assert!(write(&dir.path().join("none/report.json"), "").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_written_through() {
        let dir = tempfile::tempdir().expect("temporary directory");
        let (link, file) = (dir.path().join("latest.json"), dir.path().join("today.json"));
        std::os::unix::fs::symlink(&file, &link).expect("links exist");
        write(&link, "text").expect("writable");
        assert_eq!(fs::read_to_string(&file).expect("readable"), "text");
        assert!(link.is_symlink());
    }
}
