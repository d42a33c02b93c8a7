//! What a node says, told to the book.

use super::file::BookFile;
use crate::{commands::Failure, ledger::Ledger, status::unix_now};
use smart_agent_chain::{ClosedEra, Head};
use smart_agent_ledger::{Book, Closed, Observed, Seen, View};

/// The place of plots among pots.
const PLOTS: usize = 1;

/// What a look has brought.
#[derive(Debug)]
pub(super) struct Looked {
	/// The book after it.
	pub book: Book,
	/// What is new.
	pub observed: Observed,
}

fn closed(era: &ClosedEra) -> Closed {
	Closed {
		ceiling: era.ceiling,
		usage: era.usage,
		rate: era.rate,
		gross: era.gross,
		plots: era.pots.get(PLOTS).copied().unwrap_or(0),
		units: era.units,
	}
}

/// Asks a node for what the book's account has earned, and how the last `back` eras were closed, `most` of them at a
/// time. What this machine `noted` of eras is taken up as well.
///
/// # Errors
/// If the node is not reached or its runtime has no issuance; if the file cannot be used.
pub(super) async fn look(
	ledger: &dyn Ledger,
	file: &BookFile,
	back: u32,
	most: usize,
	noted: Vec<(u32, Seen)>,
) -> Result<Looked, Failure> {
	let said = ledger.claimable(file.account()).await?;
	let era = said.era;
	let wanted = file.change(move |book| book.wanted(era, back, most)).await?;
	let view = View {
		account: *file.account(),
		block: said.at.number,
		made: said.at.slot.saturating_mul(ledger.facts().slot_ms) / 1_000,
		era,
		expiry: said.expiry,
		claimable: said.eras,
		closed: closed_eras(ledger, &wanted, &said.at).await?,
		now: unix_now(),
	};
	let observed = file
		.change(move |book| {
			for (era, seen) in &noted {
				book.note(*era, seen);
			}
			book.observe(&view).map(|observed| (observed, book.clone()))
		})
		.await?;
	let (observed, book) = observed.map_err(|error| Failure::other(format!("the book cannot be used: {error}")))?;
	Ok(Looked { book, observed })
}

async fn closed_eras(ledger: &dyn Ledger, wanted: &[u32], at: &Head) -> Result<Vec<(u32, Closed)>, Failure> {
	let mut known = Vec::new();
	for era in wanted {
		if let Some(said) = ledger.closed_era(*era, at).await? {
			known.push((*era, closed(&said)));
		}
	}
	Ok(known)
}
