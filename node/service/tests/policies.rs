//! What the node decides by itself of pages, of a full pool, of peers without bodies, and of peers that ask or send too
//! much: no client, no network.

use codec::Encode;
use jsonrpsee::server::{HttpBody, HttpRequest};
use sc_network_common::sync::message::{BlockAttributes, BlockData, BlockRequest, Direction, FromBlock};
use sc_network_types::PeerId;
use sc_rpc_api::DenyUnsafe;
use sc_transaction_pool_api::PoolStatus;
use smartchain_chain::{Block, Header};
use smartchain_service::{
	bodies::{is_asked_for, joined, worth, Others, Search, Told, Worth},
	net::budget::{Share, Spent},
	origin::Origins,
	pool::{heads, Claim, Door, Limits, NoRoom},
	proxy,
};
use sp_core::{storage::StateVersion, H256};
use sp_runtime::{
	traits::{BlakeTwo256, Hash as _, Header as _},
	OpaqueExtrinsic,
};
use std::{
	iter,
	net::IpAddr,
	time::{Duration, Instant},
};

#[path = "policies/executor.rs"]
mod executor;
#[path = "policies/requests.rs"]
mod requests;
#[path = "policies/transactions.rs"]
mod transactions;

/// What `--rpc-cors` lets in unless it is given.
fn usual() -> Origins {
	let list = [
		"http://localhost:*",
		"http://127.0.0.1:*",
		"https://localhost:*",
		"https://polkadot.js.org",
	];
	Origins::new(Some(list.map(Into::into).into()))
}

/// A request with these headers besides its origins.
fn request(sent: &[&[u8]], headers: &[(&str, &str)]) -> HttpRequest<HttpBody> {
	let mut request = HttpRequest::builder();
	for origin in sent {
		request = request.header("Origin", *origin);
	}
	for (name, value) in headers {
		request = request.header(*name, *value);
	}
	request.body(HttpBody::empty()).expect("a request")
}

fn may_do_all(origins: &Origins, sent: &[&[u8]], otherwise: DenyUnsafe) -> bool {
	let request = request(sent, &[]);
	origins.deny_unsafe(&request, otherwise).check_if_safe().is_ok()
}

#[test]
fn pages_that_are_let_in_are_known_by_all_of_their_origin() {
	for (origin, allowed) in [
		("http://localhost:3000", true),
		("http://localhost", true),
		("http://127.0.0.1:8000", true),
		("https://polkadot.js.org", true),
		("https://polkadot.js.org:8443", false),
		("https://polkadot.js.org.evil.example", false),
		("https://evil.example", false),
		("http://localhost.evil.example", false),
		("http://localhost:", false),
		("http://localhost:3000.evil.example", false),
		("http://localhost:*", false),
		("null", false),
		("", false),
	] {
		assert_eq!(usual().allow(origin.as_bytes()), allowed, "{origin:?}");
	}
	assert!(!usual().allow(b"http://localhost:\xff"));
	for all in [None, Some(vec!["https://a.example".into(), "*".into()])] {
		let all = Origins::new(all);
		assert!(all.allow(b"https://evil.example") && !all.is_list());
	}
}

#[test]
fn a_page_that_is_not_let_in_may_do_less_and_nobody_may_do_more() {
	let open = DenyUnsafe::No;
	assert!(may_do_all(&usual(), &[], open), "a program that is no browser");
	assert!(may_do_all(&usual(), &[b"http://localhost:3000"], open));
	assert!(!may_do_all(&usual(), &[b"https://evil.example"], open));
	assert!(!may_do_all(
		&usual(),
		&[b"http://localhost:3000", b"https://evil.example"],
		open
	));
	assert!(may_do_all(&Origins::new(None), &[b"https://evil.example"], open));
	for sent in [&[][..], &[&b"http://localhost:3000"[..]]] {
		assert!(!may_do_all(&usual(), sent, DenyUnsafe::Yes), "the operator denies it");
	}
}

