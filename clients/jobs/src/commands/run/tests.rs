//! What is gone on with, and what is stored: no chain is asked.

use super::*;
use crate::{fake::spec, market::net::Net, Payer};
use async_trait::async_trait;
use clap::Parser;
use smart_agent_chain::Quote as Costs;
use smart_agent_terminal::{Colors, Terminal};
use std::{fs, sync::Mutex};

/// A desk without a chain, which notes what is stored.
struct Alone {
	folder: PathBuf,
	stored: Mutex<Vec<(PathBuf, u32)>>,
	/// Storing is interrupted.
	fails: bool,
}

#[async_trait(?Send)]
impl Desk for Alone {
	fn terminal(&self) -> Terminal {
		Terminal::new(true, Colors::Never)
	}

	fn currency(&self) -> Currency {
		Currency::new("STCI", 12)
	}

	fn folder(&self) -> &Path {
		&self.folder
	}

	fn account(&self) -> Result<[u8; 32], Trouble> {
		Ok([9; 32])
	}

	fn agree(&self, _: &str) -> Result<(), Trouble> {
		Ok(())
	}

	fn words(&self, _: &Costs) -> String {
		String::new()
	}

	fn afford(&self, _: &Costs, _: &str) -> Result<(), Trouble> {
		Ok(())
	}

	fn eras(&self, text: &str) -> Result<u32, Trouble> {
		text.parse().map_err(|_| Trouble::Usage("no time".into()))
	}

	async fn store(&self, file: &Path, eras: u32) -> Result<(), Trouble> {
		self.stored.lock().unwrap().push((file.to_owned(), eras));
		match self.fails {
			true => Err(Trouble::Other("interrupted".into())),
			false => Ok(()),
		}
	}

	async fn asking(&self) -> Result<Net, Trouble> {
		Err(Trouble::Lacking("no node to ask".into()))
	}

	async fn paying(&self) -> Result<Payer, Trouble> {
		Err(Trouble::Lacking("no node to pay".into()))
	}
}

#[derive(Parser)]
struct Line {
	#[command(flatten)]
	of: RunArguments,
}

/// A folder with a program, an input and a desk.
struct World {
	folder: tempfile::TempDir,
	desk: Alone,
}

impl World {
	fn new(fails: bool) -> Self {
		let folder = tempfile::tempdir().unwrap();
		fs::write(folder.path().join("p.wasm"), b"\0asm\x01\0\0\0").unwrap();
		fs::write(folder.path().join("in"), b"one").unwrap();
		let desk = Alone {
			folder: folder.path().join("data"),
			stored: Mutex::default(),
			fails,
		};
		Self { folder, desk }
	}

	fn path(&self, name: &str) -> PathBuf {
		self.folder.path().join(name)
	}

	fn arguments(&self, more: &[&str]) -> RunArguments {
		let [program, input, out] = ["p.wasm", "in", "out"].map(|name| self.path(name).display().to_string());
		let mut all = vec![
			"run",
			program.as_str(),
			"--input",
			input.as_str(),
			"--out",
			out.as_str(),
		];
		all.extend(["--units", "2"]);
		all.extend(more);
		Line::parse_from(all).of
	}

	/// An order of these arguments, that far; where it is noted.
	fn begin(&self, arguments: &RunArguments, step: Step) -> PathBuf {
		let parcel = parcel(&arguments.program).unwrap();
		let out = folder(&arguments.out).unwrap();
		let given = given(&self.desk, arguments, &parcel.print().unwrap()).unwrap();
		let place = place(&self.desk.folder, &[9; 32], &parcel, &out);
		let of = (&spec(), Price(7), Assurance::Quorum);
		let mut kept = Kept::new(of, (9, 4), &out, arguments.serve, 0, given);
		kept.step = step;
		Record::begin(&place, kept).unwrap();
		place
	}

	/// The node that is missing says what goes on: `to ask` is a new order, `to pay` one that is gone on with.
	async fn why(&self, arguments: &RunArguments) -> Trouble {
		run(&self.desk, arguments).await.unwrap_err()
	}
}

