//! Builds the Wasm runtime that the native crate embeds.
//!
//! `SKIP_WASM_BUILD=1` leaves it out. `SKIP_METADATA_HASH=1` leaves out the hash of the metadata, and with it the
//! second of two compilations: for trying things out, never for a release.

#[cfg(feature = "std")]
fn main() {
	let builder = substrate_wasm_builder::WasmBuilder::init_with_defaults();
	// Compiles the runtime twice: the metadata of the first build is hashed, the second build knows the hash.
	#[cfg(feature = "metadata-hash")]
	let builder = {
		println!("cargo:rerun-if-env-changed=SKIP_METADATA_HASH");
		if std::env::var_os("SKIP_METADATA_HASH").is_some() {
			builder
		} else {
			builder.enable_metadata_hash("STCI", 12)
		}
	};
	builder.build();
}

#[cfg(not(feature = "std"))]
fn main() {}
