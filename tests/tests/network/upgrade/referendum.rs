//! Holders vote a runtime in, as docs/governance.md tells it: a preimage, a referendum with its deposit, votes, and
//! what the scheduler does in the end.

use crate::seconds;
use codec::{Decode, Encode};
use frame_support::traits::{schedule::DispatchTime, Bounded};
use frame_system::RawOrigin;
use pallet_conviction_voting::{AccountVote, Conviction, Vote};
use pallet_referenda::{ReferendumInfo, ReferendumInfoFor, ReferendumInfoOf};
use smartchain_runtime::{
	configs::governance::UPGRADE, constants::currency::UNITS, Balance, OriginCaller, Runtime, RuntimeCall,
};
use smartchain_tests::{
	ensure,
	rpc::Rpc,
	tx::{self, Account, AccountState, Chain},
	wait, Error, Result,
};
use sp_core::Bytes;
use sp_crypto_hashing::twox_128;
use sp_runtime::traits::{BlakeTwo256, Hash};

/// Who votes. Together they have more than the half of all STCI that a decision on a runtime begins with, so that none
/// has to wait until less is asked for.
const HOLDERS: [&str; 8] = [
	"//Alice",
	"//Bob",
	"//Charlie",
	"//Dave",
	"//Eve",
	"//Ferdie",
	"//Alice//stash",
	"//Bob//stash",
];
/// Who asks them, and pays the deposits.
const ASKS: &str = "//Ferdie";
/// What each of them votes with.
const STAKE: Balance = 900_000 * UNITS;
/// The number of the referendum, which is the chain's first.
const REFERENDUM: u32 = 0;

/// What the chain has of the referendum.
async fn referendum(rpc: &Rpc) -> Result<ReferendumInfoOf<Runtime, ()>> {
	let key = ReferendumInfoFor::<Runtime>::hashed_key_for(REFERENDUM);
	let value = rpc.storage(&key, None).await?;
	let bytes = value.ok_or_else(|| Error::new("there is no referendum"))?;
	Ok(ReferendumInfoOf::<Runtime, ()>::decode(&mut &bytes[..])?)
}

/// A value of a pallet in the state of the last final block.
async fn final_value(rpc: &Rpc, pallet: &str, item: &str) -> Result<Option<Bytes>> {
	let key = [twox_128(pallet.as_bytes()), twox_128(item.as_bytes())].concat();
	let finalized = rpc.finalized().await?.hash();
	rpc.storage(&key, Some(finalized)).await
}

/// Sends the call of each of these accounts, and waits until all are in final blocks.
async fn send(rpc: &Rpc, accounts: &[Account], call: &RuntimeCall) -> Result<()> {
	let chain = Chain::of(rpc).await?;
	let before = tx::states(rpc, accounts, None).await?;
	for (account, state) in accounts.iter().zip(&before) {
		rpc.submit(&chain.sign(account, state.nonce, call.clone())).await?;
	}
	wait::until("what holders sent to be final", seconds(30), || async {
		let finalized = rpc.finalized().await?.hash();
		let now = tx::states(rpc, accounts, Some(finalized)).await?;
		let is_in = |(now, before): (&AccountState, &AccountState)| now.nonce > before.nonce;
		Ok(now.iter().zip(&before).all(is_in).then_some(()))
	})
	.await
}

/// Notes the preimage of a call, puts it to a referendum as root, and places the deposit for its decision.
async fn ask(rpc: &Rpc, call: &RuntimeCall) -> Result<()> {
	let bytes = call.encode();
	let (hash, len) = (BlakeTwo256::hash(&bytes), bytes.len() as u32);
	let steps = tx::all(vec![
		RuntimeCall::Preimage(pallet_preimage::Call::note_preimage { bytes }),
		RuntimeCall::Referenda(pallet_referenda::Call::submit {
			proposal_origin: Box::new(OriginCaller::system(RawOrigin::Root)),
			proposal: Bounded::Lookup { hash, len },
			enactment_moment: DispatchTime::After(0),
		}),
		RuntimeCall::Referenda(pallet_referenda::Call::place_decision_deposit { index: REFERENDUM }),
	]);
	send(rpc, &[Account::dev(ASKS)], &steps).await
}

/// All holders say aye, with their STCI locked for it.
async fn vote(rpc: &Rpc) -> Result<()> {
	let holders = HOLDERS.map(Account::dev);
	let vote = AccountVote::Standard {
		vote: Vote {
			aye: true,
			conviction: Conviction::Locked1x,
		},
		balance: STAKE,
	};
	let ballot = RuntimeCall::ConvictionVoting(pallet_conviction_voting::Call::vote {
		poll_index: REFERENDUM,
		vote,
	});
	send(rpc, &holders, &ballot).await?;
	let ReferendumInfo::Ongoing(status) = referendum(rpc).await? else {
		return Err(Error::new("the referendum is over before anybody decided"));
	};
	let (support, all) = (status.tally.support, STAKE * HOLDERS.len() as Balance);
	ensure!(
		status.track == UPGRADE && status.decision_deposit.is_some() && support == all,
		"the referendum is on track {}, with the support of {support} planck of {all}",
		status.track
	);
	Ok(())
}

/// Holders authorize this code by a referendum on the track of upgrades, and directors no longer do. Done when the
/// scheduler has enacted it, and that is final.
pub async fn vote_in(rpc: &Rpc, code: &[u8]) -> Result<()> {
	let code_hash = BlakeTwo256::hash(code);
	ask(
		rpc,
		&RuntimeCall::System(frame_system::Call::authorize_upgrade { code_hash }),
	)
	.await?;
	vote(rpc).await?;
	// A minute to confirm and to enact, on a chain with test values in which no slot is missed.
	wait::until("holders to approve the runtime", seconds(120), || async {
		match referendum(rpc).await? {
			ReferendumInfo::Ongoing(_) => Ok(None),
			ReferendumInfo::Approved(..) => Ok(Some(())),
			other => Err(Error::new(format!("the referendum became {other:?}"))),
		}
	})
	.await?;
	let early = final_value(rpc, "System", "AuthorizedUpgrade").await?;
	ensure!(early.is_none(), "the runtime is authorized before it is enacted");
	// The hash, and that name and version are checked.
	let expected = (code_hash, true).encode();
	wait::until("the scheduler to authorize the runtime", seconds(120), || async {
		let authorized = final_value(rpc, "System", "AuthorizedUpgrade").await?;
		Ok(authorized.is_some_and(|bytes| bytes.0 == expected).then_some(()))
	})
	.await?;
	let since = final_value(rpc, "Mandates", "HoldersDecideSince").await?;
	ensure!(since.is_some(), "directors still decide in place of holders");
	Ok(())
}
