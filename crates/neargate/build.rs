//! How the binary is linked. The tables of AWS's shapes are a hundred thousand pointers and more, each
//! with a relocation of 24 bytes that is read at every start; packed, all of them take 40 KiB.

use std::process::Command;

/// The first glibc that takes packed relocations. An older one refuses such a binary by name.
const PACKED_SINCE: (u32, u32) = (2, 36);

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let of_cargo = |name| std::env::var(name).unwrap_or_default();
    let is_for_here = of_cargo("TARGET") == of_cargo("HOST");
    if is_for_here && of_cargo("PROFILE") == "release" && glibc() >= Some(PACKED_SINCE) {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

/// This machine's; none where another C library is.
fn glibc() -> Option<(u32, u32)> {
    let told = Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?.stdout;
    let told = String::from_utf8(told).ok()?;
    let (major, minor) = told.trim().strip_prefix("glibc ")?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
