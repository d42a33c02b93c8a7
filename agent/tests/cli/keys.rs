//! `init` without a node, and the keys that it makes.

use super::*;
use serde_json::Value;

#[test]
fn init_makes_keys_once() {
	let machine = Machine::with_keys();
	let data = machine.data();
	assert_eq!(mode(&data), 0o700);
	let files: Vec<PathBuf> = ["keystore.json", "device.key", "config.toml"]
		.map(|name| data.join(name))
		.to_vec();
	for file in &files {
		assert_eq!(mode(file), 0o600, "{file:?}");
	}
	let before: Vec<_> = files.iter().map(|file| fs::read(file).unwrap()).collect();
	let said = machine.init(&[]);
	assert_eq!(said.code, 0, "{said:?}");
	assert_eq!(said.json()["address"], ADDRESS);
	assert_eq!(said.json()["name"], "laptop");
	assert_eq!(said.json()["registered"], false);
	let after: Vec<_> = files.iter().map(|file| fs::read(file).unwrap()).collect();
	assert_eq!(before, after, "a second run writes nothing over");
	for text in before {
		let text = String::from_utf8(text).unwrap();
		assert!(!text.contains("sausage") && !text.contains("correct horse"));
	}
}

/// The node, the money, the registration may each end `init`: the phrase of what it has made is told before.
#[test]
fn a_new_phrase_is_told_before_anything_can_go_wrong() {
	let machine = Machine::new();
	let password = machine.file("password");
	let said = machine.run(&[
		"init",
		"--yes",
		"--words",
		"12",
		"--password-file",
		password.to_str().unwrap(),
		"--node",
		NOBODY,
	]);
	assert_eq!(said.code, 3, "{said:?}");
	let configured = fs::read_to_string(machine.data().join("config.toml")).unwrap();
	assert!(!configured.contains(NOBODY), "a node that does not answer is not kept");
	let is_phrase = |line: &&str| {
		line.split(' ').count() == 12 && line.bytes().all(|byte| byte == b' ' || byte.is_ascii_lowercase())
	};
	let phrase = said.error.lines().map(str::trim).find(is_phrase);
	let phrase = phrase.unwrap_or_else(|| panic!("no phrase in {said:?}"));
	let other = Machine::new();
	fs::write(other.file("phrase"), phrase).unwrap();
	let address = |machine: &Machine| machine.run(&["wallet", "address"]).out;
	assert_eq!(other.init(&[]).code, 0);
	assert_eq!(address(&other), address(&machine), "it is the phrase of what was made");
}

#[test]
fn a_new_phrase_is_told_once_and_restores_the_same_keys() {
	let machine = Machine::new();
	let said = machine.init(&["--words", "24"]);
	assert_eq!(said.code, 0, "{said:?}");
	let first = said.json();
	let phrase = first["phrase"].as_str().unwrap();
	assert_eq!(phrase.split(' ').count(), 24);
	assert_eq!(machine.init(&["--words", "24"]).json()["phrase"], Value::Null, "once");
	let other = Machine::new();
	fs::write(other.file("phrase"), phrase.to_uppercase()).unwrap();
	let restored = other.init(&[]).json();
	assert_eq!(restored["address"], first["address"]);
	assert_eq!(restored["device"], first["device"]);
}

#[test]
fn what_is_missing_is_made_anew_with_the_right_password_alone() {
	let machine = Machine::with_keys();
	let key = machine.data().join("device.key");
	let before = fs::read(&key).unwrap();
	fs::remove_file(&key).unwrap();
	// Without the phrase the keystore has to be opened for it.
	let init = [
		"init",
		"--offline",
		"--device-name",
		"laptop",
		"--yes",
		"--password-file",
	];
	let with = |password: &str| {
		let file = machine.file("tried");
		fs::write(&file, password).unwrap();
		machine.run(&[&init[..], &[file.to_str().unwrap()]].concat())
	};
	with("wrong horse").failed(1, &["password is wrong", "keystore.json", "which is sound"]);
	assert!(!key.exists());
	let keystore = machine.data().join("keystore.json");
	let whole = fs::read_to_string(&keystore).unwrap();
	fs::write(&keystore, whole.replace("\"sealed\": \"0x", "\"sealed\": \"0x00")).unwrap();
	with("correct horse").failed(1, &["is damaged", "checksum"]);
	fs::write(&keystore, whole).unwrap();
	assert_eq!(with("correct horse").code, 0);
	assert_eq!(fs::read(&key).unwrap(), before);
}

