//! What to do about what pallets refuse: the metadata's documentation says the cause alone, and no command.

/// Only calls that this program never makes are refused so.
const OTHERS_CALL: &str = "smart-agent makes no call that is refused so: look at what else signs for the account";
/// Only vendors meet it.
const VENDOR: &str = "it is the vendor's to mend, by the key, model or name that its call gives";
/// Only directors meet it.
const PARAMETERS: &str = "it is for those who govern the chain: propose other parameters";
/// Wins meet it, which nobody signs.
const WIN: &str = "see the round on the status page; if it comes again, `smart-agent doctor`";
/// A key that was used never comes back.
const USED: &str =
	"a used key never registers again: if this device was retired or revoked, `smart-agent device renew \
                    NAME` makes the key of a new one and keeps the old, then `smart-agent init`";
/// The keys of this folder do not fit.
const OTHER_KEYS: &str = "see whether keystore.json and device.key are of one phrase and this is the right chain: \
                          `smart-agent doctor`";

/// What to do about an error of a pallet that this program calls; none if it does not know the error.
pub(super) fn remedy(pallet: &str, error: &str) -> Option<&'static str> {
	match pallet {
		"DeviceRegistry" => of_registry(error),
		"ResourceProofs" => of_proofs(error).or_else(|| of_wins(error)),
		"Balances" => of_balances(error),
		"StciIssuance" => of_issuance(error),
		"StorageMarket" => of_storage(error),
		_ => None,
	}
}

fn of_issuance(error: &str) -> Option<&'static str> {
	Some(match error {
		"NoEras" | "EraTwice" => "update smart-agent: it names each era once",
		"EraOpen" => "wait until the era is over: `smart-agent earnings` shows which can be claimed",
		"EraExpired" | "NothingEarned" => {
			"nothing is to be done: `smart-agent earnings` shows what can be claimed, and what was"
		}
		_ => return None,
	})
}

/// What owners of devices that offer storage meet.
fn of_storage(error: &str) -> Option<&'static str> {
	Some(match error {
		"NoOffer" => "`smart-agent offer show` says what is offered, `smart-agent offer set` offers something",
		"NotYours" => {
			"`smart-agent device show` names the owner and says whether it is suspended, which `smart-agent device \
			 resume` lifts; `smart-agent wallet address` shows this folder's account"
		}
		"StillHolds" => "wait until `smart-agent slots` shows none, or leave them: `smart-agent slots leave`",
		"NotHeld" => "`smart-agent slots` shows those that are held",
		"AlreadyAsked" => "nothing is to be done: the agent that runs answers",
		"NothingNew" => "nothing is to be done: it was paid already",
		"QueueFull" => "try again in a few minutes",
		_ => return None,
	})
}

fn of_registry(error: &str) -> Option<&'static str> {
	Some(match error {
		"AlreadyVendor" | "NotVendor" | "BadName" | "TooManyKeys" | "UnknownKey" | "BadVoidFrom" => VENDOR,
		"VendorIsRevoked" | "KeyNotValid" | "UnknownModel" | "BadAttestation" => {
			"ask the device's vendor for an attestation by a key that is good, of this model and owner"
		}
		"AlreadyAttested" => "nothing is to be done: the attestation that stands counts",
		"KeyUsed" => USED,
		"BadKey" => "make another: `smart-agent device renew NAME`, then `smart-agent init`",
		"AccountKey" => {
			"a device has a key of its own: `smart-agent device renew NAME` makes another, then `smart-agent init`"
		}
		"BadPossession" | "BadConsent" | "BadEnrolment" => OTHER_KEYS,
		"NoLotteryKey" | "LotteryKeyOfItsOwn" => "update smart-agent: it signs for sr25519 keys alone",
		"BadEndpoint" => {
			"name addresses that others reach, with a port: `smart-agent device endpoints set tcp://192.0.2.7:9977`"
		}
		"UnknownDevice" => "`smart-agent device show` says how it stands; `smart-agent init` registers a new one",
		"NotOwner" => {
			"sign with the owner's account: `smart-agent device show` names it, `smart-agent wallet address` this \
			 folder's; --data names another folder"
		}
		"NotInCharge" => "its owner has to sign: `smart-agent device show` names the account",
		"AlreadySuspended" => "nothing is to be done; `smart-agent device resume` lifts it",
		"NotSuspended" => {
			"nothing is to be done if `smart-agent device show` says active; what its vendor has suspended the vendor \
			 lifts"
		}
		"SuspendedByVendor" => "ask its vendor to lift that",
		"OwnDevice" => "nothing is to be done: it is this account's",
		"NotOffered" => "ask its owner to offer it to this account",
		"Overflow" => "nobody can mend that from here: tell those who run the chain",
		"JudgementWaits" => {
			"wait until the wins of compute that wait are verified, minutes at most, and until the device has no slots \
			 of storage deals any more (`smart-agent slots leave`); then try again"
		}
		_ => return None,
	})
}

