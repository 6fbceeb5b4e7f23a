//! The image, and what is promised of it.

use std::{
    io::Read,
    process::{Command, Stdio},
};

use serde_json::Value;

use super::docker::{Temporary, docker, run};

/// Kept by the engine between runs: what it is made from decides whether it is made again.
const RUST_IMAGE: &str = "hubreach-test/rust";
const IMAGE: &str = "hubreach-test/hubreach";

/// What was built, under names that no other run of these tests gives to anything else meanwhile.
pub struct Images {
    pub hubreach: Temporary,
    /// The example of a device's own image, with the same program in it.
    pub device: Temporary,
}

/// An image is no larger, in bytes.
const LARGEST: u64 = 7_500_000;

/// Builds it, in a base image of this machine's own where that is not there yet, and sees what is promised of it.
pub fn build() -> Result<Images, String> {
    let root = env!("CARGO_MANIFEST_DIR");
    let base = format!("{RUST_IMAGE}:{}", fingerprint()?);
    if docker(&["image", "inspect", &base]).is_err() {
        let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
        run(Command::new(format!("{root}/tests/engine/rust-image")).arg(&base).arg(dir.path()))?;
    }
    let argument = format!("RUST_IMAGE={base}");
    let name = format!("{IMAGE}:{}", std::process::id());
    // Nothing is fetched in the build: what is not in the base image or the repository is not there.
    docker(&["build", "--network", "none", "--build-arg", &argument, "--tag", IMAGE, "--tag", &name, root])?;
    let hubreach = Temporary::image(name);
    let image: Value =
        serde_json::from_str(&docker(&["image", "inspect", &hubreach.name])?).map_err(|error| error.to_string())?;
    as_documented(&image[0])?;
    small(&image[0], &hubreach.name)?;
    let device = build_device(&base, &hubreach.name)?;
    Ok(Images { hubreach, device })
}

fn build_device(base: &str, hubreach: &str) -> Result<Temporary, String> {
    let name = format!("hubreach-test/device:{}", std::process::id());
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/containers/Dockerfile.device");
    let context = tempfile::tempdir().map_err(|error| error.to_string())?;
    run(Command::new("docker")
        .args(["build", "--network", "none", "--tag", &name, "--file", file])
        .args(["--build-arg", &format!("HUBREACH_IMAGE={hubreach}"), "--build-arg", &format!("BASE_IMAGE={base}")])
        .arg(context.path()))?;
    Ok(Temporary::image(name))
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
