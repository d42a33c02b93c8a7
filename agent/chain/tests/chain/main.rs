//! The client against a node in this process, which speaks as real ones do, with the runtime's own metadata.

mod blocks;
mod calls;
mod connection;
mod earnings;
mod node;
mod wins;

use std::{future::Future, time::Duration};

/// How long anything here may take.
const LIMIT: Duration = Duration::from_secs(60);

/// Ends a test that hangs.
async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
	match tokio::time::timeout(LIMIT, future).await {
		Ok(value) => value,
		Err(_) => panic!("{what} takes more than {LIMIT:?}"),
	}
}
