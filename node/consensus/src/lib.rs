#![doc = include_str!("../README.md")]

pub mod authoring;
pub mod blocks;
#[cfg(test)]
mod golden;
pub mod net;
pub mod own;
pub mod shown;
mod start;
pub mod voter;

pub use authoring::{
	building::{BuildBlock, PoolBuilder},
	BLOCK_BYTES,
};
pub use blocks::import::{block_import, HeaderError, ImportLink, PocaBlockImport, PocaVerifier};
pub use blocks::queue::{import_queue, PocaQueue};
pub use net::protocols::{protocols, Protocols};
pub use own::pool::{OwnTransactions, PoolTransactions};
pub use shown::status::{ConsensusHandle, RelaxedStatus, Status, VoterStatus};
pub use start::{start, StartParams};
pub use voter::Error;
