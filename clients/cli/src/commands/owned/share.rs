//! `share` and `unshare`: who may read a deal.

use crate::{
	access::read_code,
	cli::{ShareArguments, UnshareArguments},
	commands::{list::has_ended, Context},
	failure::Failure,
	reading::no_deal,
};
use serde_json::json;
use smart_agent_keys::{address, parse_address};
use smart_market::{Act, KeyBox, Market};
use storage_market_primitives::DealId;

/// The deal is this account's, and there.
async fn own(context: &Context, market: &dyn Market, deal: DealId, account: &[u8; 32]) -> Result<(), Failure> {
	let view = market.deal(deal).await?.ok_or_else(|| no_deal(deal))?;
	let owner: [u8; 32] = view.deal.owner.clone().into();
	if owner != *account {
		return Err(Failure::other(format!(
			"deal {deal} is {}'s, who alone shares it; this account is {}",
			address(&owner),
			context.keystore()?.address()
		)));
	}
	if has_ended(&view.deal.stage) {
		return Err(Failure::other(format!(
			"deal {deal} has ended; nobody is given its key any more"
		)));
	}
	Ok(())
}

/// Lets an account read.
pub(in crate::commands) async fn share(context: &Context, arguments: &ShareArguments) -> Result<(), Failure> {
	let reader = parse_address(&arguments.address).map_err(Failure::usage)?;
	let public = read_code(&arguments.code, &reader, &context.genesis()?).map_err(Failure::usage)?;
	let open = context.open().await?;
	let (deal, account) = (arguments.deal, open.access.account());
	if reader == account {
		return Err(Failure::usage(
			"that is this account's own address: it can read the deal anyway",
		));
	}
	own(context, &open.net, deal, &account).await?;
	let key_box = open.net.key_box(deal, &account).await?;
	let key_box =
		key_box.ok_or_else(|| Failure::other(format!("the chain has no key of deal {deal} for its owner")))?;
	let key = open.access.open(&key_box)?;
	let wrapped = open.access.wrap(&key, &reader, &public)?;
	let act = Act::Grant {
		deal,
		who: reader,
		key_box: KeyBox::truncate_from(wrapped.to_vec()),
		deposit: open.net.known().deposits.key_box,
	};
	let what = format!(
		"Sharing deal {deal} with {}: it can read all of it from then on, and whatever it has read it keeps",
		arguments.address
	);
	let told = context.carry_out(&open, &act, &what).await?;
	let facts = json!({ "deal": deal, "with": arguments.address, "block": told.block, "fee": told.fee });
	context.terminal.facts(&facts, |_| {
		format!(
			"{} reads deal {deal} with `smart get {deal} FOLDER` on its machine",
			arguments.address
		)
	});
	Ok(())
}

/// Takes that back.
pub(in crate::commands) async fn unshare(context: &Context, arguments: &UnshareArguments) -> Result<(), Failure> {
	let reader = parse_address(&arguments.address).map_err(Failure::usage)?;
	let open = context.open().await?;
	let (deal, account) = (arguments.deal, open.access.account());
	if reader == account {
		return Err(Failure::usage(
			"that is this account's own address: without its key box nothing of the deal would come back",
		));
	}
	if open.net.key_box(deal, &reader).await?.is_none() {
		return Err(Failure::other(format!(
			"deal {deal} is not shared with {}; nothing is to be taken back",
			arguments.address
		)));
	}
	let act = Act::Revoke { deal, who: reader };
	let what = format!("Sharing deal {deal} with {} no more", arguments.address);
	let told = context.carry_out(&open, &act, &what).await?;
	let facts = json!({ "deal": deal, "with": arguments.address, "block": told.block, "fee": told.fee });
	context.terminal.facts(&facts, |_| {
		format!(
			"From now on devices serve {} nothing of deal {deal}. What it has read it has; and if it has kept the key, \
			 which lay on chain for it, it can open whatever of the deal it gets from elsewhere. What it is never to \
			 read again has to be stored anew, in another deal.",
			arguments.address
		)
	});
	Ok(())
}
