//! Plots, made by this binary's own child.

use super::*;

fn variables() -> [(&'static str, &'static str); 2] {
	[
		(
			"SMART_AGENT_CHAIN_GENESIS",
			"0x0707070707070707070707070707070707070707070707070707070707070707",
		),
		// Nobody answers there.
		("SMART_AGENT_STATUS_LISTEN", "127.0.0.1:1"),
	]
}

fn plot(machine: &Machine, arguments: &[&str]) -> Said {
	machine.run_with(&[&["plot"], arguments].concat(), &variables())
}

#[test]
fn an_empty_store_is_listed() {
	let machine = Machine::with_keys();
	let said = plot(&machine, &["list", "--json"]);
	assert_eq!(said.json(), serde_json::json!([]), "{said:?}");
	let said = plot(&machine, &["list"]);
	assert!(
		said.out.contains("There are no plots in") && said.out.contains("plot create --fill"),
		"{}",
		said.out
	);
	machine.run(&["plot", "list"]).failed(4, &["chain.genesis"]);
}

#[test]
fn plots_are_made_listed_verified_mended_and_deleted() {
	let machine = Machine::with_keys();
	let create = ["create", "--size", "18", "--count", "2", "--no-claim", "--json"];
	let made = plot(&machine, &create);
	assert_eq!(
		(made.json()["made"].as_u64(), made.json()["there_before"].as_u64()),
		(Some(2), Some(0)),
		"{made:?}"
	);
	let again = plot(&machine, &create);
	assert_eq!(
		(again.json()["made"].as_u64(), again.json()["there_before"].as_u64()),
		(Some(0), Some(2))
	);
	let list = plot(&machine, &["list", "--json"]).json();
	let names: Vec<&str> = list
		.as_array()
		.unwrap()
		.iter()
		.map(|file| file["name"].as_str().unwrap())
		.collect();
	assert_eq!(names.len(), 2);
	assert!(plot(&machine, &["list"]).out.contains("2 of size 18 can be claimed"));

	let path = machine.data().join("plots/plots").join(names[0]);
	let mut bytes = fs::read(&path).unwrap();
	let middle = bytes.len() / 2;
	bytes[middle] ^= 1;
	fs::write(&path, &bytes).unwrap();
	let said = plot(&machine, &["verify"]);
	said.failed(1, &["damaged: 1 file;", "plot create"]);
	assert!(said.out.contains(&format!("damaged  {}", names[0])), "{}", said.out);

	plot(&machine, &["delete", "none", "--no-claim", "--yes"]).failed(2, &["there is no file none"]);
	plot(&machine, &["delete", names[1], "--no-claim"]).failed(1, &["--yes"]);
	// What is damaged was set aside.
	assert!(path.with_extension("plots.damaged").exists() && !path.exists());
	assert!(
		plot(&machine, &["list"]).out.contains("number 0 is missing"),
		"what is left cannot be claimed"
	);
	assert_eq!(
		plot(&machine, &create).json()["made"],
		1,
		"what is missing is made anew"
	);
	assert_eq!(plot(&machine, &["verify"]).code, 0);
	let said = plot(&machine, &["delete", "--last", "1", "--no-claim", "--yes", "--json"]);
	assert_eq!(said.json()["deleted"], serde_json::json!([names[1]]));
}

/// The agent that runs beside it shows this.
#[test]
fn how_far_plots_are_stands_in_a_file_as_long_as_they_are_made() {
	let machine = Machine::with_keys();
	let path = machine.data().join("making.json");
	let arguments = ["plot", "create", "--size", "20", "--count", "2", "--no-claim"];
	let mut command = machine.command(&arguments, &variables());
	command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
	let (mut child, begin) = (command.spawn().unwrap(), Instant::now());
	let mut seen = None;
	let status = loop {
		if let Some(status) = child.try_wait().unwrap() {
			break status;
		}
		if begin.elapsed() > PATIENCE {
			child.kill().unwrap();
			panic!("{arguments:?} does not end");
		}
		seen = seen.or_else(|| fs::read_to_string(&path).ok());
		thread::sleep(Duration::from_millis(5));
	};
	assert!(status.success(), "{status}");
	let told: serde_json::Value = serde_json::from_str(&seen.expect("it was there")).unwrap();
	let number = |value: &serde_json::Value| value.as_u64();
	assert_eq!(
		(number(&told["version"]), number(&told["pid"])),
		(Some(1), Some(child.id().into())),
		"{told}"
	);
	assert_eq!(
		(number(&told["making"]["k"]), number(&told["making"]["of"])),
		(Some(20), Some(2)),
		"{told}"
	);
	let left: Vec<_> = fs::read_dir(machine.data())
		.unwrap()
		.map(|entry| entry.unwrap().file_name().into_string().unwrap())
		.filter(|name| name.starts_with("making"))
		.collect();
	assert!(left.is_empty(), "{left:?}");
}

