//! Following finality without executing blocks: from the voters of genesis, over every change of voters, to any block
//! that is final.

use crate::{scheduled_change, BlockRef, Certificate, CertificateError, ChangeError, Phase, SetId, VoterSet};
use sp_core::H256;
use sp_runtime::traits::Header;

/// Why a header and a certificate do not prove what they should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LightError {
	/// The certificate proves nothing.
	Certificate(CertificateError),
	/// Its votes are prevotes, which make nothing final.
	Prevotes,
	/// What it makes final is another block than that of the header.
	OtherBlock {
		/// The hash of the header.
		header: H256,
		/// What the certificate makes final.
		decided: H256,
	},
	/// The header lies at or below the block with which the set began.
	Below {
		/// Its height.
		number: u32,
		/// The set's first block.
		start: u32,
	},
	/// The header's logs make no sense.
	Change(ChangeError),
	/// The header changes no voters.
	NoChange,
	/// It changes to a set that is not the next, or that nobody votes in.
	NotTheNextSet {
		/// The set that it names.
		named: SetId,
		/// The set that it should name.
		expected: SetId,
	},
}

impl core::fmt::Display for LightError {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		match self {
			Self::Certificate(error) => write!(f, "the certificate proves nothing: {error}"),
			Self::Prevotes => f.write_str("the certificate is one of prevotes, which make nothing final"),
			Self::OtherBlock { header, decided } => {
				write!(
					f,
					"the certificate makes {decided:?} final, the header is that of {header:?}"
				)
			}
			Self::Below { number, start } => {
				write!(
					f,
					"block {number} is not above block {start}, with which the voter set began"
				)
			}
			Self::Change(error) => error.fmt(f),
			Self::NoChange => f.write_str("the header changes no voters"),
			Self::NotTheNextSet { named, expected } => {
				write!(
					f,
					"the header changes to voter set {named}; the next is {expected}, and somebody has to vote in it"
				)
			}
		}
	}
}

impl core::error::Error for LightError {}

impl From<CertificateError> for LightError {
	fn from(error: CertificateError) -> Self {
		Self::Certificate(error)
	}
}

/// What a light client knows: the chain, who votes, and since when.
///
/// It trusts the genesis that it was given, and that fewer than a third of each set's voters were Byzantine while it
/// was in force (under the 51% rule, at most `2r - n - 1` of them, see [`crate::relaxed_quorum`]); of sets long gone
/// that is a matter of their keys' owners, who may have sold them. A client that comes after a long time should start
/// from a recent block that it has from someone it trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LightClient {
	genesis: H256,
	set: VoterSet,
	start: u32,
}

impl LightClient {
	/// At the genesis of a chain, whose voters are these. (Or at another block that is known to be final: then `set` is
	/// what votes on what follows it, and `start` its height.)
	pub fn new(genesis: H256, set: VoterSet, start: u32) -> Self {
		Self { genesis, set, start }
	}

	/// The voters, as far as is known.
	pub fn set(&self) -> &VoterSet {
		&self.set
	}

	/// The height of the block with which the set began.
	pub fn start(&self) -> u32 {
		self.start
	}

	/// Checks that a block is final, by the set in force. A certificate of relaxed votes shows it of a block alone that
	/// changes the voters.
	///
	/// # Errors
	/// Why that is not proven.
	pub fn check_final<H>(&self, header: &H, certificate: &Certificate) -> Result<(), LightError>
	where
		H: Header<Number = u32, Hash = H256>,
	{
		let number = *header.number();
		if number <= self.start {
			return Err(LightError::Below {
				number,
				start: self.start,
			});
		}
		if certificate.vote.phase != Phase::Commit {
			return Err(LightError::Prevotes);
		}
		let (hash, decided) = (header.hash(), certificate.vote.decides().hash);
		if hash != decided {
			return Err(LightError::OtherBlock { header: hash, decided });
		}
		// The header that the certificate decides says itself whether it changes the voters; if it is illegible it does
		// not.
		let ends_set = |_: &BlockRef| matches!(scheduled_change(header), Ok(Some(_)));
		Ok(certificate.verify_deciding(&self.genesis, &self.set, ends_set)?)
	}

