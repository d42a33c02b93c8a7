use super::*;
use std::fs;

fn load(text: &str, variables: &[(&str, &str)], options: &[(&str, &str)]) -> Result<Config, String> {
	let folder = tempfile::tempdir().unwrap();
	let file = folder.path().join("config.toml");
	fs::write(&file, text).unwrap();
	let variables = variables
		.iter()
		.map(|(name, value)| (name.to_string(), value.to_string()));
	let options: Vec<_> = options.iter().map(|(key, value)| (*key, value.to_string())).collect();
	Config::load(&file, Path::new("/data"), variables, &options).map_err(|error| error.to_string())
}

#[test]
fn the_example_has_every_key_and_no_other() {
	let table = parse(EXAMPLE, Path::new("example")).unwrap();
	let there: Vec<String> = table
		.iter()
		.flat_map(|(section, keys)| {
			let names = keys.as_table().unwrap().keys();
			names.map(move |name| format!("{section}.{name}"))
		})
		.collect();
	assert_eq!(there.len(), KEYS.len());
	for key in KEYS {
		assert!(there.contains(&key.full()), "{}", key.full());
	}
	let config = load("", &[], &[]).unwrap();
	assert_eq!(config, load(EXAMPLE, &[], &[]).unwrap());
	assert_eq!(config.chain.nodes, ["ws://127.0.0.1:9944"]);
	assert_eq!(config.chain.genesis(), None);
	assert_eq!(config.plots.folder, Path::new("/data/plots"));
	assert_eq!(config.device.password_file, Path::new(""));
	assert!(config.status.listen.ip().is_loopback());
}

#[test]
fn a_missing_file_is_as_an_empty_one() {
	let config = Config::load(
		Path::new("/none/config.toml"),
		Path::new("/data"),
		std::iter::empty(),
		&[],
	)
	.unwrap();
	assert_eq!(config, load("", &[], &[]).unwrap());
}

#[test]
fn unknown_keys_are_refused_with_the_nearest_one() {
	for (text, unknown, nearest) in [
		("[chain]\nnode = []\n", "`chain.node`", "`chain.nodes`"),
		("[plots]\ncore = 2\n", "`plots.core`", "`plots.cores`"),
		("[plot]\n", "`plot`", "`plots`"),
		("nodes = []\n", "`nodes`", "`"),
	] {
		let said = load(text, &[], &[]).unwrap_err();
		assert!(said.contains(unknown) && said.contains(nearest), "{said}");
	}
	let said = load("", &[("SMART_AGENT_CHAIN_NODE", "x")], &[]).unwrap_err();
	assert!(
		said.contains("SMART_AGENT_CHAIN_NODES") && said.contains("environment"),
		"{said}"
	);
	// All that help and documents name stands for an option, and is no key.
	for option in ["SMART_AGENT_DATA", "SMART_AGENT_CONFIG", "SMART_AGENT_PASSWORD_FILE"] {
		assert!(load("", &[(option, "x"), ("OTHER", "x")], &[]).is_ok(), "{option}");
	}
}

#[test]
fn values_that_cannot_be_are_refused() {
	for (text, part) in [
		("[plots]\ncores = 0\n", "from 1 to 1024"),
		("[plots]\ncores = \"two\"\n", "from 1 to 1024"),
		("[uptime]\nenabled = 1\n", "true or false"),
		("[chain]\nnodes = \"ws://a:1\"\n", "list"),
		("[chain]\nnodes = []\n", "from 1 to 8"),
		("[chain]\ngenesis = \"0x12\"\n", "64 digits"),
		("[device]\nname = \"7\"\n", "begins with a letter"),
		("[status]\nlisten = \"here\"\n", "socket address"),
		("[status]\nlisten = \"0.0.0.0:1\"\n", "ssh -L"),
		("[earnings]\nclaim = \"hourly\"\n", "`never` or `daily`"),
		("[earnings]\nclaim = true\n", "text in quotes"),
		("chain = 1\n", "write [chain]"),
		("[chain\n", "line 1"),
	] {
		let said = load(text, &[], &[]).unwrap_err();
		assert!(said.contains(part), "{text}: {said}");
	}
}

