//! Small files, read without waiting for anyone who writes one.

use std::{
    fs::{self, OpenOptions},
    io::Read,
    path::{Path, PathBuf},
};

/// More than any of these files holds. A larger one is not read: half a file is another one.
const MAX_SIZE: u64 = 64 << 10;
/// More files than anyone puts into one folder of drop-ins.
const MAX_FILES: usize = 16;
/// So many entries of a folder are looked at.
const MAX_ENTRIES: usize = 256;

/// The files below a root, which tests choose.
pub(super) struct Files {
    root: PathBuf,
}

impl Files {
    pub(super) fn of_this_machine() -> Self {
        Self { root: PathBuf::new() }
    }

    #[cfg(test)]
    pub(super) fn below(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// The text of a regular file. A pipe would keep its reader waiting.
    pub(super) fn read(&self, path: &Path) -> Option<String> {
        let mut options = OpenOptions::new();
        options.read(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
        let file = options.open(self.real(path)).ok()?;
        let metadata = file.metadata().ok()?;
        if !metadata.is_file() {
            return None;
        }
        let mut bytes = Vec::new();
        file.take(MAX_SIZE + 1).read_to_end(&mut bytes).ok()?;
        let is_whole = u64::try_from(bytes.len()).is_ok_and(|length| length <= MAX_SIZE);
        is_whole.then(|| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The files in a folder whose names end so, in their order.
    pub(super) fn list(&self, folder: &Path, suffix: &str) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.real(folder)) else { return Vec::new() };
        let names = entries.take(MAX_ENTRIES).filter_map(|entry| Some(entry.ok()?.file_name()));
        let mut names: Vec<_> = names.filter(|name| name.to_string_lossy().ends_with(suffix)).collect();
        names.sort();
        names.into_iter().take(MAX_FILES).map(|name| folder.join(name)).collect()
    }

    fn real(&self, path: &Path) -> PathBuf {
        match path.strip_prefix("/") {
            Ok(relative) if !self.root.as_os_str().is_empty() => self.root.join(relative),
            _ => path.to_owned(),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A folder of a test, removed after it.
    pub(in super::super) struct Folder(PathBuf);

    impl Folder {
        pub(in super::super) fn with(name: &str, files: &[(&str, &str)]) -> Self {
            let root = std::env::temp_dir().join(format!("hubreach-{}-{name}", std::process::id()));
            for (path, text) in files {
                let path = root.join(path.trim_start_matches('/'));
                fs::create_dir_all(path.parent().expect("a folder")).expect("created");
                fs::write(path, text).expect("written");
            }
            Self(root)
        }

        pub(in super::super) fn files(&self) -> Files {
            Files::below(&self.0)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn whole_regular_files_are_read() {
        let most = "x".repeat(64 << 10);
        let more = format!("{most}x");
        let folder = Folder::with("regular", &[("/etc/text", "text"), ("/etc/most", &most), ("/etc/more", &more)]);
        let read = |path: &str| folder.files().read(Path::new(path));
        assert_eq!(read("/etc/text").as_deref(), Some("text"));
        assert_eq!(read("/etc/most").map(|text| text.len()), Some(64 << 10));
        assert_eq!(read("/etc/more"), None);
        assert_eq!(read("/etc"), None);
        assert_eq!(read("/etc/absent"), None);
        #[cfg(target_os = "linux")]
        assert_eq!(Files::of_this_machine().read(Path::new("/dev/zero")), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_pipe_keeps_nobody_waiting() {
        let folder = Folder::with("pipe", &[("/etc/text", "text")]);
        let path = folder.0.join("etc/pipe");
        let made = std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo(1)");
        assert!(made.success());
        assert_eq!(folder.files().read(Path::new("/etc/pipe")), None);
    }

    #[test]
    fn files_of_a_folder_are_in_order() {
        let names = ["/d/20-b.conf", "/d/10-a.conf", "/d/30.conf.disabled"];
        let folder = Folder::with("order", &names.map(|name| (name, "")));
        let listed = folder.files().list(Path::new("/d"), ".conf");
        assert_eq!(listed, ["/d/10-a.conf", "/d/20-b.conf"].map(PathBuf::from));
        assert!(folder.files().list(Path::new("/absent"), ".conf").is_empty());
    }
}
