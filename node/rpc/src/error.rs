//! What the `poca_*` methods answer when they cannot answer.

use jsonrpsee::types::ErrorObjectOwned;
use smartchain_chain::ChainError;
use smartchain_proofs as proofs;

/// Codes start here; each error adds its own small number, which never changes its meaning.
pub const BASE_ERROR: i32 = 14_000;

/// Why a method does not answer.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(#[from] proofs::Error);

impl Error {
	/// The JSON-RPC error code.
	pub fn code(&self) -> i32 {
		BASE_ERROR
			+ match self.0 {
				proofs::Error::Chain(_) => 1,
				proofs::Error::UnknownBlock(_) => 2,
				proofs::Error::NotFinal { .. } => 3,
				proofs::Error::Orphaned { .. } => 4,
				proofs::Error::NoCertificate { .. } => 5,
				proofs::Error::TooFar { .. } => 6,
				proofs::Error::NoChangeProof(_) => 7,
				proofs::Error::EarlierSet { .. } => 8,
			}
	}
}

impl From<ChainError> for Error {
	fn from(error: ChainError) -> Self {
		Self(error.into())
	}
}

impl From<Error> for ErrorObjectOwned {
	fn from(error: Error) -> Self {
		ErrorObjectOwned::owned(error.code(), error.to_string(), None::<()>)
	}
}