#[tokio::test]
async fn another_order_is_not_gone_on_with() {
	let world = World::new(false);
	let first = world.arguments(&[]);
	let noted = world.begin(&first, Step::Submitted { job: 17 });
	assert!(world.why(&first).await.to_string().contains("to pay"));
	// Where it is served may change: it goes on, and that is noted.
	let elsewhere = world.arguments(&["--serve", "127.0.0.1:7"]);
	assert!(world.why(&elsewhere).await.to_string().contains("to pay"));
	let kept = Record::open(&noted).unwrap().unwrap().kept().clone();
	assert_eq!(kept.listen, elsewhere.serve);
	for other in [
		["--fuel", "7"],
		["--memory", "65"],
		["--assurance", "strict"],
		["--max-price", "1/Gfuel"],
		["--spot-check", "1%"],
	] {
		let trouble = world.why(&world.arguments(&other)).await;
		assert!(matches!(trouble, Trouble::Usage(_)), "{other:?}: {trouble}");
		let text = trouble.to_string();
		assert!(text.contains("job 17") && text.contains("another --out"), "{text}");
	}
	// As many bytes of the same name.
	fs::write(world.path("in"), b"two").unwrap();
	assert!(matches!(world.why(&first).await, Trouble::Usage(_)));
	fs::write(world.path("in"), b"one").unwrap();
	assert!(world.why(&first).await.to_string().contains("to pay"));
}

#[tokio::test]
async fn what_was_not_sent_gives_way_to_another_order() {
	let world = World::new(false);
	let noted = world.begin(&world.arguments(&[]), Step::Planned);
	let other = world.arguments(&["--max-price", "1/Gfuel"]);
	assert!(world.why(&other).await.to_string().contains("to ask"));
	assert!(Record::open(&noted).unwrap().is_none());
	// What may have been sent does not.
	world.begin(&world.arguments(&[]), Step::Submitting { after: 1, block: 2 });
	assert!(matches!(world.why(&other).await, Trouble::Usage(_)));
}

#[tokio::test]
async fn a_price_that_is_asked_for_orders_nothing() {
	let world = World::new(false);
	world.begin(&world.arguments(&[]), Step::Submitted { job: 17 });
	let text = world.why(&world.arguments(&["--dry-run"])).await.to_string();
	assert!(text.contains("without --dry-run"), "{text}");
}

/// Outputs that are being stored need nothing of the compute market, which may not know the job any more.
#[tokio::test]
async fn storing_goes_on_where_it_was() {
	for fails in [true, false] {
		let world = World::new(fails);
		let arguments = world.arguments(&["--store", "12"]);
		let noted = world.begin(&arguments, Step::Storing { job: 17 });
		assert_eq!(run(&world.desk, &arguments).await.is_err(), fails);
		let output = world.path("out").canonicalize().unwrap().join("output");
		assert_eq!(*world.desk.stored.lock().unwrap(), vec![(output, 12)]);
		assert_eq!(Record::open(&noted).unwrap().is_some(), fails);
	}
	// Whoever does not want that any more leaves the option out.
	let world = World::new(true);
	let arguments = world.arguments(&[]);
	let noted = world.begin(&arguments, Step::Storing { job: 17 });
	assert!(run(&world.desk, &arguments).await.unwrap());
	assert!(Record::open(&noted).unwrap().is_none());
}

#[tokio::test]
async fn only_what_is_right_is_stored() {
	for right in [true, false] {
		let world = World::new(false);
		let noted = world.begin(&world.arguments(&[]), Step::Received { job: 17 });
		let mut record = Record::open(&noted).unwrap().unwrap();
		store(&world.desk, &mut record, 12, right).await.unwrap();
		assert_eq!(world.desk.stored.lock().unwrap().len(), usize::from(right));
		assert_eq!(record.kept().step == Step::Storing { job: 17 }, right);
	}
}

/// Before anything is ordered.
#[tokio::test]
async fn a_time_that_is_none_is_refused() {
	let world = World::new(false);
	let trouble = world.why(&world.arguments(&["--store", "soon"])).await;
	assert!(matches!(trouble, Trouble::Usage(_)), "{trouble}");
}
