//! What may go wrong between an agent and the chain.

use crate::{types::Hash, wins::Refusal};

/// Why the chain was not asked, or not told, or did not do what it was told. Each says the cause and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
	/// No address was given.
	#[error("no node is named: give the address of one, such as ws://127.0.0.1:9944")]
	NoUrl,
	/// More addresses than are tried.
	#[error("{given} nodes are named and {most} are tried at most: name fewer")]
	TooManyUrls {
		/// How many were given.
		given: usize,
		/// How many may be.
		most: usize,
	},
	/// The text is no address.
	#[error("`{0}` is no address of a node: write ws://HOST:PORT or wss://HOST:PORT")]
	BadUrl(String),
	/// None answers.
	#[error("no node answers ({tried}): start one, or see to address, firewall and `--rpc-external`")]
	NoNode {
		/// Each that was tried and why it failed.
		tried: String,
	},
	/// The node follows another chain.
	#[error(
		"the node {url} follows the chain {found:?} and not {expected:?}: name a node of the right chain, or the right \
		 genesis"
	)]
	WrongGenesis {
		/// Which node.
		url: String,
		/// The genesis that is wanted.
		expected: Hash,
		/// The one that it has.
		found: Hash,
	},
	/// The connection is lost, and is being made anew.
	#[error("the node is not reached now ({why}): it is tried again all the time, so see whether it runs")]
	Lost {
		/// Why.
		why: String,
	},
	/// The node was asked and did not answer in time.
	#[error("the node did not answer `{method}` within {seconds} s: it is busy or hangs; look at its log")]
	Timeout {
		/// What it was asked.
		method: String,
		/// How long was waited.
		seconds: u64,
	},
	/// The node refused a request.
	#[error("the node refused `{method}` ({code}: {message}); see whether it has the right version and lets you ask")]
	Refused {
		/// What it was asked.
		method: String,
		/// JSON-RPC's number.
		code: i32,
		/// What it said.
		message: String,
	},
	/// The node has no state of that block.
	#[error("the node has no state of block {0:?} any more or yet: ask about a newer one, or another node")]
	NoState(
		/// Which block.
		Hash,
	),
	/// An answer is not what it should be.
	#[error("the node's `{what}` cannot be read ({why}): see whether node and smart-agent are of the same age")]
	Undecodable {
		/// What was asked.
		what: String,
		/// What is wrong with it.
		why: String,
	},
	/// The runtime has it, but in another shape.
	#[error("this node's runtime has another `{what}` ({why}): update smart-agent")]
	OtherRuntime {
		/// What differs.
		what: String,
		/// In what.
		why: String,
	},
	/// The runtime does not have it at all.
	#[error("this node's runtime has no `{what}`: update whichever of node and smart-agent is older")]
	Missing {
		/// What is not there.
		what: String,
	},
	/// The pool does not take the transaction.
	#[error("the transaction was refused: {0}")]
	Rejected(
		/// Why.
		Refusal,
	),
	/// The transaction is in a block and did nothing.
	#[error("{pallet}.{error}: {words}")]
	Dispatch {
		/// The pallet that refused, or `System`.
		pallet: String,
		/// Its error.
		error: String,
		/// What the runtime's documentation says of it, and so what to do.
		words: String,
	},
	/// The transaction left the pool without being in a block.
	#[error("the transaction was dropped ({0}): send it again")]
	Dropped(
		/// What the node said.
		String,
	),
	/// What became of the transaction is not known. To send it again might do it twice.
	#[error(
		"what became of the transaction is not known ({why}): it may be on its way, so look at the balance of the \
		 account and at the device before it is sent again"
	)]
	Unclear {
		/// What hindered.
		why: String,
	},
	/// The transaction was not in a block while it was good.
	#[error("the transaction was in no block for {blocks} blocks, and is good no more: send it again")]
	Expired {
		/// For how many blocks it was good.
		blocks: u64,
	},
	/// The signer did not sign.
	#[error("the key did not sign: {0}")]
	Signer(
		/// What it said.
		String,
	),
	/// The account cannot pay for it.
	#[error("{missing} planck are missing in the account: send at least as much there")]
	Poor {
		/// How much, in planck.
		missing: u128,
	},
}

/// What this crate's functions answer.
pub type Result<T, E = ChainError> = core::result::Result<T, E>;
