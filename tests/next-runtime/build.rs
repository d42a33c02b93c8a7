//! Builds the Wasm runtime with another slot rule. `SKIP_WASM_BUILD=1` leaves it out.

#[cfg(feature = "std")]
fn main() {
	if let Err(error) = share_target() {
		println!("cargo:warning=the runtime's dependencies are compiled once more: {error}");
	}
	// Without a hash of the metadata, which no test asks for: that would be a second compilation.
	substrate_wasm_builder::WasmBuilder::init_with_defaults()
		.enable_feature("in-wasm")
		.build();
}

/// Lets this build find what the runtime's own has compiled: two hundred crates are the same for both. The builder has
/// a folder `wbuild/CRATE/target` for each crate; this one's becomes a link to the runtime's. What the two write there
/// bears their own names, and cargo lets one work after the other.
#[cfg(feature = "std")]
fn share_target() -> std::io::Result<()> {
	use std::{fs, io, os::unix::fs::symlink, path::PathBuf};
	let out = std::env::var_os("OUT_DIR").map(PathBuf::from);
	// Beside `build/CRATE-HASH/out`.
	let builds = out
		.as_ref()
		.and_then(|out| Some(out.ancestors().nth(3)?.join("wbuild")));
	let builds = builds.ok_or_else(|| io::Error::other("cargo gives no OUT_DIR with a build folder above it"))?;
	let own = builds.join(env!("CARGO_PKG_NAME"));
	fs::create_dir_all(builds.join("smartchain-runtime/target"))?;
	fs::create_dir_all(&own)?;
	match symlink("../smartchain-runtime/target", own.join("target")) {
		Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
		linked => linked,
	}
}

#[cfg(not(feature = "std"))]
fn main() {}