/// A WebSocket that is not let in would take one of the node's places, and read.
#[test]
fn a_page_that_is_not_let_in_gets_no_websocket() {
	let websocket = [("Connection", "Upgrade"), ("Upgrade", "websocket")];
	let refused = |origins: &Origins, sent: &[&[u8]], headers: &[(&str, &str)]| {
		let answer = origins.refuse(&request(sent, headers));
		answer.map(|answer| answer.status().as_u16())
	};
	for sent in [
		&[&b"https://evil.example"[..]][..],
		&[b"null"],
		&[b"http://localhost:3000", b"https://evil.example"],
	] {
		assert_eq!(refused(&usual(), sent, &websocket), Some(403), "{sent:?}");
		// Its answer the browser keeps from the page.
		assert_eq!(refused(&usual(), sent, &[]), None, "{sent:?}");
		assert_eq!(refused(&Origins::new(None), sent, &websocket), None, "{sent:?}");
	}
	for sent in [&[][..], &[&b"http://localhost:3000"[..]]] {
		assert_eq!(refused(&usual(), sent, &websocket), None, "{sent:?}");
	}
}

fn holding(ready: usize, ready_bytes: usize) -> PoolStatus {
	PoolStatus {
		ready,
		ready_bytes,
		future: 0,
		future_bytes: 0,
	}
}

/// A transaction that needs no other, and that no other needs.
fn lone(bytes: usize, priority: u64) -> Claim<'static> {
	Claim {
		bytes,
		priority,
		requires: &[],
		provides: &[],
	}
}

/// How many of transactions of these sizes stay.
fn kept(limits: Limits, sizes: &[usize]) -> usize {
	let waiting: Vec<_> = sizes.iter().map(|bytes| lone(*bytes, 1)).collect();
	limits.kept(&waiting).into_iter().filter(|stays| *stays).count()
}

#[test]
fn the_last_ones_go_and_no_more_than_needed() {
	let limits = Limits { count: 3, kbytes: 2 };
	assert_eq!(kept(limits, &[]), 0);
	assert_eq!(kept(limits, &[100, 100, 100]), 3);
	assert_eq!(kept(limits, &[100, 100, 100, 100]), 3, "by number");
	assert_eq!(kept(limits, &[1000, 1000, 1000]), 2, "by size");
	assert_eq!(kept(limits, &[2048, 1]), 1);
	assert!(!limits.is_full(&holding(2, 1000), 1048));
	assert!(limits.is_full(&holding(2, 1000), 1049) && limits.is_full(&holding(3, 0), 1));
	let above = limits.headroom();
	assert!(above.count > limits.count && above.kbytes > limits.kbytes);
	assert_eq!(
		Limits {
			count: usize::MAX,
			kbytes: usize::MAX
		}
		.headroom()
		.count,
		usize::MAX
	);
}

/// One that is large must not push out all that pay less, and then not stay either.
#[test]
fn one_that_does_not_fit_goes_alone_but_for_what_needs_it() {
	let limits = Limits { count: 3, kbytes: 2 };
	let waiting = [1500, 1000, 500].map(|bytes| lone(bytes, 1));
	assert_eq!(limits.kept(&waiting), [true, false, true]);
	assert_eq!(kept(limits, &[2049, 1]), 1);
	let tags: Vec<_> = (0..3u8).map(|tag| vec![tag]).collect();
	let line = |bytes, place: usize| Claim {
		bytes,
		priority: 1,
		requires: &tags[place.saturating_sub(1)..place],
		provides: &tags[place..=place],
	};
	let waiting = [line(2049, 0), line(1, 1), lone(1, 1), line(1, 2)];
	assert_eq!(limits.kept(&waiting), [false, false, true, false]);
}

/// When another runtime comes into force, one transaction of each account tells of all that need it.
#[test]
fn the_first_of_each_account_needs_no_other() {
	let tags: Vec<_> = (0..8u8).map(|tag| vec![tag]).collect();
	let line = |from: usize, place: usize| Claim {
		requires: &tags[place.saturating_sub(1).max(from)..place],
		provides: &tags[place..=place],
		..lone(1, 1)
	};
	// Two accounts, mixed; the second begins at tag 4, and what its first needs is in the chain.
	let waiting = [line(0, 0), line(3, 4), line(0, 1), line(3, 5), line(0, 2), lone(1, 1)];
	assert_eq!(heads(&waiting), [true, true, false, false, false, true]);
	assert!(heads(&[]).is_empty());
}

