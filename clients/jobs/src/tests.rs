//! Jobs from their order to their outputs, in a market in memory.

use crate::{
	fake::{local, runner, spec, Fake, FEE, OWNER, PROGRAM, TRAPS},
	flow::follow::{follow, Finished, Follow},
	flow::record::{Kept, Record, Step},
	market::acts::Act,
	trouble::Trouble,
	units::home::{at_home, checked, compared, run_at_home, Second},
	units::parcel::{Inputs, Parcel},
};
use bounded_collections::BoundedVec;
use compute_market_primitives::{Assurance, Input, Price, Source, Spec};
use smart_agent_terminal::{money::Currency, Colors, Terminal};
use smartchain_unit::{Runner, Stop, Unit};
use std::{fs, net::TcpListener, path::Path, sync::Mutex};

fn parcel(place: &Path, units: u32) -> Parcel {
	parcel_of(place, PROGRAM, units)
}

fn parcel_of(place: &Path, bytes: &[u8], units: u32) -> Parcel {
	let program = place.join("says.wasm");
	fs::write(&program, bytes).unwrap();
	Parcel::new(&program, Inputs::Number, Some(units)).unwrap()
}

/// A record of a job of so many units, of which nothing was sent.
fn record(place: &Path, parcel: &Parcel) -> Record {
	let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
	let spec = Spec {
		program: parcel.named(),
		input: Input::Number,
		source: Source::Client(BoundedVec::truncate_from(vec![local(port)])),
		units: parcel.units,
		..spec()
	};
	let listen = format!("127.0.0.1:{port}").parse().unwrap();
	let order = (&spec, Price(7), Assurance::Quorum);
	let out = place.join("out");
	let kept = Kept::new(order, (9, 4), &out, listen, 1_000, String::new());
	Record::begin(&place.join("job"), kept).unwrap()
}

async fn followed(market: &Fake, record: &mut Record, parcel: &Parcel) -> Result<Finished, Trouble> {
	agreeing(market, record, parcel, &|_| Ok(())).await
}

/// The same, where whoever is asked answers so.
async fn agreeing(
	market: &Fake,
	record: &mut Record,
	parcel: &Parcel,
	agree: &dyn Fn(&str) -> Result<(), Trouble>,
) -> Result<Finished, Trouble> {
	follow(Follow {
		market,
		account: OWNER,
		record,
		parcel,
		runner: runner(),
		terminal: Terminal::new(true, Colors::Never),
		currency: Currency::new("STCI", 12),
		agree,
	})
	.await
}

