//! The import queue as the sync sees it: what stands higher in a batch speaks for what is below, before either is
//! looked at.
//!
//! The queue takes a batch from the lowest block on, and leaves off at the first that is not taken. A block whose
//! author has sealed others in its slot is taken only if others build on it; so that has to be known before.

use crate::blocks::{
	equivocation::{AuthorWatch, Wanted},
	import::{KnownCertificates, PocaBlockImport, PocaVerifier},
};
use futures::task::Context;
use poca_primitives::AuthorityId;
use prometheus_endpoint::Registry;
use sc_consensus::{
	import_queue::{ImportQueue, ImportQueueService, IncomingBlock, Link, RuntimeOrigin},
	BasicQueue,
};
use smartchain_chain::Block;
use sp_consensus::BlockOrigin;
use sp_core::H256;
use sp_runtime::{traits::Header as _, Justifications};

/// Authors above a block that are remembered: one other than its own is enough.
const AUTHORS_ABOVE: usize = 4;

/// [`BasicQueue`], and a look at each batch before it.
pub struct PocaQueue {
	inner: BasicQueue<Block>,
	service: Service,
}

/// The import queue over [`PocaVerifier`] and [`PocaBlockImport`].
pub fn import_queue(
	block_import: &PocaBlockImport,
	spawner: &impl sp_core::traits::SpawnEssentialNamed,
	registry: Option<&Registry>,
) -> PocaQueue {
	let queue = BasicQueue::new(
		block_import.verifier(),
		Box::new(block_import.clone()),
		None,
		spawner,
		registry,
	);
	let service = Service {
		inner: queue.service(),
		verifier: block_import.verifier(),
		watch: block_import.watch(),
		certificates: block_import.known_certificates(),
	};
	PocaQueue { inner: queue, service }
}

struct Service {
	inner: Box<dyn ImportQueueService<Block>>,
	verifier: PocaVerifier,
	watch: AuthorWatch,
	certificates: KnownCertificates,
}

#[async_trait::async_trait]
impl ImportQueue<Block> for PocaQueue {
	fn service(&self) -> Box<dyn ImportQueueService<Block>> {
		Box::new(Service {
			inner: self.inner.service(),
			verifier: self.service.verifier.clone(),
			watch: self.service.watch.clone(),
			certificates: self.service.certificates.clone(),
		})
	}

	fn service_ref(&mut self) -> &mut dyn ImportQueueService<Block> {
		&mut self.service
	}

	fn poll_actions(&mut self, cx: &mut Context, link: &dyn Link<Block>) {
		self.inner.poll_actions(cx, link);
	}

	async fn run(self, link: &dyn Link<Block>) {
		self.inner.run(link).await;
	}
}

impl ImportQueueService<Block> for Service {
	fn import_blocks(&mut self, origin: BlockOrigin, blocks: Vec<IncomingBlock<Block>>) {
		if origin == BlockOrigin::File {
			for block in &blocks {
				if let Some(justifications) = &block.justifications {
					self.certificates.take(block.hash, justifications);
				}
			}
		}
		// A batch of one has nobody above; that is what a network in sync sends.
		if blocks.len() > 1 {
			let line = blocks.iter().rev().map_while(|block| {
				let header = block.header.as_ref()?;
				Some((block.hash, *header.parent_hash(), self.verifier.author_of(header)))
			});
			speak(&self.watch, line);
		}
		self.inner.import_blocks(origin, blocks);
	}

	fn import_justifications(&mut self, who: RuntimeOrigin, hash: H256, number: u32, justifications: Justifications) {
		self.inner.import_justifications(who, hash, number, justifications);
	}
}