	/// Takes one change of voters: the header of the block that makes it, and the proof that this is final. From then
	/// on the next set votes.
	///
	/// # Errors
	/// Why it is not proven. Then nothing changes.
	pub fn change<H>(&mut self, header: &H, certificate: &Certificate) -> Result<(), LightError>
	where
		H: Header<Number = u32, Hash = H256>,
	{
		self.check_final(header, certificate)?;
		let next = scheduled_change(header)
			.map_err(LightError::Change)?
			.ok_or(LightError::NoChange)?;
		let expected = self.set.set_id.saturating_add(1);
		if next.set_id != expected || next.voters.is_empty() {
			return Err(LightError::NotTheNextSet {
				named: next.set_id,
				expected,
			});
		}
		self.start = *header.number();
		self.set = next;
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{ConsensusLog, Vote, VoterPair};
	use alloc::{vec, vec::Vec};
	use proptest::prelude::*;
	use sp_core::Pair;
	use sp_runtime::{generic, traits::BlakeTwo256, Digest};

	type TestHeader = generic::Header<u32, BlakeTwo256>;
	const GENESIS: H256 = H256::repeat_byte(1);

	/// The keys of a set: some leave, some come.
	fn pairs(set_id: u64) -> Vec<VoterPair> {
		(0..4u8)
			.map(|i| VoterPair::from_seed(&[i + 1 + set_id as u8; 32]))
			.collect()
	}

	fn set(set_id: u64) -> VoterSet {
		VoterSet {
			set_id,
			voters: pairs(set_id).iter().map(|pair| pair.public()).collect(),
			relaxed_quorum: 0,
		}
	}

	/// A header that changes to this set, or to none.
	fn header(number: u32, change: Option<VoterSet>) -> TestHeader {
		let logs = change.map(|set| ConsensusLog::ScheduledChange(set).item());
		TestHeader::new(
			number,
			Default::default(),
			Default::default(),
			Default::default(),
			Digest {
				logs: logs.into_iter().collect(),
			},
		)
	}

	fn target(header: &TestHeader) -> BlockRef {
		BlockRef {
			slot: u64::from(header.number) * 2,
			number: header.number,
			hash: header.hash(),
		}
	}

	/// Commits of three of a set's four voters.
	fn certificate(set_id: u64, target: BlockRef, end: Option<BlockRef>) -> Certificate {
		let vote = Vote {
			set_id,
			phase: Phase::Commit,
			relaxed: false,
			target,
			end,
		};
		let payload = vote.payload(&GENESIS);
		let signatures = (0u16..)
			.zip(pairs(set_id))
			.take(3)
			.map(|(i, pair)| (i, pair.sign(&payload)));
		Certificate::new(vote, 4, signatures.collect())
	}

	/// A change to the next set, proven by a block further up if `beyond` says so.
	fn change(client: &LightClient, number: u32, beyond: bool) -> (TestHeader, Certificate) {
		let set_id = client.set().set_id;
		let header = header(number, Some(set(set_id + 1)));
		let proof = if beyond {
			let above = BlockRef {
				slot: u64::from(number) * 2 + 9,
				number: number + 3,
				hash: H256::repeat_byte(9),
			};
			certificate(set_id, above, Some(target(&header)))
		} else {
			certificate(set_id, target(&header), None)
		};
		(header, proof)
	}

	#[test]
	fn finality_is_followed_over_changes() {
		let mut client = LightClient::new(GENESIS, set(0), 0);
		for (number, beyond) in [(5, false), (9, true), (10, false)] {
			let (header, proof) = change(&client, number, beyond);
			client.change(&header, &proof).expect("is proven");
			assert_eq!((client.start(), client.set()), (number, &set(client.set().set_id)));
		}
		let last = header(12, None);
		assert_eq!(client.check_final(&last, &certificate(3, target(&last), None)), Ok(()));
	}

	#[test]
	fn a_set_proves_nothing_before_it_began_nor_after_it_ended() {
		let mut client = LightClient::new(GENESIS, set(0), 0);
		let (at, proof) = change(&client, 5, false);
		client.change(&at, &proof).expect("is proven");
		let later = header(6, None);
		assert_eq!(
			client.check_final(&later, &certificate(0, target(&later), None)),
			Err(LightError::Certificate(CertificateError::OtherSet {
				named: 0,
				expected: 1
			}))
		);
		for number in [0, 4, 5] {
			let early = header(number, None);
			let result = client.check_final(&early, &certificate(1, target(&early), None));
			assert_eq!(result, Err(LightError::Below { number, start: 5 }));
		}
		assert!(client.change(&at, &proof).is_err(), "a change is made once");
	}

	#[test]
	fn what_lies_beyond_the_end_is_not_made_final() {
		let client = LightClient::new(GENESIS, set(0), 0);
		let (end, _) = change(&client, 5, false);
		let above = header(7, None);
		let proof = certificate(0, target(&above), Some(target(&end)));
		assert_eq!(
			client.check_final(&above, &proof),
			Err(LightError::OtherBlock {
				header: above.hash(),
				decided: end.hash()
			})
		);
		assert_eq!(client.check_final(&end, &proof), Ok(()));
	}

	#[test]
	fn nothing_else_changes_the_voters() {
		let fresh = LightClient::new(GENESIS, set(0), 0);
		let mut client = fresh.clone();
		let plain = header(5, None);
		assert_eq!(
			client.change(&plain, &certificate(0, target(&plain), None)),
			Err(LightError::NoChange)
		);
		let nobody = VoterSet {
			set_id: 1,
			voters: Vec::new(),
			relaxed_quorum: 0,
		};
		for next in [set(0), set(2), nobody] {
			let odd = header(5, Some(next));
			assert!(matches!(
				client.change(&odd, &certificate(0, target(&odd), None)),
				Err(LightError::NotTheNextSet { expected: 1, .. })
			));
		}
		let (at, proof) = change(&client, 5, false);
		let mut prevotes = proof.clone();
		prevotes.vote.phase = Phase::Prevote;
		assert_eq!(client.change(&at, &prevotes), Err(LightError::Prevotes));
		let mut few = proof;
		few.signers = vec![0b11];
		few.signatures.truncate(2);
		assert!(matches!(
			client.change(&at, &few),
			Err(LightError::Certificate(CertificateError::TooFewSigners { .. }))
		));
		assert_eq!(client, fresh, "what is refused leaves nothing behind");
	}

	/// Three relaxed Commits of five voters, which make final a block that changes the voters, and no other.
	#[test]
	fn relaxed_votes_are_taken_where_the_header_changes_the_voters() {
		let voters: Vec<VoterPair> = (0..5u8).map(|i| VoterPair::from_seed(&[i + 40; 32])).collect();
		let of_five = |relaxed_quorum| VoterSet {
			set_id: 0,
			voters: voters.iter().map(|pair| pair.public()).collect(),
			relaxed_quorum,
		};
		let proof = |target, end, relaxed| {
			let vote = Vote {
				set_id: 0,
				phase: Phase::Commit,
				relaxed,
				target,
				end,
			};
			let payload = vote.payload(&GENESIS);
			let signatures = (0u16..).zip(&voters).take(3).map(|(i, pair)| (i, pair.sign(&payload)));
			Certificate::new(vote, 5, signatures.collect())
		};
		let client = LightClient::new(GENESIS, of_five(3), 0);
		let (end, plain) = (header(5, Some(set(1))), header(5, None));
		let above = BlockRef {
			slot: 30,
			number: 9,
			hash: H256::repeat_byte(9),
		};
		let relaxed = LightError::Certificate(CertificateError::Relaxed);
		for beyond in [false, true] {
			let of = |header: &TestHeader, flag| match beyond {
				true => proof(above, Some(target(header)), flag),
				false => proof(target(header), None, flag),
			};
			assert_eq!(client.clone().change(&end, &of(&end, true)), Ok(()));
			assert_eq!(client.check_final(&plain, &of(&plain, true)), Err(relaxed));
			assert!(
				client.check_final(&end, &of(&end, false)).is_err(),
				"three of five are no quorum"
			);
			let off = LightClient::new(GENESIS, of_five(4), 0);
			assert_eq!(off.check_final(&end, &of(&end, true)), Err(relaxed));
		}
		// What is illegible changes nothing.
		let mut odd = end.clone();
		let twice = odd.digest.logs[0].clone();
		odd.digest.logs.push(twice);
		assert_eq!(client.check_final(&odd, &proof(target(&odd), None, true)), Err(relaxed));
		// What lies beyond the change is not made final.
		let beyond = header(9, Some(set(1)));
		let of_beyond = proof(target(&beyond), Some(target(&end)), true);
		assert!(matches!(
			client.check_final(&beyond, &of_beyond),
			Err(LightError::OtherBlock { .. })
		));
	}

	proptest! {
		#![proptest_config(ProptestConfig::with_cases(64))]

		/// Whatever one byte of a proof is changed, it is refused, or is no longer what is looked at.
		#[test]
		fn a_damaged_proof_is_refused(at in any::<prop::sample::Index>(), flip in 1u8.., beyond: bool) {
			use codec::{DecodeAll, Encode};
			let client = LightClient::new(GENESIS, set(0), 0);
			let (header, proof) = change(&client, 5, beyond);
			let mut bytes = (header, proof).encode();
			let at = at.index(bytes.len());
			bytes[at] ^= flip;
			if let Ok((header, proof)) = <(TestHeader, Certificate)>::decode_all(&mut &bytes[..]) {
				prop_assert!(client.clone().change(&header, &proof).is_err());
			}
		}
	}
}
