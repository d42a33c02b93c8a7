//! The book as status and commands show it.

use crate::{
	config::ClaimWhen,
	keys::address,
	status::{Decimal, Earned, Earnings, PotShare},
	terminal::{counted, money::Currency, Terminal, Tone},
};
use smart_agent_ledger::{Book, EraRecord, State, POTS};

/// Parts of 10^9 in a thousandth of a percent.
const THOUSANDTH: u32 = 10_000;
/// Seconds of a day, of an hour and of a minute.
const DAY: u64 = 86_400;
const HOUR: u64 = 3_600;
const MINUTE: u64 = 60;

/// The latest eras of a book with its sums. A day has so many eras.
pub(super) fn part(book: &Book, account: &[u8; 32], day: u32, eras: usize, claims: ClaimWhen) -> Earnings {
	let totals = book.totals();
	Earnings {
		era: book.era(),
		account: address(account),
		last: book.earned(1),
		day: book.earned(day),
		claimable: totals.claimable,
		claimable_eras: totals.claimable_eras,
		on_its_way: totals.on_its_way,
		expiring: totals.expiring,
		expiring_eras: totals.expiring_eras,
		claimed: totals.claimed,
		lost: totals.lost,
		claims: claims.name().into(),
		eras: book.eras().take(eras).map(|record| era(book, record)).collect(),
	}
}

fn era(book: &Book, record: &EraRecord) -> Earned {
	let shares = POTS.iter().zip(record.earned).filter(|(_, amount)| *amount > 0);
	let closed = record.closed.as_ref();
	Earned {
		era: record.era,
		at: record.at,
		ceiling: closed.map(|closed| closed.ceiling),
		usage: closed.map(|closed| Decimal::from_thousandths((closed.usage / THOUSANDTH).into())),
		earned: record.total(),
		pots: shares
			.map(|(pot, amount)| PotShare {
				pot: (*pot).into(),
				amount,
			})
			.collect(),
		state: word(record.state, book.flies(record.era)).into(),
		why: record.why(),
	}
}

fn word(state: State, flies: bool) -> &'static str {
	match state {
		State::Running => "running",
		State::Nothing => "nothing",
		State::Claimable if flies => "claiming",
		State::Claimable => "claimable",
		State::Claimed => "claimed",
		State::Expired => "expired",
		State::Unknown => "unknown",
	}
}

/// A line: the last era, the last day, what is to be claimed.
pub(crate) fn line(earnings: &Earnings, currency: &Currency) -> String {
	let mut parts = vec![
		format!("{} in the last era", currency.show(earnings.last)),
		format!("{} in a day", currency.show(earnings.day)),
	];
	if earnings.claimable > 0 {
		let (amount, eras) = (
			currency.show(earnings.claimable),
			counted(earnings.claimable_eras.into(), "era"),
		);
		parts.push(format!("{amount} of {eras} to be claimed"));
	} else {
		parts.push("nothing to be claimed".into());
	}
	if earnings.on_its_way > 0 {
		parts.push(format!("{} on its way", currency.show(earnings.on_its_way)));
	}
	if earnings.expiring > 0 {
		let (amount, eras) = (
			currency.show(earnings.expiring),
			counted(earnings.expiring_eras.into(), "era"),
		);
		parts.push(format!("{amount} of {eras} lost soon: `smart-agent claim --all`"));
	}
	parts.join("; ")
}

/// How long ago, in words that take little room.
fn ago(at: u64, now: u64) -> String {
	let seconds = now.saturating_sub(at);
	match seconds {
		_ if at == 0 => "now".into(),
		DAY.. => format!("{} d ago", seconds / DAY),
		HOUR.. => format!("{} h ago", seconds / HOUR),
		_ => format!("{} min ago", seconds / MINUTE),
	}
}

/// All of it as a table.
pub(super) fn table(terminal: &Terminal, earnings: &Earnings, currency: &Currency, now: u64) -> String {
	let head = format!(
		"{:>8} {:>11} {:>14} {:>8} {:>18}  {:<9} why",
		"era", "over", "ceiling", "usage", "earned", "state"
	);
	let row = |era: &Earned| {
		let ceiling = era.ceiling.map_or("?".into(), |ceiling| currency.show(ceiling));
		let usage = era.usage.map_or("?".into(), |usage| format!("{usage} %"));
		let pots: Vec<String> = era
			.pots
			.iter()
			.map(|share| format!("{} {}", share.pot, currency.show(share.amount)))
			.collect();
		let pots = if pots.is_empty() {
			String::new()
		} else {
			format!("{}: ", pots.join(", "))
		};
		format!(
			"{:>8} {:>11} {ceiling:>14} {usage:>8} {:>18}  {:<9} {pots}{}\n",
			era.era,
			ago(era.at, now),
			currency.show(era.earned),
			era.state,
			era.why
		)
	};
	let rows: String = earnings.eras.iter().map(row).collect();
	let lost = if earnings.lost > 0 {
		format!(
			"Lost, for nobody claimed it in time: {}\n",
			currency.show(earnings.lost)
		)
	} else {
		String::new()
	};
	format!(
		"{}\n{rows}\n{} earns {}.\n{lost}",
		terminal.toned(Tone::Dim, &head),
		earnings.account,
		line(earnings, currency)
	)
}
