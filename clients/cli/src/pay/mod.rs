//! Devices are paid for what they give out, where somebody has put in something for that: what reading costs, and what
//! is put in. What is promised, by vouchers and within what bounds, is `clients/vouchers`'.

mod costs;
mod topping;

#[cfg(test)]
mod tests;

pub use costs::{costs_of_all, Costs, Reads, Seller, Terms};
pub use topping::put_in;

use crate::{failure::Failure, store::Folder};
use smart_agent_terminal::money::Currency;
use smart_market::for_slots;
use smart_vouchers::Purse;
use smartchain_transfer::wire::LEAST_EGRESS;

/// What is said if so little is left for each of so many slots that devices may never redeem vouchers for it; nothing
/// else.
pub fn too_little(currency: &Currency, each: u128, slots: u8) -> Option<String> {
	if each >= LEAST_EGRESS {
		return None;
	}
	Some(format!(
		"{} for a slot are less than what devices redeem vouchers for, {}: they are paid late or never, and another \
		 machine with your phrase, to which what was read before is a debt, then reads with --debts-most alone. {} \
		 over all slots suffice",
		currency.exact(each),
		currency.exact(LEAST_EGRESS),
		currency.exact(for_slots(LEAST_EGRESS, slots))
	))
}

/// The devices of a deal of an account are paid from now on; what they are promised is kept in the data folder.
///
/// # Errors
/// If another program pays for this deal, or what was promised cannot be read or kept.
pub fn open(
	purse: &Purse,
	data: &Folder,
	(genesis, account): (&[u8; 32], &[u8; 32]),
	(costs, reads): (&Costs, Reads),
) -> Result<(), Failure> {
	let file = data.paid(genesis, account, costs.deal);
	let fair = costs.fair(reads);
	let sellers: Vec<_> = costs.sellers.iter().map(|seller| seller.to_pay(fair)).collect();
	Ok(purse.open(costs.deal, &file, &sellers)?)
}