/// To find out what comes last takes a look at all of a pool.
#[test]
fn a_pool_that_was_too_full_has_room_for_some_more() {
	let limits = Limits {
		count: 128,
		kbytes: 256,
	};
	assert_eq!((kept(limits, &[1; 128]), kept(limits, &[1; 129])), (128, 126));
	assert_eq!((kept(limits, &[4096; 64]), kept(limits, &[4096; 65])), (64, 63));
	// Whoever is let in stays.
	let waiting: Vec<_> = (0..128).map(|place| lone(1, 1_000 - place)).collect();
	for priority in 850..1_010 {
		let newcomer = lone(1, priority);
		let place = waiting.iter().filter(|claim| claim.priority >= priority).count();
		let mut with_it = waiting.clone();
		with_it.insert(place, newcomer);
		let stays = limits.kept(&with_it)[place];
		assert_eq!(limits.has_room(&waiting, &newcomer), stays, "of priority {priority}");
		assert_eq!(stays, place < 126);
	}
	// If it takes the place of the last one, nobody has to go.
	let tag = [vec![7]];
	let claim = |priority| Claim {
		provides: &tag,
		..lone(1, priority)
	};
	let mut waiting = waiting;
	waiting[127] = claim(873);
	assert!(limits.has_room(&waiting, &claim(874)));
}

/// What comes in and has to go at once would be banned, though it pays more than others.
#[test]
fn a_newcomer_is_worth_no_more_than_what_it_needs() {
	let limits = Limits { count: 3, kbytes: 2 };
	let tags: Vec<_> = (0..4u8).map(|tag| vec![tag]).collect();
	let line = |priority, place: usize| Claim {
		bytes: 600,
		priority,
		requires: &tags[place.saturating_sub(1)..place],
		provides: &tags[place..=place],
	};
	let waiting = [lone(600, 5), line(2, 0), line(9, 1)];
	assert!(
		limits.has_room(&waiting, &lone(600, 3)),
		"it pays more than one that waits"
	);
	assert!(!limits.has_room(&waiting, &lone(600, 2)), "no more than the last");
	assert!(!limits.has_room(&waiting, &line(9, 2)), "it comes after all three");
	assert!(limits.has_room(&waiting[..2], &line(9, 1)), "there is a place");
	// It replaces one, and what needed that needs it.
	assert!(limits.has_room(&waiting, &line(3, 0)) && limits.has_room(&waiting, &line(10, 1)));
	// With what comes before it, and without what comes after.
	assert!(limits.has_room(&waiting, &lone(1448, 3)) && !limits.has_room(&waiting, &lone(1449, 3)));
	assert!(limits.has_room(&waiting, &lone(2048, 6)) && !limits.has_room(&waiting, &lone(2049, 6)));
}

#[test]
fn who_was_refused_is_refused_without_work_until_the_pool_takes_less() {
	let (mut door, one, other) = (Door::default(), H256::repeat_byte(1), H256::repeat_byte(2));
	let (best, next) = (H256::repeat_byte(8), H256::repeat_byte(9));
	assert_eq!(door.floor(best, || 5), 5);
	assert_eq!(door.floor(best, || panic!("once a block")), 5);
	assert!(!door.is_closed(&one, best, 5));
	door.refuse(one, NoRoom::Pays(5));
	assert!(door.is_closed(&one, best, 5) && door.is_closed(&one, next, 6) && !door.is_closed(&other, best, 5));
	// What is before it may be in that block.
	door.refuse(other, NoRoom::Behind(best));
	assert!(door.is_closed(&other, best, 5) && !door.is_closed(&other, next, 5));
	assert_eq!(door.floor(next, || 4), 4);
	assert!(!door.is_closed(&one, next, 4), "it is looked at again");
}

#[test]
fn headers_do_for_what_is_not_executed() {
	assert_eq!(worth(Some(7), Some(1..=7)), Worth::Enough(7));
	assert_eq!(worth(Some(8), Some(1..=7)), Worth::TooLittle(8));
	assert_eq!(worth(Some(7), None), Worth::TooLittle(7));
	assert_eq!(worth(None, Some(1..=7)), Worth::Nothing);
}

/// A block of this height with one transaction of this byte; its header names it.
fn block(number: u32, byte: u8) -> BlockData<Block> {
	let body = vec![OpaqueExtrinsic::from_blob(vec![byte])];
	let root = BlakeTwo256::ordered_trie_root(body.iter().map(Encode::encode).collect(), StateVersion::V1);
	let header = Header::new(number, root, H256::zero(), H256::zero(), Default::default());
	BlockData::<Block> {
		hash: header.hash(),
		header: Some(header),
		body: Some(body),
		indexed_body: None,
		receipt: None,
		message_queue: None,
		justification: None,
		justifications: None,
	}
}