#[test]
fn the_command_line_goes_before_the_environment_and_that_before_the_file() {
	let text = "[plots]\ncores = 2\nnice = 3\nthreads = 4\n[chain]\nnodes = [\"ws://file:1\"]\n";
	let variables = [
		("SMART_AGENT_PLOTS_NICE", "5"),
		("SMART_AGENT_PLOTS_THREADS", "6"),
		("SMART_AGENT_CHAIN_NODES", "ws://a:1, ws://b:2"),
		("SMART_AGENT_UPTIME_ENABLED", "false"),
	];
	let config = load(text, &variables, &[("plots.threads", "7")]).unwrap();
	assert_eq!((config.plots.cores, config.plots.nice, config.plots.threads), (2, 5, 7));
	assert_eq!(config.chain.nodes, ["ws://a:1", "ws://b:2"]);
	assert!(!config.uptime.enabled);
	assert!(load("", &[("SMART_AGENT_PLOTS_NICE", "20")], &[])
		.unwrap_err()
		.contains("plots.nice"));
	assert!(load("", &[("SMART_AGENT_PLOTS_NICE", "x")], &[])
		.unwrap_err()
		.contains("whole number"));
}

#[test]
fn a_line_is_replaced_and_all_else_stays() {
	let genesis = format!("0x{}", "ab".repeat(32));
	let text = with(EXAMPLE, "chain.genesis", Value::String(genesis.clone())).unwrap();
	assert_eq!(text.lines().count(), EXAMPLE.lines().count());
	assert_eq!(load(&text, &[], &[]).unwrap().chain.genesis(), Some([0xab; 32]));
	// Every key can be set, in the example and where it is missing.
	for key in KEYS {
		let value = match key.kind {
			Kind::Text if key.name == "listen" => Value::String("127.0.0.1:1".into()),
			Kind::Text if key.name == "claim" => Value::String("daily".into()),
			Kind::Text if key.name == "when" => Value::String("idle".into()),
			Kind::Text if key.name == "genesis" => Value::String(genesis.clone()),
			Kind::Text => Value::String("text".into()),
			Kind::Number(_, most) => Value::Integer(most),
			Kind::Flag => Value::Boolean(false),
			Kind::List => Value::Array(vec![Value::String("ws://a:1".into())]),
		};
		for before in [EXAMPLE, "", "[chain]\n", "[log]\n\n[plots]\n# mine\n"] {
			let text = with(before, &key.full(), value.clone()).unwrap();
			let table: Table = text.parse().unwrap();
			assert_eq!(table[key.section][key.name], value, "{text}");
			assert!(load(&text, &[], &[]).is_ok(), "{text}");
		}
	}
	let text = "[chain] # mine\nnodes = [\"ws://a:1\"] # near\n";
	let text = with(text, "chain.genesis", Value::String(genesis.clone())).unwrap();
	let read = load(&text, &[], &[]).unwrap().chain;
	assert_eq!(
		(read.genesis(), &read.nodes[..]),
		(Some([0xab; 32]), &["ws://a:1".to_owned()][..])
	);
	let lines = "[chain]\nnodes = [\n\t\"ws://a:1\",\n]\n";
	let said = with(
		lines,
		"chain.nodes",
		Value::Array(vec![Value::String("ws://b:1".into())]),
	)
	.unwrap_err();
	assert!(said.to_string().contains("by hand"), "{said}");
	assert!(
		with(lines, "chain.genesis", Value::String(genesis)).is_ok(),
		"other keys can be set"
	);
	assert!(with("", "chain.node", Value::Integer(1)).is_err());
	assert!(with("", "plots.cores", Value::Integer(0)).is_err());
}