/// What the units come to at home, joined.
fn home(parcel: &Parcel) -> Vec<u8> {
	let mut all = vec![Vec::new(); parcel.units as usize];
	let numbers: Vec<u32> = (0..parcel.units).collect();
	let unit = |number| {
		Ok(Unit {
			number,
			count: parcel.units,
			time: 0,
			seed: [0; 32],
			fuel_limit: 10_000_000_000,
			memory_pages: 64,
			program: parcel.program.clone(),
			input: Vec::new(),
		})
	};
	let each = |unit: crate::units::home::HomeUnit| {
		all[unit.number as usize] = unit.output;
		Ok(())
	};
	run_at_home(&runner(), &numbers, unit, each).unwrap();
	all.concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_comes_to_its_end_over_kills() {
	let place = tempfile::tempdir().unwrap();
	let (market, parcel) = (Fake::new(), parcel(place.path(), 4));
	let mut first = record(place.path(), &parcel);
	// The node answers one question more each time, and then is gone for good: as if this program were killed there.
	let mut finished = None;
	for answers in 1..200 {
		market.state().asked = 0;
		market.state().dies_after = Some(answers);
		let mut record = Record::open(&place.path().join("job")).unwrap().unwrap();
		if let Ok(done) = followed(&market, &mut record, &parcel).await {
			finished = Some(done);
			break;
		}
	}
	let finished = finished.expect("it comes to its end");
	assert_eq!((finished.agreed, finished.escalated), (4, 0));
	assert!(
		finished.without.is_empty() && finished.trapped.is_empty() && finished.refuted.is_empty(),
		"{finished:?}"
	);
	let (path, bytes, root) = finished.joined.unwrap();
	let joined = fs::read(path).unwrap();
	assert_eq!((joined.len() as u64, blake3::hash(&joined) == root), (bytes, true));
	assert!(joined == home(&parcel), "these are other outputs");
	// It was ordered once, and the chain was told that all is here.
	let acts = market.state().acts.clone();
	assert_eq!(acts.iter().filter(|act| matches!(act, Act::Submit { .. })).count(), 1);
	assert!(acts.iter().any(|act| matches!(act, Act::Accept { .. })));
	assert!(first.update(|_| ()).is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_ordered_before_a_kill_is_found() {
	let place = tempfile::tempdir().unwrap();
	let (market, parcel) = (Fake::new(), parcel(place.path(), 1));
	let mut begun = record(place.path(), &parcel);
	market.state().silent = true;
	// It was carried out, and this program never heard of it; its record says that it was being sent.
	begun
		.update(|kept| kept.step = Step::Submitting { after: 0, block: 0 })
		.unwrap();
	let (spec, max_price, assurance) = begun.kept().order().unwrap();
	let act = Act::Submit {
		spec,
		max_price,
		assurance,
		escrow: 9,
		deposit: 4,
	};
	assert!(crate::market::Jobs::send(&market, &act).await.is_err());
	let finished = followed(&market, &mut begun, &parcel).await.unwrap();
	assert_eq!((finished.job, finished.agreed), (1, 1));
	assert_eq!(market.state().jobs.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_result_is_named() {
	let place = tempfile::tempdir().unwrap();
	let (market, parcel) = (Fake::new(), parcel(place.path(), 3));
	let mut record = record(place.path(), &parcel);
	market.state().without = vec![1];
	let finished = followed(&market, &mut record, &parcel).await.unwrap();
	assert!(!finished.is_right());
	assert_eq!((finished.agreed, finished.without, finished.joined), (2, vec![1], None));
	assert!(place.path().join("out/units/0000.out").is_file());
}

/// Workers agree on a trap as on all else: nothing came of it for all that.
#[tokio::test(flavor = "multi_thread")]
async fn what_trapped_is_not_right() {
	let place = tempfile::tempdir().unwrap();
	let (market, parcel) = (Fake::new(), parcel_of(place.path(), TRAPS, 2));
	let mut record = record(place.path(), &parcel);
	let finished = followed(&market, &mut record, &parcel).await.unwrap();
	assert_eq!((finished.agreed, &finished.trapped), (2, &vec![0, 1]));
	assert!(finished.without.is_empty() && finished.otherwise.is_empty() && !finished.is_right());
}

/// What comes to something else here is wrong until others have found that, too.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_otherwise_here_is_not_right_unless_others_find_it() {
	for (colludes, otherwise) in [(true, vec![1]), (false, Vec::new())] {
		let place = tempfile::tempdir().unwrap();
		let (market, parcel) = (Fake::new(), parcel(place.path(), 3));
		let mut record = record(place.path(), &parcel);
		market.state().inflated = vec![1];
		market.state().colludes = colludes;
		let finished = followed(&market, &mut record, &parcel).await.unwrap();
		let acts = market.state().acts.clone();
		assert!(acts.iter().any(|act| matches!(act, Act::Appeal { unit: 1, .. })));
		assert_eq!((finished.checked, &finished.refuted), (3, &vec![1]));
		assert_eq!((&finished.otherwise, finished.is_right()), (&otherwise, !colludes));
	}
}

/// Before anybody is paid for it.
#[test]
fn a_program_that_traps_is_told_so() {
	let place = tempfile::tempdir().unwrap();
	for (bytes, failed) in [(PROGRAM, Vec::new()), (TRAPS, vec![0, 1, 3])] {
		let parcel = parcel_of(place.path(), bytes, 4);
		let unit = |number| {
			Ok(Unit {
				number,
				count: 4,
				time: 0,
				seed: [0; 32],
				fuel_limit: 10_000_000_000,
				memory_pages: 64,
				program: parcel.program.clone(),
				input: Vec::new(),
			})
		};
		let looked = checked(&runner(), unit, 4).unwrap();
		assert_eq!(looked.failed(), failed);
		let words = looked.warning().unwrap_or_default();
		assert_eq!(
			words.contains("[0, 1, 3]") && words.contains("paid for it"),
			!failed.is_empty()
		);
		assert_eq!(words.is_empty(), failed.is_empty());
	}
}

/// Nobody serves a result that others have found out: it is computed again, after a question that says what for.
#[tokio::test(flavor = "multi_thread")]
async fn what_others_found_out_is_computed_again() {
	let place = tempfile::tempdir().unwrap();
	let (market, parcel) = (Fake::new(), parcel(place.path(), 3));
	let mut record = record(place.path(), &parcel);
	market.state().refuted = vec![1];
	let asked = Mutex::new(Vec::new());
	let agree = |question: &str| -> Result<(), Trouble> {
		asked.lock().unwrap().push(question.to_owned());
		Ok(())
	};
	let finished = agreeing(&market, &mut record, &parcel, &agree).await.unwrap();
	assert_eq!((finished.agreed, finished.without.len()), (3, 0));
	let (path, ..) = finished.joined.unwrap();
	assert!(fs::read(path).unwrap() == home(&parcel), "these are other outputs");
	let asked = asked.into_inner().unwrap();
	assert!(asked.len() == 1 && asked[0].contains("units [1]"), "{asked:?}");
	let acts = market.state().acts.clone();
	let missed: Vec<&Act> = acts.iter().filter(|act| matches!(act, Act::Dispute { .. })).collect();
	let (job, unit, fee) = (1, 1, FEE);
	assert_eq!(missed, vec![&Act::Dispute { job, unit, fee }]);
}

/// Who does not want that is told the command at once, and pays nothing.
#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_serves_is_named_with_its_command() {
	let place = tempfile::tempdir().unwrap();
	let (market, parcel) = (Fake::new(), parcel(place.path(), 3));
	let mut record = record(place.path(), &parcel);
	market.state().refuted = vec![1];
	let agree = |_: &str| -> Result<(), Trouble> { Err(Trouble::Other("no".into())) };
	let why = agreeing(&market, &mut record, &parcel, &agree).await.unwrap_err();
	assert!(why.to_string().contains("`smart job dispute 1 1`"), "{why}");
	assert!(market.state().block < 30, "it does not wait for what does not come");
	let acts = market.state().acts.clone();
	assert!(!acts
		.iter()
		.any(|act| matches!(act, Act::Dispute { .. } | Act::Accept { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_finds_no_workers_is_not_gone_on_with() {
	let place = tempfile::tempdir().unwrap();
	let (market, parcel) = (Fake::new(), parcel(place.path(), 1));
	let mut begun = record(place.path(), &parcel);
	market.state().starves = true;
	let why = followed(&market, &mut begun, &parcel).await.unwrap_err().to_string();
	assert!(why.contains("job 1 is gone"), "{why}");
	// What is given again is a new order, which asks first.
	assert!(Record::open(&place.path().join("job")).unwrap().is_none());
	// A node that has not seen the number yet is waited for.
	let mut later = record(place.path(), &parcel);
	market.state().starves = false;
	later.update(|kept| kept.step = Step::Submitted { job: 2 }).unwrap();
	market.state().asked = 0;
	market.state().dies_after = Some(30);
	let why = followed(&market, &mut later, &parcel).await.unwrap_err();
	assert!(matches!(why, Trouble::Chain(_)), "it was killed before: {why}");
	assert!(Record::open(&place.path().join("job")).unwrap().is_some());
}

/// A digest is that of the chain, wherever a unit is run.
#[test]
fn units_at_home_have_the_digest_of_workers() {
	let place = tempfile::tempdir().unwrap();
	let parcel = parcel(place.path(), 4);
	let unit = Unit {
		number: 3,
		count: 4,
		time: 0,
		seed: [0; 32],
		fuel_limit: 10_000_000_000,
		memory_pages: 64,
		program: parcel.program.clone(),
		input: Vec::new(),
	};
	let [one, other] = [0, 1].map(|_| at_home(&runner(), &unit, &Stop::default()).unwrap());
	assert_eq!((one.digest(), one.outcome), (other.digest(), other.outcome));
	assert_eq!(one.digest().len(), 64);
}

/// The interpreter runs what machine code ran. Another outcome is told with both digests; none is no dissent.
#[test]
fn both_back_ends_are_compared() {
	let place = tempfile::tempdir().unwrap();
	let parcel = parcel(place.path(), 4);
	let unit = |number| {
		Ok(Unit {
			number,
			count: 4,
			time: 0,
			seed: [0; 32],
			fuel_limit: 10_000_000_000,
			memory_pages: 64,
			program: parcel.program.clone(),
			input: Vec::new(),
		})
	};
	let mut known = checked(&runner(), unit, 4).unwrap().units;
	assert_eq!(compared(&runner(), unit, &known).unwrap(), Second::Agrees);
	let mute = Runner::of(Path::new("/bin/true")).unwrap();
	let Second::Silent { unit: first, .. } = compared(&mute, unit, &known).unwrap() else {
		panic!("nobody said anything");
	};
	assert_eq!(first, 0);
	let (last, right) = (known.len() - 1, known.last().unwrap().digest());
	known[last].outcome.fuel += 1;
	let told = compared(&runner(), unit, &known).unwrap_err().to_string();
	for said in ["unit 3", &right, &known[last].digest()] {
		assert!(told.contains(said), "{told}");
	}
}