/// What owners and candidates meet.
fn of_proofs(error: &str) -> Option<&'static str> {
	Some(match error {
		"UnknownDevice" => {
			"`smart-agent init` registers it; if it is another one's, look at the id: `smart-agent device show` there"
		}
		"NotOwner" => {
			"sign with the owner's account: `smart-agent device show` names it, `smart-agent wallet address` this \
			 folder's; --data names another folder"
		}
		"NotActive" => "`smart-agent device resume` lifts what its owner suspended; else ask its vendor",
		"DeviceIsStruck" => {
			"test the machine's memory; then `smart-agent device renew NAME` makes the key of a new device, and \
			 `smart-agent init` registers it"
		}
		"NothingClaimed" => "claim at least one: `smart-agent plot create` makes plots",
		"TooMuchClaimed" => "claim fewer: `smart-agent plot delete --last 10`, or `smart-agent init --segments 10`",
		"BadSize" => "make plots of size 28 or 26, or on a test chain from 18 on: `smart-agent plot create --size K`",
		"BadStrength" => "make plots of another strength: `smart-agent plot create --strength NUMBER`",
		"OtherPlots" => {
			"`smart-agent plot delete --all` removes the others and withdraws their claim; then make new ones"
		}
		"RoundOpen" => "try again in a few minutes, by `smart-agent plot claim` or `smart-agent init`",
		"SmallerClaimWaits" => "try again after the next round, by `smart-agent plot claim` or `smart-agent init`",
		"NotDeclared" => "`smart-agent init` enters the lotteries, `smart-agent plot claim` that of space",
		"WinsPending" => "wait a few minutes and try again",
		"UptimeIsLast" => "leave the other lotteries first: `smart-agent plot delete --all`; or retire the device",
		"AlreadyLinked" => {
			"`smart-agent device link end` ends the link or offer that there is (`smart-agent device show`); then \
			 offer it again"
		}
		"NotOffered" => "its owner offers it first: `smart-agent device link offer ADDRESS`, with this address",
		"NotLinked" => "nothing is to be ended; `smart-agent device show` says whom it counts for",
		"TooManyLinked" => {
			"the candidate ends another link first, `smart-agent device link end ID`; or offer it to another"
		}
		"BadSpaceParameters"
		| "BadSizes"
		| "BadStrengthParameter"
		| "BadComputeParameters"
		| "BadUptimeParameters"
		| "BadWeights"
		| "ChangesHistory" => PARAMETERS,
		"Overflow" => "nobody can mend that from here: tell those who run the chain",
		_ => return None,
	})
}

/// What a device's wins meet.
fn of_wins(error: &str) -> Option<&'static str> {
	Some(match error {
		"NotSilent" => OTHERS_CALL,
		"BadLength" | "BadProof" | "NoWin" | "NotUp" => {
			"`smart-agent plot verify` sets damaged plots aside; if all are sound, update smart-agent"
		}
		"RoundOver" | "TooManyWins" | "AlreadyWon" => "nothing is to be done: the next round is another chance",
		"RoundAhead" => "see whether the node is in sync: `smart-agent doctor`",
		"NotClaimed" => "`smart-agent plot claim` claims the plots that are there; else wait for the next round",
		"BadPulse" | "BadSignature" => OTHER_KEYS,
		"KeyTooYoung" => "wait for the next rounds: nothing else is to be done",
		"BlockIsFull" | "QueueIsFull" => "nothing is to be done: it is sent again with the next block",
		_ => return None,
	})
}

fn of_balances(error: &str) -> Option<&'static str> {
	Some(match error {
		"VestingBalance" | "LiquidityRestrictions" => {
			"a part of the account is locked: `smart-agent wallet balance` shows what is held and why"
		}
		"InsufficientBalance" => "send STCI to the account: `smart-agent wallet receive` shows its address",
		"ExistentialDeposit" => "send more: an account without STCI has to be given what an account has at least",
		"Expendability" => "leave what an account has at least: `smart-agent wallet send ADDRESS --all` sends the rest",
		"DeadAccount" => "the receiver has no account yet: send it something first",
		"TooManyReserves" | "TooManyHolds" | "TooManyFreezes" => {
			"too much is held of the account for too many reasons: `smart-agent wallet balance` shows what may be ended"
		}
		"ExistingVestingSchedule" | "IssuanceDeactivated" | "DeltaZero" => OTHERS_CALL,
		_ => return None,
	})
}

/// What to do about an error that this program does not know.
pub(super) fn unknown(pallet: &str) -> &'static str {
	match pallet {
		"ResourceProofs" => WIN,
		"PaymentChannels" => "`smart-pay doctor` says what is wrong with a channel, and docs/channels.md what to do",
		_ => "this program does not know that error: update smart-agent, or look it up in the chain's documentation",
	}
}
