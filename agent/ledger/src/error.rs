//! What may be wrong with a book.

/// Why bytes are no book of this account.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BookError {
	/// A newer program wrote them.
	#[error("it has version {0}, which this program does not know; use a newer one")]
	Version(
		/// Its version.
		u8,
	),
	/// They are not what this program writes.
	#[error("it is damaged: {0}")]
	Damaged(
		/// What was seen.
		&'static str,
	),
	/// They are of another account or chain.
	#[error("it is of another account or chain")]
	Other,
}