/// One peer that has thrown bodies away, or says so, does not decide for all others.
#[test]
fn headers_of_one_peer_take_the_bodies_of_another_that_are_theirs() {
	let blocks: Vec<_> = [3, 2, 1].map(|number| block(number, number as u8)).to_vec();
	let mut headers = blocks.clone();
	headers.iter_mut().for_each(|block| block.body = None);
	assert_eq!(joined(headers.clone(), blocks.clone()), blocks);
	assert_eq!(
		joined(headers.clone(), blocks[..2].to_vec()),
		blocks[..2],
		"as far as they go"
	);
	assert!(joined(headers.clone(), Vec::new()).is_empty());
	let mut others = blocks.clone();
	others[1].body = block(2, 9).body;
	assert_eq!(
		joined(headers.clone(), others.clone()),
		blocks[..1],
		"nobody's fault but the sender's"
	);
	others[0].body = Some(Vec::new());
	assert!(joined(headers, others).is_empty());
}

#[test]
fn what_was_not_asked_for_says_nothing() {
	let request = |from| BlockRequest::<Block> {
		id: 0,
		fields: BlockAttributes::HEADER,
		from,
		direction: Direction::Descending,
		max: Some(2),
	};
	let blocks = [block(3, 3), block(2, 2)];
	for (from, expected) in [
		(FromBlock::Number(3), true),
		(FromBlock::Number(2), false),
		(FromBlock::Hash(blocks[0].hash), true),
		(FromBlock::Hash(blocks[1].hash), false),
	] {
		assert_eq!(is_asked_for(&request(from.clone()), &blocks), expected, "{from:?}");
		assert!(!is_asked_for(&request(from), &[]));
	}
}

#[test]
fn whoever_had_bodies_is_asked_first_and_whoever_had_none_last() {
	let mut others = Others::default();
	let peers: Vec<_> = (0..4).map(|_| PeerId::random()).collect();
	peers.iter().for_each(|peer| others.seen(*peer));
	assert_eq!(others.instead_of(&peers[0]), [peers[1], peers[2], peers[3]]);
	others.answered(peers[1], false);
	others.answered(peers[3], true);
	assert_eq!(others.instead_of(&peers[0]), [peers[3], peers[2], peers[1]]);
	// Known ones keep their places, and there is an end to them.
	others.seen(peers[3]);
	(0..1_000).for_each(|_| others.seen(PeerId::random()));
	let many = others.instead_of(&peers[0]);
	assert!(many.iter().take(2).eq([&peers[3], &peers[2]]) && many.len() < 64);
	others.gone(&peers[3]);
	assert_eq!(others.instead_of(&peers[0]).front(), Some(&peers[2]));
}

/// One that has them and is busy would be asked in vain once, and the bodies would be lost for good.
#[test]
fn who_does_not_answer_is_asked_again_before_one_does_without_bodies() {
	let peers: Vec<_> = (0..4).map(|_| PeerId::random()).collect();
	let among = |count: usize| Search::new(peers[..count].iter().copied().collect());
	let mut search = among(4);
	for peer in &peers[..2] {
		assert_eq!(search.next_peer(), Some(*peer));
		search.has_none();
	}
	assert_eq!(search.next_peer(), None, "two say so");

	let mut search = among(2);
	assert_eq!(search.next_peer(), Some(peers[0]));
	search.failed(peers[0]);
	assert!(!search.is_round_over());
	assert_eq!(search.next_peer(), Some(peers[1]));
	search.has_none();
	assert!(search.is_round_over());
	assert_eq!(search.next_peer(), Some(peers[0]), "it has said nothing yet");
	search.has_none();
	assert!(!search.is_round_over() && search.next_peer().is_none());

	// There is an end to it, and a pause before each that is asked again.
	let (mut search, mut pauses) = (among(2), 0);
	let asked = iter::from_fn(|| {
		pauses += usize::from(search.is_round_over());
		search.next_peer().inspect(|peer| search.failed(*peer))
	});
	assert_eq!(asked.count(), 8);
	assert_eq!(pauses, 3);
	// A peer that is gone counts for nothing.
	let mut search = among(4);
	assert_eq!(iter::from_fn(|| search.next_peer()).count(), 4);
}