#[test]
fn keys_that_others_may_read_are_refused() {
	let machine = Machine::with_keys();
	let key = machine.data().join("keystore.json");
	fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
	machine.run(&["wallet", "address"]).failed(1, &["chmod 600"]);
}

#[test]
fn nobody_is_asked_where_there_is_no_terminal() {
	let machine = Machine::new();
	machine
		.run(&["init", "--offline"])
		.failed(1, &["--phrase-file", "--yes"]);
	machine
		.run(&["init", "--offline", "--yes"])
		.failed(1, &["--password-file"]);
	assert!(
		!machine.data().join("keystore.json").exists(),
		"no half of a setup is left"
	);
	assert!(!machine.data().join("device.key").exists());
}

#[test]
fn phrases_that_are_none_are_refused_without_repeating_them() {
	let machine = Machine::new();
	for (text, part) in [
		("legal winner", "and not 2"),
		(&WORDS.replace("year", "yeer"), "word 4"),
		(&WORDS.replace("yellow", "year"), "checksum"),
	] {
		fs::write(machine.file("phrase"), text).unwrap();
		let said = machine.init(&[]);
		said.failed(2, &[part]);
		assert!(
			!said.error.contains("winner") && !said.error.contains("yeer"),
			"{said:?}"
		);
		assert_eq!(said.json()["error"]["code"], 2);
	}
}

#[test]
fn a_device_key_may_have_a_password() {
	let machine = Machine::new();
	fs::write(machine.file("device"), "pin\n").unwrap();
	let device = machine.file("device");
	let said = machine.init(&["--device-password-file", device.to_str().unwrap()]);
	assert_eq!(said.code, 0, "{said:?}");
	let line = |said: &Said| {
		let checks = said.json();
		let found = checks
			.as_array()
			.unwrap()
			.iter()
			.find(|check| check["of"] == "device key")
			.cloned();
		found.unwrap()
	};
	let doctor = ["--json", "doctor", "--node", NOBODY];
	assert_eq!(line(&machine.run(&doctor))["verdict"], "ok");
	let again = ["--device-password-file", device.to_str().unwrap()];
	assert_eq!(machine.init(&again).code, 0);
	fs::write(&device, "other\n").unwrap();
	machine.init(&again).failed(1, &["password"]);
	let check = line(&machine.run(&doctor));
	assert_eq!(check["verdict"], "fail");
	assert!(check["seen"].as_str().unwrap().contains("password is wrong"), "{check}");
}

/// Else a disk is carried about whose key is thought to be locked.
#[test]
fn a_device_key_that_is_there_is_not_said_to_be_locked() {
	let machine = Machine::with_keys();
	let (device, key) = (machine.file("device"), machine.data().join("device.key"));
	fs::write(&device, "pin\n").unwrap();
	let locking = ["--device-password-file", device.to_str().unwrap()];
	let files = || [&key, &machine.data().join("config.toml")].map(|file| fs::read(file).unwrap());
	let before = files();
	machine
		.init(&locking)
		.failed(1, &["has no password", "--device-name laptop"]);
	assert_eq!(files(), before);
	// What it says to do makes the same device.
	let id = machine.init(&[]).json()["device"].clone();
	fs::rename(&key, machine.file("away")).unwrap();
	let said = machine.init(&locking);
	assert_eq!((said.code, &said.json()["device"]), (0, &id), "{said:?}");
}

#[test]
fn one_init_at_a_time() {
	let machine = Machine::with_keys();
	let lock = fs::File::create(machine.data().join("init.lock")).unwrap();
	lock.lock().unwrap();
	machine.init(&[]).failed(1, &["another `smart-agent init`"]);
	drop(lock);
	assert_eq!(machine.init(&[]).code, 0);
}
