//! What a module for Wasm runs, and the binary natively: the vectors judged, validations and signature checks many
//! times over. The vectors lie within, so that nothing but numbers goes in or out. Only in Wasm have the functions
//! names for the linker: natively one of them would take the place of libc's `read`.
#![cfg_attr(target_arch = "wasm32", no_std)]

use proof_of_space_primitives::{pos2::Pos2Proof, Hash, Plot, SpaceProof};
use schnorrkel::{
	context::{attach_rng, signing_context},
	MiniSecretKey,
};

const FILES: [&str; 3] = [
	include_str!("../../vectors/chia-pos2-1.0.0.txt"),
	include_str!("../../vectors/valid.txt"),
	include_str!("../../vectors/refused.txt"),
];
/// Bytes of the longest proof in a file.
const LONGEST: usize = 512;
const ALL_WIN: Hash = [255; 32];

/// A dependency of a dependency asks for one; nothing that is measured allocates.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn panicked(_: &core::panic::PanicInfo) -> ! {
	core::arch::wasm32::unreachable()
}

/// How many lines of a file, 0 to 2, are judged valid.
#[cfg_attr(target_arch = "wasm32", no_mangle)]
pub extern "C" fn judged_valid(file: u32) -> u32 {
	let judged = |line| Proof::read(line).is_some_and(|proof| proof.is_valid());
	lines(file).filter(|line| judged(line)).count() as u32
}

/// A number made of all fragments and verdicts of a file: the same wherever the same was computed.
#[cfg_attr(target_arch = "wasm32", no_mangle)]
pub extern "C" fn digest(file: u32) -> u64 {
	let mut digest = 0u64;
	for proof in lines(file).filter_map(Proof::read) {
		let Ok(read) = Pos2Proof::read(&proof.plot, &proof.challenge, proof.bytes()) else {
			continue;
		};
		for fragment in read.fragments() {
			digest = digest.rotate_left(5) ^ fragment;
		}
		digest = digest.rotate_left(5) ^ u64::from(read.verify().is_ok());
	}
	digest
}

/// Lines of a file.
#[cfg_attr(target_arch = "wasm32", no_mangle)]
pub extern "C" fn length(file: u32) -> u32 {
	lines(file).count() as u32
}

/// Validates a line of a file so many times; how many of them were valid.
#[cfg_attr(target_arch = "wasm32", no_mangle)]
pub extern "C" fn validate(file: u32, line: u32, times: u32) -> u32 {
	let Some(proof) = lines(file).nth(line as usize).and_then(Proof::read) else {
		return 0;
	};
	(0..times).filter(|_| core::hint::black_box(&proof).is_valid()).count() as u32
}

/// Reads a line of a file so many times, up to its quality, as all proofs are that do not win.
#[cfg_attr(target_arch = "wasm32", no_mangle)]
pub extern "C" fn read(file: u32, line: u32, times: u32) -> u32 {
	let Some(proof) = lines(file).nth(line as usize).and_then(Proof::read) else {
		return 0;
	};
	let reads = |proof: &Proof| {
		let read = Pos2Proof::read(&proof.plot, &proof.challenge, proof.bytes());
		read.is_ok_and(|read| read.quality() != [0; 32])
	};
	(0..times).filter(|_| reads(core::hint::black_box(&proof))).count() as u32
}

/// Checks an sr25519 signature so many times, as what a validation is measured beside.
#[cfg_attr(target_arch = "wasm32", no_mangle)]
pub extern "C" fn sr25519(times: u32) -> u32 {
	let Ok(seed) = MiniSecretKey::from_bytes(&[7; 32]) else {
		return 0;
	};
	let pair = seed.expand_to_keypair(schnorrkel::ExpansionMode::Ed25519);
	let message = [42; 100];
	let context = signing_context(b"substrate");
	let signature = pair.sign(attach_rng(context.bytes(&message), NoRandomness)).to_bytes();
	let public = pair.public.to_bytes();
	let checks = || {
		let public = schnorrkel::PublicKey::from_bytes(core::hint::black_box(&public)).ok()?;
		let signature = schnorrkel::Signature::from_bytes(&signature).ok()?;
		public.verify_simple(b"substrate", &message, &signature).ok()
	};
	(0..times).filter(|_| checks().is_some()).count() as u32
}

/// For a signature that shows nothing but how long its check takes.
struct NoRandomness;

impl rand_core::RngCore for NoRandomness {
	fn next_u32(&mut self) -> u32 {
		0
	}
	fn next_u64(&mut self) -> u64 {
		0
	}
	fn fill_bytes(&mut self, bytes: &mut [u8]) {
		bytes.fill(0);
	}
	fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
		bytes.fill(0);
		Ok(())
	}
}

impl rand_core::CryptoRng for NoRandomness {}

struct Proof {
	plot: Plot,
	challenge: Hash,
	proof: [u8; LONGEST],
	length: usize,
}

impl Proof {
	fn read(line: &str) -> Option<Self> {
		let mut words = line.split_ascii_whitespace();
		let mut number = || words.next()?.parse::<u16>().ok();
		let (k, strength, index, meta) = (number()?, number()?, number()?, number()?);
		let (mut group, mut challenge, mut proof) = ([0; 32], [0; 32], [0; LONGEST]);
		decode(words.next()?, &mut group)?;
		decode(words.next()?, &mut challenge)?;
		let length = decode(words.next()?.trim_start_matches('-'), &mut proof)?;
		let plot = Plot {
			group,
			index,
			meta: meta.try_into().ok()?,
			k: k.try_into().ok()?,
			strength: strength.try_into().ok()?,
		};
		Some(Self {
			plot,
			challenge,
			proof,
			length,
		})
	}

	fn bytes(&self) -> &[u8] {
		self.proof.get(..self.length).unwrap_or(&[])
	}

	fn is_valid(&self) -> bool {
		Pos2Proof::judge(&self.plot, &self.challenge, self.bytes(), &ALL_WIN).is_ok()
	}
}

fn lines(file: u32) -> impl Iterator<Item = &'static str> {
	let text = FILES.get(file as usize).copied().unwrap_or_default();
	text.lines().filter(|line| !line.starts_with('#'))
}

/// The bytes that hexadecimal digits stand for, and how many there are.
fn decode(hex: &str, bytes: &mut [u8]) -> Option<usize> {
	let digit = |digit: u8| (digit as char).to_digit(16);
	let pairs = hex.as_bytes().chunks_exact(2);
	let length = pairs.len();
	for (pair, byte) in pairs.zip(bytes.get_mut(..length)?) {
		*byte = (digit(*pair.first()?)? << 4 | digit(*pair.last()?)?) as u8;
	}
	Some(length)
}