#[test]
fn missing_bodies_are_told_when_it_lasts_and_not_again_and_again() {
	let (one, other) = (PeerId::random(), PeerId::random());
	let (mut told, start) = (Told::default(), Instant::now());
	let after = |millis| start + Duration::from_millis(millis);
	assert!(told.old_without() && !told.old_without());
	assert!(
		!told.missing(one, 128, 5, start) && !told.missing(other, 128, 5, after(1_900)),
		"a moment"
	);
	assert!(told.missing(one, 128, 5, after(2_000)), "it lasts");
	assert!(!told.missing(one, 128, 5, after(4_000)), "told just now");
	let again = (5..70).filter(|second| told.missing(one, 128, 5, after(second * 1_000)));
	assert_eq!(again.count(), 1, "once a minute");

	let mut told = Told::default();
	assert!(!told.missing(one, 128, 5, start) && !told.missing(other, 128, 5, after(1_000)));
	assert!(
		!told.lasts(5, after(1_900)) && !told.lasts(6, after(2_000)) && told.lasts(5, after(2_000)),
		"nobody else is asked"
	);
	assert!(!told.lasts(5, after(3_000)), "told just now");

	let mut told = Told::default();
	assert!(
		!told.missing(one, 128, 5, start) && !told.missing(other, 128, 6, after(3_000)),
		"it goes on"
	);
	assert!(
		!told.missing(one, 128, 6, after(4_000)) && told.missing(one, 128, 6, after(6_000)),
		"and then no more"
	);
	let mut told = Told::default();
	assert!(
		!told.missing(one, 128, 5, start) && !told.missing(other, 128, 5, after(3_600_000)),
		"twice in an hour"
	);
}

/// It could make an operator throw the database away.
#[test]
fn one_peer_alone_does_not_say_that_bodies_are_missing() {
	let (one, other) = (PeerId::random(), PeerId::random());
	let (mut told, start) = (Told::default(), Instant::now());
	let after = |seconds| start + Duration::from_secs(seconds);
	assert!((0..20).all(|second| !told.missing(one, 128, 5, after(second))));
	assert!(told.missing(one, 128, 5, after(20)), "there is perhaps no other");

	// What another has is not missing. Later blocks than those help nothing.
	let mut told = Told::default();
	assert!(!told.missing(one, 128, 5, start) && !told.missing(other, 256, 5, after(1)));
	told.given(256);
	assert!(told.is_missing());
	told.given(128);
	assert!(!told.is_missing());
	assert!(!told.missing(one, 128, 5, after(3)) && !told.missing(one, 128, 5, after(6)));
}

#[test]
fn a_proxy_says_for_whom_it_speaks() {
	for (sent, expected) in [
		(&[][..], None),
		(
			&[("Forwarded", "for=192.0.2.60;proto=http;by=203.0.113.43")],
			Some("192.0.2.60"),
		),
		(
			&[("Forwarded", "proto=http; For=\"[2001:db8::1]:4711\", for=192.0.2.61")],
			Some("2001:db8::1"),
		),
		(&[("Forwarded", "for=\"[2001:db8::1]\"")], Some("2001:db8::1")),
		(
			&[("Forwarded", "for=unknown"), ("X-Real-IP", "192.0.2.1")],
			Some("192.0.2.1"),
		),
		(
			&[("X-Forwarded-For", "127.0.0.1,192.0.2.60"), ("X-Real-IP", "192.0.2.1")],
			Some("127.0.0.1"),
		),
		(&[("X-Forwarded-For", "somebody")], None),
	] {
		let mut request = HttpRequest::builder();
		for (name, value) in sent {
			request = request.header(*name, *value);
		}
		let request = request.body(HttpBody::empty()).expect("a request");
		let expected = expected.map(|text: &str| text.parse::<IpAddr>().expect("an address"));
		assert_eq!(proxy::behind(&request), expected, "{sent:?}");
	}
}

const SECOND: Duration = Duration::from_secs(1);

fn millis(count: u32) -> Duration {
	Duration::from_millis(count.into())
}

#[test]
fn a_share_has_its_burst_and_then_its_pace() {
	let share = Share {
		per_mille: 100,
		burst: SECOND,
	};
	let (mut spent, start) = (Spent::default(), Instant::now());
	assert!(spent.is_open(share, start));
	spent.spend(share, SECOND, start);
	assert!(spent.is_open(share, start), "the burst");
	spent.spend(share, millis(500), start);
	assert_eq!(spent.wait(share, start), 5 * SECOND);
	assert!(!spent.is_open(share, start + 4 * SECOND) && spent.is_open(share, start + 5 * SECOND));
	assert_eq!(spent.debt(start + 15 * SECOND), Duration::ZERO);

	let mut asleep = Spent::default();
	asleep.spend(share, 3600 * SECOND, start);
	assert_eq!(asleep.debt(start), 10 * SECOND, "the machine was suspended");
	for _ in 0..100 {
		asleep.spend(share, SECOND, start);
	}
	assert_eq!(asleep.wait(share, start), 30 * SECOND);
}
