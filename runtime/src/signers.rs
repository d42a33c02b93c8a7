//! Which calls a signature is of no use for, who may send what, and what may be relayed.
//!
//! Calls that only root, the directors together or nobody at all can make fail when they are dispatched, and by then
//! they have taken the time in a block that they declare: `system.set_code` 164 ms for 150 bytes. Worse, many of them
//! are operational, so that they go before everything that ordinary transactions can offer. They are refused where they
//! come from instead: in the pool, and in blocks.

use crate::{AccountId, Runtime, RuntimeCall};
use frame_support::{dispatch::DispatchClass, traits::Contains};

/// Whether a transaction that `who` signs may carry this call, which is of this class.
///
/// The operational class is for what comes without a signer: reports of equivocations, new runtimes, answers to closes
/// of payment channels, and what devices with slots of deals or units of jobs show. Nobody that signs gets into it,
/// whatever the call is wrapped in, but the account with the sudo key, if there is one. In the `dev` preset there is;
/// it may send anything. An account answers a close by `payment_channels.answer`.
pub fn may_send(who: &AccountId, call: &RuntimeCall, class: DispatchClass) -> bool {
	pallet_sudo::Key::<Runtime>::get().is_some_and(|key| key == *who)
		|| (class == DispatchClass::Normal && !is_beyond_signers(call))
}

/// Whether this call, or one within it that would be dispatched for its signer, is one that no signer can make.
///
/// Every pallet is named: whoever adds one has to say what its calls are. How deep calls lie in each other is bounded
/// where they are decoded.
pub fn is_beyond_signers(call: &RuntimeCall) -> bool {
	use RuntimeCall as C;
	match call {
		C::System(call) => !matches!(
			call,
			frame_system::Call::remark { .. } | frame_system::Call::remark_with_event { .. }
		),
		// Inherents, and what its own proof authorizes.
		C::Timestamp(_) | C::BftFinality(_) | C::Equivocation(_) => true,
		C::Session(_) | C::CandidateList(_) | C::StciIssuance(_) | C::PaymentChannels(_) => false,
		C::StorageMarket(_) | C::ComputeMarket(_) => is_market_beyond_signers(call),
		#[cfg(feature = "other-slot-rule")]
		C::Upgrades(pallet_upgrades::Call::do_nothing {}) => false,
		// Root's.
		C::MultiBlockMigrations(_) | C::Upgrades(_) => true,
		C::Balances(call) => matches!(
			call,
			pallet_balances::Call::force_transfer { .. }
				| pallet_balances::Call::force_unreserve { .. }
				| pallet_balances::Call::force_set_balance { .. }
				| pallet_balances::Call::force_adjust_total_issuance { .. }
		),
		C::Candidates(call) => matches!(
			call,
			pallet_candidates::Call::heartbeat { .. }
				| pallet_candidates::Call::admit { .. }
				| pallet_candidates::Call::eliminate { .. }
				| pallet_candidates::Call::set_parameters { .. }
		),
		C::Vesting(call) => matches!(
			call,
			pallet_vesting::Call::force_vested_transfer { .. }
				| pallet_vesting::Call::force_remove_vesting_schedule { .. }
		),
		C::DeviceRegistry(call) => matches!(call, pallet_device_registry::Call::revoke_vendor { .. }),
		C::ResourceProofs(call) => matches!(
			call,
			pallet_resource_proofs::Call::win_space { .. }
				| pallet_resource_proofs::Call::win_compute { .. }
				| pallet_resource_proofs::Call::pulse { .. }
				| pallet_resource_proofs::Call::set_parameters { .. }
		),
		C::Treasury(_)
		| C::Bounties(_)
		| C::Referenda(_)
		| C::ConvictionVoting(_)
		| C::Mandates(_)
		| C::Preimage(_) => is_governance_beyond_signers(call),
		C::Parameters(_) | C::Scheduler(_) => true,
		// What a motion holds is dispatched in the name of the directors, not of its proposer.
		C::Motions(_) => false,
		C::Utility(call) => is_utility_beyond_signers(call),
		C::Multisig(call) => match call {
			pallet_multisig::Call::as_multi_threshold_1 { call, .. } | pallet_multisig::Call::as_multi { call, .. } => {
				is_beyond_signers(call)
			}
			_ => false,
		},
		C::Proxy(call) => match call {
			pallet_proxy::Call::proxy { call, .. } | pallet_proxy::Call::proxy_announced { call, .. } => {
				is_beyond_signers(call)
			}
			_ => false,
		},
		C::Relay(pallet_relay::Call::relay { call, .. }) => is_beyond_signers(call),
		C::Relay(_) => false,
		// An account that several share may have the key.
		C::Sudo(_) => !pallet_sudo::Key::<Runtime>::exists(),
	}
}

