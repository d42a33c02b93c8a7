#![doc = include_str!("../README.md")]

mod kept_blocks;
pub mod safety;
mod signer;

pub use kept_blocks::{KeepError, KeptBlocks};
pub use signer::{
	clock_payload, holds, watch_new_keys, Cover, Past, Signer, SignerParams, Silence, NEW_FILE_MARGIN_SLOTS,
};
