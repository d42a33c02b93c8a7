//! Two C libraries that the agent links bring the same six functions, `HIST_*` of FSE: Chia's plotter, and zstd, which
//! comes with the SDK's Wasm executor and is never called here. Both are by the same hand, with the same parameters and
//! the same results, so the linker may take either; without being told, it refuses.

fn main() {
	println!("cargo::rerun-if-changed=build.rs");
	println!("cargo::rustc-link-arg=-Wl,--allow-multiple-definition");
}