/// Of calls by which devices show what they hold, or say what they have of units: what they show authorizes them.
fn is_market_beyond_signers(call: &RuntimeCall) -> bool {
	use pallet_compute_market::Call as M;
	use pallet_storage_market::Call as S;
	use RuntimeCall as C;
	match call {
		C::StorageMarket(call) => matches!(call, S::confirm { .. } | S::answer { .. } | S::report_probe { .. }),
		C::ComputeMarket(call) => matches!(
			call,
			M::commit { .. } | M::reveal { .. } | M::decline { .. } | M::report_output { .. }
		),
		_ => false,
	}
}

/// Of calls by which holders decide, and the treasury pays.
fn is_governance_beyond_signers(call: &RuntimeCall) -> bool {
	use RuntimeCall as C;
	match call {
		C::Treasury(call) => !matches!(
			call,
			pallet_treasury::Call::payout { .. } | pallet_treasury::Call::check_status { .. }
		),
		C::Bounties(call) => matches!(
			call,
			pallet_bounties::Call::approve_bounty { .. }
				| pallet_bounties::Call::propose_curator { .. }
				| pallet_bounties::Call::approve_bounty_with_curator { .. }
				| pallet_bounties::Call::close_bounty { .. }
		),
		C::Referenda(call) => matches!(
			call,
			pallet_referenda::Call::cancel { .. }
				| pallet_referenda::Call::kill { .. }
				| pallet_referenda::Call::nudge_referendum { .. }
				| pallet_referenda::Call::one_fewer_deciding { .. }
		),
		C::Mandates(call) => !matches!(call, pallet_mandates::Call::report { .. }),
		C::Preimage(call) => matches!(
			call,
			pallet_preimage::Call::request_preimage { .. } | pallet_preimage::Call::unrequest_preimage { .. }
		),
		_ => false,
	}
}

fn is_utility_beyond_signers(call: &pallet_utility::Call<Runtime>) -> bool {
	use pallet_utility::Call as U;
	match call {
		U::batch { calls } | U::batch_all { calls } | U::force_batch { calls } => calls.iter().any(is_beyond_signers),
		U::as_derivative { call, .. } => is_beyond_signers(call),
		U::if_else { main, fallback } => is_beyond_signers(main) || is_beyond_signers(fallback),
		// Root's, all the others.
		_ => true,
	}
}

/// How deep calls may lie in each other, the one that is sent counted.
pub const MAX_RELAYED_DEPTH: u32 = 4;

/// The calls that may be relayed: signed by one account, and sent by another one. What an authorization lists is all
/// that its signer can lose of its balance. So no call is let through that acts in another name, for what that name
/// owns is not looked at; nor one that hands on the account itself.
///
/// Those within others are asked for as well, here and where they are dispatched.
pub struct Relayable;

impl Contains<RuntimeCall> for Relayable {
	fn contains(call: &RuntimeCall) -> bool {
		// In this order: it looks no further than to a relayed call within, and relayed calls that lie in each other
		// are looked at once.
		is_relayable(call, MAX_RELAYED_DEPTH) && !is_beyond_signers(call)
	}
}

/// Whether the call acts in its signer's name alone, with so many calls in each other at most. Every pallet is named:
/// whoever adds one has to say what its calls are.
fn is_relayable(call: &RuntimeCall, depth: u32) -> bool {
	use RuntimeCall as C;
	let Some(below) = depth.checked_sub(1) else {
		return false;
	};
	match call {
		C::Utility(call) => is_utility_relayable(call, below),
		// In another name: of who has a proxy, of several, of the directors, of root, of another signer.
		C::Proxy(_) | C::Multisig(_) | C::Motions(_) | C::Sudo(_) | C::Relay(_) => false,
		// Whoever has the keys of a session can have a bond slashed.
		C::Session(_) => false,
		// No signer's.
		C::Timestamp(_)
		| C::BftFinality(_)
		| C::Equivocation(_)
		| C::MultiBlockMigrations(_)
		| C::Upgrades(_)
		| C::Parameters(_)
		| C::Scheduler(_) => false,
		C::System(_)
		| C::Balances(_)
		| C::StciIssuance(_)
		| C::Treasury(_)
		| C::Bounties(_)
		| C::CandidateList(_)
		| C::Candidates(_)
		| C::Vesting(_)
		| C::Referenda(_)
		| C::ConvictionVoting(_)
		| C::Mandates(_)
		| C::Preimage(_)
		| C::DeviceRegistry(_)
		| C::ResourceProofs(_)
		| C::PaymentChannels(_)
		| C::StorageMarket(_)
		| C::ComputeMarket(_) => true,
	}
}

/// Of batches, and of one call in place of another that failed. A derived account is another name.
fn is_utility_relayable(call: &pallet_utility::Call<Runtime>, below: u32) -> bool {
	use pallet_utility::Call as U;
	match call {
		U::batch { calls } | U::batch_all { calls } | U::force_batch { calls } => {
			calls.iter().all(|call| is_relayable(call, below))
		}
		U::if_else { main, fallback } => is_relayable(main, below) && is_relayable(fallback, below),
		_ => false,
	}
}
