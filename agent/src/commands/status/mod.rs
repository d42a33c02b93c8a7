//! How this machine does: what the agent that runs says, or else chain and disk.

mod asked;
mod shown;

use super::{Context, Failure};
use crate::page::AskError;

/// Carries out the command.
pub async fn run(context: &Context) -> Result<(), Failure> {
	let asking = context.clone();
	let asked = tokio::task::spawn_blocking(move || asking.ask_agent()).await;
	let asked = asked.map_err(|error| Failure::other(format!("cannot ask the agent: {error}; try again")))?;
	let (status, runs) = match asked {
		Ok(status) => (status, true),
		Err(AskError::NotRunning(_)) => (asked::status(context).await?, false),
		Err(error) => return Err(Failure::other(error.to_string())),
	};
	context
		.terminal
		.facts(&status, |terminal| shown::text(terminal, &status, runs));
	Ok(())
}