/// Notes which blocks of a line are needed: all that a certified one descends from, and each on which another author
/// builds, also if the first blocks above it are its own author's. `line` is hash, parent and sealer of each, from the
/// highest down.
fn speak(watch: &AuthorWatch, line: impl Iterator<Item = (H256, H256, Option<AuthorityId>)>) {
	let (mut expected, mut certified, mut above) = (None, false, Vec::<AuthorityId>::new());
	for (hash, parent, sealer) in line {
		if expected.is_some_and(|expected| expected != hash) {
			// Not one line: what is above says nothing of what is below.
			(certified, above) = (false, Vec::new());
		}
		expected = Some(parent);
		if certified {
			watch.want(hash, Wanted::Certified);
		} else if let Some(other) = above.iter().find(|author| Some(*author) != sealer.as_ref()) {
			watch.want(hash, Wanted::ParentFor(other.clone()));
		}
		certified |= watch.is_certified(&hash);
		if let Some(sealer) = sealer.filter(|sealer| !above.contains(sealer) && above.len() < AUTHORS_ABOVE) {
			above.push(sealer);
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::blocks::{
		import::ImportEvent,
		testing::{header, idle_import},
	};
	use bft_finality_primitives::BFT_ENGINE_ID;
	use codec::Encode;
	use poca_primitives::Slot;
	use smartchain_chain::{Chain, Metrics};
	use smartchain_node_testkit::past::Past;
	use sp_keyring::Sr25519Keyring::{self, Alice, Bob};
	use std::sync::Arc;

	/// Alice's blocks 1 and 2 of a slot are here; 3 is a further one, on which a line of 4, 5, ... stands.
	fn watch() -> AuthorWatch {
		let watch = AuthorWatch::default();
		assert!(admits(&watch, 1) && admits(&watch, 2));
		watch
	}

	fn admits(watch: &AuthorWatch, block: u64) -> bool {
		let alice = Alice.public().into();
		let admission = watch.admit(Slot::from(7), &alice, &header(block), &Metrics::default());
		admission.admitted
	}

	fn hash(block: u64) -> H256 {
		header(block).hash()
	}

	/// A line of blocks 3, 4, ... by these, the highest first.
	fn line(authors: &[Sr25519Keyring]) -> Vec<(H256, H256, Option<AuthorityId>)> {
		let block =
			|(number, author): (u64, &Sr25519Keyring)| (hash(number), hash(number - 1), Some(author.public().into()));
		let mut line: Vec<_> = (3..).zip(authors).map(block).collect();
		line.reverse();
		line
	}

	#[test]
	fn a_further_block_is_taken_if_another_builds_on_it_or_on_its_author_s_own_line_above() {
		for authors in [&[Alice, Bob][..], &[Alice, Alice, Alice, Bob], &[Alice, Bob, Alice]] {
			let watch = watch();
			assert!(!admits(&watch, 3));
			speak(&watch, line(authors).into_iter());
			assert!(admits(&watch, 3), "{authors:?}");
		}
	}

	#[test]
	fn its_author_alone_does_not_speak_for_it_nor_does_another_line() {
		let watch = watch();
		speak(&watch, line(&[Alice, Alice, Alice]).into_iter());
		assert!(!admits(&watch, 3));
		let mut other = line(&[Alice, Bob]);
		other[0].1 = hash(99);
		speak(&watch, other.into_iter());
		assert!(!admits(&watch, 3));
	}

	#[test]
	fn a_certificate_speaks_for_all_below() {
		let watch = watch();
		watch.want(hash(5), Wanted::Certified);
		speak(&watch, line(&[Alice, Alice, Alice]).into_iter());
		assert!(admits(&watch, 3));
	}

	/// Takes blocks, and does nothing with them.
	struct Sink;

	impl ImportQueueService<Block> for Sink {
		fn import_blocks(&mut self, _: BlockOrigin, _: Vec<IncomingBlock<Block>>) {}
		fn import_justifications(&mut self, _: RuntimeOrigin, _: H256, _: u32, _: Justifications) {}
	}

	/// The heights of the blocks of a chain of six whose certificates are handed on, if blocks 1 to 3 are here.
	fn handed_on(finalized: u32, origin: BlockOrigin) -> Vec<u32> {
		let past = Past::new(6, &[], 0);
		{
			let mut stored = past.stored.lock();
			for block in &past.blocks[..4] {
				stored.headers.insert(block.hash(), block.clone());
			}
			stored.finalized = finalized;
		}
		let blocks = (1..=6).map(|number| IncomingBlock {
			hash: past.hash(number),
			header: Some(past.blocks[number as usize].clone()),
			body: None,
			indexed_body: None,
			justifications: Some((BFT_ENGINE_ID, past.certificate(number).encode()).into()),
			origin: None,
			allow_missing_state: false,
			skip_execution: false,
			import_existing: false,
			state: None,
		});
		let blocks: Vec<_> = blocks.collect();
		let (import, link) = idle_import(Arc::new(past) as Arc<dyn Chain>);
		let mut service = Service {
			inner: Box::new(Sink),
			verifier: import.verifier(),
			watch: import.watch(),
			certificates: import.known_certificates(),
		};
		service.import_blocks(origin, blocks);
		let events = std::iter::from_fn(|| link.events.try_recv().ok());
		events
			.map(|event| match event {
				ImportEvent::Certificate(certificate) => certificate.vote.decides().number,
				_ => panic!("nothing is imported"),
			})
			.collect()
	}

	/// The queue does not import what is here. What is not comes to the import, which tells of it then.
	#[test]
	fn a_file_that_is_read_again_shows_what_is_final() {
		assert_eq!(handed_on(0, BlockOrigin::File), [1, 2, 3]);
		assert_eq!(handed_on(1, BlockOrigin::File), [2, 3]);
		assert!(handed_on(0, BlockOrigin::NetworkInitialSync).is_empty());
	}
}
