//! Help, and what is said of a wrong command line.

use super::*;

#[test]
fn help_names_all_commands_with_examples_and_exit_codes() {
	let said = Machine::new().run(&["--help"]);
	assert_eq!(said.code, 0);
	for part in [
		"init",
		"wallet",
		"device",
		"plot",
		"run",
		"status",
		"earnings",
		"claim",
		"offer",
		"slots",
		"scrub",
		"doctor",
		"benchmark",
		"Examples:",
		"Exit codes:",
		"--json",
		"SMART_AGENT_DATA",
	] {
		assert!(said.out.contains(part), "{part} is missing in\n{}", said.out);
	}
	assert!(said.out.lines().all(|line| line.chars().count() <= 100), "{}", said.out);
}

#[test]
fn commands_have_help_of_their_own() {
	let machine = Machine::new();
	for command in [
		"init",
		"wallet",
		"wallet send",
		"device",
		"device link",
		"device link offer",
		"device endpoints set",
		"plot",
		"plot create",
		"plot delete",
		"run",
		"status",
		"earnings",
		"claim",
		"offer set",
		"offer show",
		"offer withdraw",
		"slots",
		"slots leave",
		"slots claim",
		"slots redeem",
		"scrub",
		"doctor",
		"benchmark",
	] {
		let arguments: Vec<&str> = command.split(' ').chain(["--help"]).collect();
		let said = machine.run(&arguments);
		assert_eq!(said.code, 0, "{said:?}");
		assert!(
			said.out.contains(&format!("Usage: smart-agent {command}")),
			"{}",
			said.out
		);
	}
	let said = machine.run(&["plot", "create", "--help"]);
	assert!(said.out.contains("smart-agent plot create --fill"), "{}", said.out);
}

#[test]
fn a_slip_of_the_pen_is_answered_with_what_may_be_meant() {
	let machine = Machine::new();
	machine
		.run(&["statsu"])
		.failed(2, &["unrecognized subcommand", "status"]);
	machine.run(&["plot", "create"]).failed(2, &["--count"]);
	machine
		.run(&["plot", "create", "--fill", "--count", "3"])
		.failed(2, &["cannot be used with"]);
	machine.run(&["wallet", "send", "x"]).failed(2, &["AMOUNT"]);
	machine
		.run(&["init", "--words", "13"])
		.failed(2, &["12, 15, 18, 21 or 24"]);
	machine.run(&[]).failed(2, &["Usage: smart-agent"]);
	let said = machine.run(&["--version"]);
	assert!(said.out.starts_with("smart-agent "), "{said:?}");
}

#[test]
fn the_plotter_wants_a_job() {
	let plotter = std::path::Path::new(env!("CARGO_BIN_EXE_smart-agent")).with_file_name("smart-agent-plotter");
	let child = std::process::Command::new(plotter)
		.stdin(std::process::Stdio::null())
		.output()
		.expect("all binaries are built before tests are run");
	let said = String::from_utf8_lossy(&child.stderr).into_owned();
	assert!(
		!child.status.success() && said.contains("the agent starts this program by itself"),
		"{said}"
	);
}

#[test]
fn nothing_is_colored_without_a_terminal() {
	let machine = Machine::with_keys();
	let said = machine.run(&["doctor", "--node", NOBODY]);
	assert!(
		!said.out.contains('\u{1b}') && !said.error.contains('\u{1b}'),
		"{said:?}"
	);
	let said = machine.run(&["doctor", "--node", NOBODY, "--color", "always"]);
	assert!(said.out.contains("\u{1b}["), "{said:?}");
}
