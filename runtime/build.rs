//! Builds the Wasm runtime that the native crate embeds. `SKIP_WASM_BUILD=1` leaves it out.

#[cfg(all(feature = "std", feature = "metadata-hash"))]
fn main() {
	// Compiles the runtime twice: the first build's metadata is hashed, the second build knows the hash.
	substrate_wasm_builder::WasmBuilder::init_with_defaults().enable_metadata_hash("STCI", 12).build();
}

#[cfg(all(feature = "std", not(feature = "metadata-hash")))]
fn main() {
	substrate_wasm_builder::WasmBuilder::build_using_defaults();
}

#[cfg(not(feature = "std"))]
fn main() {}
