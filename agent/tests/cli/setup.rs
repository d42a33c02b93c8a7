//! Configuration, and what commands say if there is no node or nothing is set up.

use super::*;

#[test]
fn the_printed_configuration_is_taken_as_it_is() {
	let machine = Machine::new();
	let said = machine.run(&["init", "--print-config"]);
	assert_eq!(said.code, 0);
	assert!(!machine.data().exists(), "nothing is made");
	let file = machine.file("printed.toml");
	fs::write(&file, said.out).unwrap();
	let file = file.to_str().unwrap();
	// No key is there: that the configuration was right shows by what is missing next.
	machine
		.run(&["wallet", "address", "--config", file])
		.failed(4, &["keystore.json is not there", "init"]);
}

#[test]
fn wrong_configurations_are_refused_with_the_way_out() {
	let machine = Machine::with_keys();
	let file = machine.data().join("config.toml");
	let whole = fs::read_to_string(&file).unwrap();
	fs::write(&file, whole.replace("nodes =", "node =")).unwrap();
	machine
		.run(&["wallet", "address"])
		.failed(2, &["`chain.node`", "`chain.nodes`", "config.toml"]);
	fs::write(&file, whole.replace("nice = 10", "nice = 20")).unwrap();
	machine
		.run(&["wallet", "address"])
		.failed(2, &["plots.nice", "from 0 to 19"]);
	fs::write(&file, "[chain").unwrap();
	machine
		.run(&["wallet", "address"])
		.failed(2, &["config.toml", "line 1"]);
	fs::write(&file, whole).unwrap();
	let said = machine.run_with(&["wallet", "address"], &[("SMART_AGENT_PLOT_NICE", "1")]);
	said.failed(2, &["SMART_AGENT_PLOTS_NICE"]);
	let said = machine.run_with(&["wallet", "address"], &[("SMART_AGENT_PLOTS_NICE", "1")]);
	assert_eq!((said.code, said.out.trim()), (0, ADDRESS));
}

#[test]
fn the_account_is_shown_as_text_and_code() {
	let machine = Machine::with_keys();
	let said = machine.run(&["wallet", "receive"]);
	assert!(said.out.contains(ADDRESS) && said.out.contains('▀'), "{}", said.out);
	let said = machine.run(&["wallet", "receive", "--json"]);
	assert_eq!(said.json()["address"], ADDRESS);
}

#[test]
fn without_a_node_commands_say_so_and_what_to_do() {
	let machine = Machine::with_keys();
	for command in ["wallet balance", "device show", "wallet quote", "status"] {
		let arguments: Vec<&str> = command.split(' ').chain(["--node", NOBODY]).collect();
		machine.run(&arguments).failed(3, &["no node answers", NOBODY]);
	}
	let file = machine.file("password");
	let said = machine.run(&[
		"init",
		"--yes",
		"--password-file",
		file.to_str().unwrap(),
		"--node",
		NOBODY,
	]);
	said.failed(
		3,
		&[
			"no node answers",
			"--node was not written",
			"run `smart-agent init` again",
		],
	);
	machine
		.run(&["wallet", "balance", "--node", "http://x"])
		.failed(2, &["ws://"]);
}

#[test]
fn before_init_commands_say_that_it_is_missing() {
	let machine = Machine::new();
	machine.run(&["wallet", "address"]).failed(4, &["smart-agent init"]);
	machine.run(&["device", "did"]).failed(4, &["smart-agent init"]);
	machine.run(&["run"]).failed(4, &["smart-agent init"]);
	let machine = Machine::with_keys();
	machine.run(&["device", "did"]).failed(4, &["chain.genesis"]);
	machine
		.run(&["plot", "list", "--config", "/nowhere.toml"])
		.failed(4, &["is not there", "--data"]);
	let genesis = format!("0x{}", "07".repeat(32));
	let said = machine.run_with(&["device", "did"], &[("SMART_AGENT_CHAIN_GENESIS", &genesis)]);
	assert!(
		said.out.starts_with(&format!("did:smart:{}:", "07".repeat(16))),
		"{said:?}"
	);
}

#[test]
fn doctor_tells_line_by_line() {
	let machine = Machine::with_keys();
	// A port of its own, where no agent of this machine answers.
	let free = std::net::TcpListener::bind("127.0.0.1:0")
		.unwrap()
		.local_addr()
		.unwrap()
		.to_string();
	let variables = [("SMART_AGENT_STATUS_LISTEN", free.as_str())];
	let said = machine.run_with(&["--json", "doctor", "--node", NOBODY], &variables);
	assert_eq!(said.code, 5, "{said:?}");
	let checks = said.json();
	let checks = checks.as_array().unwrap();
	let verdict = |of: &str| {
		let check = checks.iter().find(|check| check["of"] == of);
		check.unwrap_or_else(|| panic!("{of} is missing in {checks:?}"))["verdict"]
			.as_str()
			.unwrap()
			.to_owned()
	};
	for of in ["program", "configuration", "keystore", "device key"] {
		assert_eq!(verdict(of), "ok", "{of}");
	}
	assert_eq!(verdict("node"), "fail");
	assert_eq!((verdict("agent").as_str(), verdict("plots").as_str()), ("warn", "warn"));
	for check in checks.iter().filter(|check| check["verdict"] != "ok") {
		assert_ne!(check["remedy"], "", "{check}");
	}
	let said = machine.run_with(&["doctor", "--node", NOBODY], &variables);
	assert!(
		said.out.contains("fail  node") && said.out.contains("-> "),
		"{}",
		said.out
	);
}

#[test]
fn doctor_says_what_is_wrong_with_the_configuration() {
	let machine = Machine::with_keys();
	fs::write(machine.data().join("config.toml"), "[plots]\ncore = 1\n").unwrap();
	let said = machine.run(&["doctor"]);
	assert_eq!(said.code, 5);
	assert!(
		said.out.contains("fail  configuration") && said.out.contains("plots.cores"),
		"{}",
		said.out
	);
}