#[test]
fn without_a_node_plots_are_made_and_the_claim_is_left_for_later() {
	let machine = Machine::with_keys();
	let said = plot(&machine, &["create", "--size", "18", "--count", "1", "--node", NOBODY]);
	said.failed(3, &["the plots are made and stay", "plot claim"]);
	assert_eq!(plot(&machine, &["list", "--json"]).json().as_array().unwrap().len(), 1);
	let said = plot(&machine, &["delete", "--all", "--yes", "--node", NOBODY]);
	said.failed(3, &["nothing was deleted", "--no-claim"]);
	assert_eq!(plot(&machine, &["list", "--json"]).json().as_array().unwrap().len(), 1);
}

/// A disk that is not mounted: its folder would be made on the disk below it.
#[test]
fn plots_are_not_made_where_a_disk_is_missing() {
	let machine = Machine::with_keys();
	let disk = machine.file("disk");
	let folder = disk.join("plots");
	let with = |arguments: &[&str]| {
		let folder = folder.to_str().unwrap();
		let variables = [&variables()[..], &[("SMART_AGENT_PLOTS_FOLDER", folder)][..]].concat();
		machine.run_with(arguments, &variables)
	};
	let create = ["plot", "create", "--size", "18", "--count", "1", "--no-claim"];
	with(&create).failed(1, &["is its disk mounted?", "--make-folder"]);
	assert!(!disk.exists(), "nothing was made");
	assert_eq!(with(&[&create[..], &["--make-folder"][..]].concat()).code, 0);
	// The disk goes, and its mount point stays.
	fs::rename(&disk, machine.file("away")).unwrap();
	fs::create_dir(&disk).unwrap();
	with(&create).failed(1, &["has held plots", "is the disk mounted?"]);
	assert!(!folder.exists(), "nothing was made");
	with(&["plot", "list"]).failed(1, &["has held plots"]);
	let said = with(&["doctor", "--json", "--node", NOBODY]).json();
	let line = said
		.as_array()
		.unwrap()
		.iter()
		.find(|line| line["of"] == "plots")
		.unwrap();
	assert!(
		line["verdict"] == "fail" && line["remedy"].as_str().unwrap().contains("mounted"),
		"{line}"
	);
	fs::remove_dir(&disk).unwrap();
	fs::rename(machine.file("away"), &disk).unwrap();
	assert_eq!(with(&create).code, 0, "with its disk all is well");
}

/// Plots take hours: who types the password wrong has to hear it before.
#[test]
fn a_wrong_password_is_told_before_plots_are_made() {
	let machine = Machine::with_keys();
	fs::write(machine.file("wrong"), "wrong horse\n").unwrap();
	let wrong = machine.file("wrong");
	let mut arguments = vec!["create", "--size", "18", "--count", "1", "--node", NOBODY];
	arguments.extend(["--password-file", wrong.to_str().unwrap()]);
	let said = plot(&machine, &arguments);
	assert!(said.code == 1 && !said.error.contains("to be made"), "{said:?}");
	assert_eq!(plot(&machine, &["list", "--json"]).json(), serde_json::json!([]));
}

#[test]
fn what_cannot_be_is_refused_with_what_can() {
	let machine = Machine::with_keys();
	let said = plot(&machine, &["create", "--size", "19", "--count", "1", "--no-claim"]);
	said.failed(1, &["19"]);
	assert!(!said.error.contains("to be made"), "no plan is shown: {said:?}");
	let said = plot(
		&machine,
		&["create", "--size", "28", "--count", "1000000", "--no-claim"],
	);
	said.failed(1, &["would fit"]);
	assert!(!said.error.contains("to be made"), "no plan is shown: {said:?}");
	plot(&machine, &["create", "--size", "18", "--count", "0"]).failed(2, &["1..=1000000"]);
}

#[test]
fn a_benchmark_measures_all_and_leaves_nothing() {
	let machine = Machine::with_keys();
	let said = machine.run(&["benchmark", "--json", "--folder", machine.data().to_str().unwrap()]);
	assert_eq!(said.code, 0, "{said:?}");
	let result = said.json();
	for figure in [
		"segments_a_second",
		"plot_core_milliseconds",
		"look_microseconds",
		"solve_milliseconds",
	] {
		assert!(result[figure].as_u64().unwrap() > 0, "{figure} in {result}");
	}
	let left: Vec<_> = fs::read_dir(machine.data())
		.unwrap()
		.filter(|entry| {
			entry
				.as_ref()
				.unwrap()
				.file_name()
				.to_string_lossy()
				.contains("benchmark")
		})
		.collect();
	assert!(left.is_empty(), "{left:?}");
}
