//! Waiting, with a word now and then.

use smart_agent_terminal::{duration, Terminal};
use std::{future::Future, time::Duration};

/// What takes longer is told.
const QUIET: Duration = Duration::from_secs(2);
/// How often it is told anew.
const TELL: Duration = Duration::from_millis(500);

/// Waits for something, and says so if it takes long.
pub async fn waiting<T>(terminal: &Terminal, what: &str, wanted: impl Future<Output = T>) -> T {
	let mut bar = terminal.bar(what);
	tokio::pin!(wanted);
	loop {
		match tokio::time::timeout(TELL, &mut wanted).await {
			Ok(done) => return done,
			Err(_) if bar.elapsed() >= QUIET => bar.tell(None, &duration(bar.elapsed())),
			Err(_) => (),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use smart_agent_terminal::Colors;

	#[tokio::test]
	async fn what_is_there_at_once_is_not_waited_for() {
		let terminal = Terminal::new(false, Colors::Never);
		assert_eq!(waiting(&terminal, "Thinking", async { 7 }).await, 7);
	}
}
