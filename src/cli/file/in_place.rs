//! Overwrites a file whose directory takes no new one.

use std::{
    fs::File,
    io::{self, Read, Seek, Write},
    path::Path,
};

use super::atomic::sync;

/// Writes over what is at `path`. What makes the file longer comes first, for that needs room: on a full disk nothing is lost.
/// The rest goes where there is room already. If that fails all the same, the old content is restored.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::options().read(true).write(true).open(path)?;
    let length = file.metadata()?.len();
    let (over, beyond) = bytes.split_at(usize::try_from(length).unwrap_or(usize::MAX).min(bytes.len()));
    let mut before = vec![0; over.len()];
    file.read_exact(&mut before)?;
    if !beyond.is_empty() {
        let extended = write_at(&mut file, length, beyond);
        extended.or_else(|error| file.set_len(length).and(Err(error)))?;
    }
    let replaced = write_at(&mut file, 0, over).and_then(|()| file.set_len(bytes.len() as u64));
    replaced.or_else(|error| write_at(&mut file, 0, &before).and_then(|()| file.set_len(length)).and(Err(error)))
}

fn write_at(file: &mut File, position: u64, bytes: &[u8]) -> io::Result<()> {
    file.seek(io::SeekFrom::Start(position))?;
    file.write_all(bytes)?;
    sync(file)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::write;

    #[test]
    fn a_file_becomes_what_is_written() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        for text in ["short", "much longer than before", "", "of the same length", "on the same length"] {
            write(file.path(), text.as_bytes()).expect("writable");
            assert_eq!(fs::read_to_string(file.path()).expect("readable"), text);
        }
    }
}
