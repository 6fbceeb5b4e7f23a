//! The image, and what is promised of it.

use std::{
    io::Read,
    process::{Command, Stdio},
};

use serde_json::Value;

use super::docker::{Temporary, docker, own, run};

/// What was built, under names that no other run of these tests gives to anything else meanwhile. All of it goes with this value, what
/// is made from something else first.
pub struct Images {
    /// The example of a device's own image, with the same program in it.
    pub device: Temporary,
    pub hubreach: Temporary,
    _build: Temporary,
    _base: Base,
}

/// An image is no larger, in bytes.
const LARGEST: u64 = 8_000_000;

/// Builds it, in a base image of this machine's own, and sees what is promised of it.
pub fn build() -> Result<Images, String> {
    let base = Base::make()?;
    let argument = format!("RUST_IMAGE={}", base.name);
    let root = env!("CARGO_MANIFEST_DIR");
    // The stage that compiles has a name of its own, to be removed by.
    let stage = Temporary::image(own("hubreach-test/build:of"));
    build_image(&["--build-arg", &argument, "--target", "build", "--tag", &stage.name, root])?;
    let hubreach = Temporary::image(own("hubreach-test/hubreach:of"));
    build_image(&["--build-arg", &argument, "--tag", &hubreach.name, root])?;
    let image: Value =
        serde_json::from_str(&docker(&["image", "inspect", &hubreach.name])?).map_err(|error| error.to_string())?;
    as_documented(&image[0])?;
    small(&image[0], &hubreach.name)?;
    let device = build_device(&base.name, &hubreach.name)?;
    Ok(Images { device, hubreach, _build: stage, _base: base })
}

/// Nothing is fetched in the build: what is not in the base image or the repository is not there.
fn build_image(arguments: &[&str]) -> Result<(), String> {
    let mut build = Command::new("docker");
    // The other builder keeps a cache of its own, which cannot be told from that of other builds.
    build.env("DOCKER_BUILDKIT", "0").args(["build", "--network", "none", "--force-rm"]).args(arguments);
    run(&mut build).map(drop)
}

fn build_device(base: &str, hubreach: &str) -> Result<Temporary, String> {
    let device = Temporary::image(own("hubreach-test/device:of"));
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/containers/Dockerfile.device");
    let context = tempfile::tempdir().map_err(|error| error.to_string())?;
    let context = context.path().to_string_lossy();
    let (hubreach, base) = (format!("HUBREACH_IMAGE={hubreach}"), format!("BASE_IMAGE={base}"));
    build_image(&["--tag", &device.name, "--file", file, "--build-arg", &hubreach, "--build-arg", &base, &context])?;
    Ok(device)
}

/// The image that the others are built in. Who sets `HUBREACH_TEST_KEEP_IMAGE=1` finds it there at the next run: it takes minutes.
struct Base {
    name: String,
    is_kept: bool,
}

impl Base {
    fn make() -> Result<Self, String> {
        let is_kept = std::env::var_os("HUBREACH_TEST_KEEP_IMAGE").is_some_and(|value| value == "1");
        let name = format!("hubreach-test/rust:{}", fingerprint()?);
        let base = Self { name: if is_kept { name } else { own(&name) }, is_kept };
        if docker(&["image", "inspect", &base.name]).is_err() {
            let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
            let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/engine/rust-image");
            run(Command::new(script).arg(&base.name).arg(dir.path()))?;
        }
        Ok(base)
    }

    /// What a build that failed has left: steps on this image, the last first.
    fn steps(&self) -> Result<Vec<String>, String> {
        let all = docker(&["images", "--all", "--quiet", "--no-trunc"])?;
        let inspect = [&["image", "inspect", "--format", "{{.Id}} {{.Parent}}"], &all.lines().collect::<Vec<_>>()[..]];
        let parents = docker(&inspect.concat())?;
        let mut found = vec![docker(&["image", "inspect", "--format", "{{.Id}}", &self.name])?];
        let mut next = 0;
        while let Some(parent) = found.get(next).cloned() {
            let children = parents.lines().filter_map(|line| line.split_once(' ')).filter(|(_, of)| *of == parent);
            found.extend(children.map(|(child, _)| child.to_owned()));
            next += 1;
        }
        Ok(found.split_off(1).into_iter().rev().collect())
    }
}

impl Drop for Base {
    fn drop(&mut self) {
        // What goes wrong here must not hide what went wrong before.
        for step in self.steps().unwrap_or_default() {
            let _ = docker(&["image", "rm", "--force", &step]);
        }
        if !self.is_kept {
            let _ = docker(&["image", "rm", &self.name]);
        }
    }
}

/// Of what the base image holds: the toolchain and the crates.
fn fingerprint() -> Result<String, String> {
    let lock = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock");
    let rustc = run(Command::new("rustc").arg("-vV"))?;
    let sum = run(Command::new("sh")
        .args(["-ec", "{ echo \"$1\"; cat \"$2\" \"$3\"; } | sha256sum | cut -c1-16", "sh"])
        .args([rustc.as_str(), lock, concat!(env!("CARGO_MANIFEST_DIR"), "/tests/engine/rust-image")]))?;
    Ok(sum)
}

fn as_documented(image: &Value) -> Result<(), String> {
    let seconds = |seconds: u64| seconds * 1_000_000_000;
    let wanted = serde_json::json!({
        "User": "65532:65532",
        "Entrypoint": ["/hubreach"],
        "Healthcheck": {
            "Test": ["CMD", "/hubreach", "health"],
            "Interval": seconds(60),
            "Timeout": seconds(15),
            "StartPeriod": seconds(15),
            "Retries": 3,
        },
    });
    for (key, wanted) in wanted.as_object().into_iter().flatten() {
        let found = &image["Config"][key];
        if found != wanted {
            return Err(format!("{key} is {found}, not {wanted}"));
        }
    }
    // People copy these values from the page: they must be those of the image.
    let page = include_str!("../../docs/containers.md");
    for option in ["--interval=60s", "--timeout=15s", "--start-period=15s", "--retries=3"] {
        if !page.contains(option) {
            return Err(format!("docs/containers.md does not speak of {option}"));
        }
    }
    Ok(())
}

fn small(image: &Value, name: &str) -> Result<(), String> {
    let size = image["Size"].as_u64().ok_or("no size")?;
    let mut save = Command::new("sh");
    let save = save.args(["-ec", "docker save \"$1\" | gzip -9", "sh", name]).stdout(Stdio::piped());
    let mut child = save.spawn().map_err(|error| error.to_string())?;
    let mut compressed = Vec::new();
    let read = child.stdout.take().map(|mut stdout| stdout.read_to_end(&mut compressed));
    read.transpose().map_err(|error| error.to_string())?;
    child.wait().map_err(|error| error.to_string())?;
    println!("the image has {size} bytes, {} compressed", compressed.len());
    if size < LARGEST { Ok(()) } else { Err(format!("the image has {size} bytes, {LARGEST} or more")) }
}
