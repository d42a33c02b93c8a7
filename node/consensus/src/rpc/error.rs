//! What the `poca_*` methods answer when they cannot answer.

use crate::proofs::Error;
use jsonrpsee::types::ErrorObjectOwned;

/// Codes start here; each error adds its own small number, which never changes its meaning.
pub const BASE_ERROR: i32 = 14_000;

impl Error {
	/// The JSON-RPC error code.
	pub fn code(&self) -> i32 {
		BASE_ERROR
			+ match self {
				Error::Chain(_) => 1,
				Error::UnknownBlock(_) => 2,
				Error::NotFinal { .. } => 3,
				Error::Orphaned { .. } => 4,
				Error::NoCertificate { .. } => 5,
				Error::TooFar { .. } => 6,
				Error::NoChangeProof(_) => 7,
				Error::EarlierSet { .. } => 8,
			}
	}
}

impl From<Error> for ErrorObjectOwned {
	fn from(error: Error) -> Self {
		ErrorObjectOwned::owned(error.code(), error.to_string(), None::<()>)
	}
}
