//! Leaves the tables for unwinding, a ninth of its size, out of an optimised `hubreach` on Linux: a panic aborts it, so that
//! nothing ever reads them.

use std::{env, path::PathBuf};

/// Takes no linker scripts.
const MOLD: &str = "mold";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=no-unwinding.ld");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    // Tried with the linkers of GNU and LLVM, on this processor alone.
    let is_tried = is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ARCH", "x86_64");
    if is_tried && is("PROFILE", "release") && !flags.contains(MOLD) {
        let script = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("no-unwinding.ld");
        println!("cargo::rustc-link-arg-bins=-Wl,-T,{}", script.display());
    }
}
