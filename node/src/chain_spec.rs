//! The chains that the node knows by name, and specifications read from files.

use sc_chain_spec::{ChainType, GenericChainSpec, NoExtension, Properties};
use sc_service::ChainSpec as ChainSpecTrait;
use serde_json::Value;
use smartchain_runtime::{
	genesis::{build as build_genesis, local_network, quick_network, Values},
	RuntimeGenesisConfig,
};
use sp_core::{
	bytes::to_hex,
	storage::{well_known_keys, Storage},
};
use sp_state_machine::BasicExternalities;
use std::{
	fs,
	io::ErrorKind,
	path::{Path, PathBuf},
};

/// A chain specification.
pub type ChainSpec = GenericChainSpec<NoExtension, sp_io::SubstrateHostFunctions>;

/// The token's symbol.
const TOKEN_SYMBOL: &str = "STCI";
/// The token's decimals: a planck is 10^-12 STCI.
const TOKEN_DECIMALS: u32 = 12;
/// The prefix of addresses: Substrate's own.
const SS58_FORMAT: u32 = 42;

/// No specification is larger (a raw one has about 2 MB); what is, is not one.
const MAX_FILE_BYTES: u64 = 256 * 1024 * 1024;

/// Storage key of the runtime's code, `:code`, as raw specifications write it.
const CODE_KEY: &str = "0x3a636f6465";
/// How code starts: as Wasm, or as Wasm compressed in the SDK's way.
const CODE_STARTS: [&str; 2] = ["0x0061736d", "0x52bc537646db8e05"];

/// A chain that the binary itself can start.
struct BuiltIn {
	/// What `--chain` calls it.
	id: String,
	name: String,
	chain_type: ChainType,
	genesis: Genesis,
}

/// Where the genesis of a built-in chain comes from.
enum Genesis {
	/// The runtime's preset of the chain's id.
	Preset,
	/// A patch of the default genesis.
	Patch(Value),
}

/// What `local` is called with other directors than its four, and with standby signers.
const LOCAL_NETWORK: &str = "local-N-M";
/// What that is called with test values.
const QUICK_NETWORK: &str = "quick-N-M";

/// Networks with numbers of directors and standby signers: what they begin with, are called, and are made by.
type Network = (&'static str, &'static str, fn(u32, u32) -> Option<Value>);
const NETWORKS: [Network; 2] = [("local-", "Local", local_network), ("quick-", "Quick", quick_network)];

impl BuiltIn {
	fn preset(id: &str, name: &str, chain_type: ChainType) -> Self {
		Self {
			id: id.into(),
			name: name.into(),
			chain_type,
			genesis: Genesis::Preset,
		}
	}

	fn presets() -> [Self; 3] {
		[
			Self::preset("dev", "SmartChain Development", ChainType::Development),
			Self::preset("local", "SmartChain Local", ChainType::Local),
			Self::preset("testnet", "SmartChain Testnet", ChainType::Live),
		]
	}

	/// The chain that `--chain` names, if it is a built-in one.
	fn find(id: &str) -> Result<Option<Self>, String> {
		if let Some(preset) = Self::presets().into_iter().find(|preset| preset.id == id) {
			return Ok(Some(preset));
		}
		let network = NETWORKS.into_iter().find_map(|(prefix, name, make)| {
			let (directors, standbys) = id.strip_prefix(prefix)?.split_once('-')?;
			Some((name, make, directors, standbys))
		});
		let Some((name, make, directors, standbys)) = network else {
			return Ok(None);
		};
		let patch = match (directors.parse(), standbys.parse()) {
			(Ok(directors), Ok(standbys)) => make(directors, standbys),
			_ => None,
		};
		let patch = patch.ok_or_else(|| {
			format!(
				"there is no chain `{id}`: {LOCAL_NETWORK} and {QUICK_NETWORK} have N directors, from 1 to 99, and M \
				 standby signers, from 0 to N; correct the numbers given to --chain"
			)
		})?;
		Ok(Some(Self {
			id: id.into(),
			name: format!("SmartChain {name} {directors}+{standbys}"),
			chain_type: ChainType::Local,
			genesis: Genesis::Patch(patch),
		}))
	}
}

/// The specification for `--chain`: `dev`, `local` (also where nothing is given), `local-N-M`, `quick-N-M`, `testnet`
/// or a path. The genesis of a built-in chain comes as storage, made by native code: to have the Wasm make it takes
/// seconds at every start.
///
/// # Errors
/// Names the file, what is wrong with it, and what to do.
pub fn load(chain: &str) -> Result<Box<dyn ChainSpecTrait>, String> {
	load_with(chain, |chain, code| {
		let mut spec = from_preset(chain, code);
		spec.set_storage(native_genesis(chain, code)?);
		Ok(spec)
	})
}

/// As [`load`], but the genesis of a built-in chain is a form that people can read and change, which the Wasm fills in.
///
/// # Errors
/// As [`load`].
pub fn load_to_export(chain: &str) -> Result<Box<dyn ChainSpecTrait>, String> {
	load_with(chain, |chain, code| Ok(from_preset(chain, code)))
}

fn load_with(
	chain: &str,
	build: impl FnOnce(&BuiltIn, &[u8]) -> Result<ChainSpec, String>,
) -> Result<Box<dyn ChainSpecTrait>, String> {
	let id = if chain.is_empty() { "local" } else { chain };
	match BuiltIn::find(id)? {
		Some(chain) => Ok(Box::new(build(&chain, code(&chain, smartchain_runtime::WASM_BINARY)?)?)),
		None => Ok(Box::new(from_file(Path::new(id))?)),
	}
}

fn code<'a>(chain: &BuiltIn, code: Option<&'a [u8]>) -> Result<&'a [u8], String> {
	code.ok_or_else(|| {
		format!(
			"cannot start the chain `{}`: this program was built without the Wasm runtime (SKIP_WASM_BUILD was \
				 set); build it \
			 again without that, or give --chain the path of a chain specification",
			chain.id
		)
	})
}

fn from_preset(chain: &BuiltIn, code: &[u8]) -> ChainSpec {
	let builder = ChainSpec::builder(code, None)
		.with_name(&chain.name)
		.with_id(&format!("smartchain_{}", chain.id.replace('-', "_")))
		.with_chain_type(chain.chain_type.clone())
		.with_protocol_id(&format!("smartchain-{}", chain.id))
		.with_properties(properties());
	match &chain.genesis {
		Genesis::Preset => builder.with_genesis_config_preset_name(&chain.id),
		Genesis::Patch(patch) => builder.with_genesis_config_patch(patch.clone()),
	}
	.build()
}

/// The storage of a built-in chain's genesis block: what the runtime's Wasm would make of the same preset.
fn native_genesis(chain: &BuiltIn, code: &[u8]) -> Result<Storage, String> {
	let patch = match &chain.genesis {
		Genesis::Preset => smartchain_runtime::genesis::preset(&chain.id),
		Genesis::Patch(patch) => Some(patch.clone()),
	};
	let storage = patch
		.ok_or_else(|| "there is no such preset".to_string())
		.and_then(|patch| native_state(patch, code));
	storage.map_err(|cause| {
		format!(
			"cannot build the genesis of the chain `{}`: {cause}; this is a bug",
			chain.id
		)
	})
}

/// The storage of a genesis that is a patch of the default one, made by native code.
///
/// # Errors
/// Why it is no genesis.
pub fn native_state(patch: Value, code: &[u8]) -> Result<Storage, String> {
	let mut genesis = serde_json::to_value(RuntimeGenesisConfig::default()).map_err(|e| e.to_string())?;
	sc_chain_spec::json_merge(&mut genesis, patch);
	let genesis: RuntimeGenesisConfig = serde_json::from_value(genesis).map_err(|e| e.to_string())?;
	let mut storage = Storage::default();
	BasicExternalities::execute_with_storage(&mut storage, || build_genesis(&genesis))?;
	storage.top.insert(well_known_keys::CODE.to_vec(), code.to_vec());
	Ok(storage)
}

fn properties() -> Properties {
	let mut properties = Properties::new();
	properties.insert("tokenSymbol".into(), TOKEN_SYMBOL.into());
	properties.insert("tokenDecimals".into(), TOKEN_DECIMALS.into());
	properties.insert("ss58Format".into(), SS58_FORMAT.into());
	properties
}

/// Reads a specification and checks it as far as that needs no runtime, so that damage is told here, with the file's
/// name.
///
/// # Errors
/// Names the file, what is wrong with it, and what to do.
pub fn from_file(path: &Path) -> Result<ChainSpec, String> {
	let shown = path.display();
	let remedy = "download it again, or write it anew with `smartchain export-chain-spec`";
	let metadata = fs::metadata(path).map_err(|error| match error.kind() {
		ErrorKind::NotFound => format!(
			"unknown chain `{shown}`: it is none of dev, local, testnet, {LOCAL_NETWORK}, {QUICK_NETWORK}, and there \
			 is no file of that name; correct the name or path given to --chain"
		),
		_ => format!("cannot read the chain specification {shown}: {error}; let this user read it"),
	})?;
	if !metadata.is_file() {
		return Err(format!(
			"{shown} is not a file; give --chain the path of a chain specification in JSON"
		));
	}
	if metadata.len() > MAX_FILE_BYTES {
		return Err(format!(
			"{shown} is no chain specification: it has {} bytes, more than {MAX_FILE_BYTES}; {remedy}",
			metadata.len()
		));
	}
	let bytes = fs::read(path)
		.map_err(|error| format!("cannot read the chain specification {shown}: {error}; let this user read it"))?;
	let damaged = |cause: String| format!("the chain specification {shown} is damaged: {cause}; {remedy}");
	let json: Value = serde_json::from_slice(&bytes).map_err(|error| damaged(format!("it is not JSON ({error})")))?;
	check_genesis(&json).map_err(|cause| damaged(cause.into()))?;
	let spec = ChainSpec::from_json_file(PathBuf::from(path)).map_err(damaged)?;
	// Reads the genesis, too, which would otherwise fail later, and without the file's name.
	spec.as_json(false).map_err(damaged)?;
	Ok(spec)
}

/// Whether there is a genesis with a runtime in it.
fn check_genesis(json: &Value) -> Result<(), &'static str> {
	let genesis = json.get("genesis").ok_or("it has no `genesis`")?;
	let code = match (genesis.get("raw"), genesis.get("runtimeGenesis")) {
		(Some(raw), _) => raw.get("top").and_then(|top| top.get(CODE_KEY)),
		(_, Some(built)) => built.get("code"),
		_ => return Err("its `genesis` is neither `raw` nor `runtimeGenesis`"),
	};
	let code = code
		.and_then(Value::as_str)
		.ok_or("its `genesis` has no runtime code")?;
	// Not all of the hexadecimal digits: whoever reads the genesis does that.
	match CODE_STARTS.iter().any(|start| {
		code.get(..start.len())
			.is_some_and(|head| head.eq_ignore_ascii_case(start))
	}) {
		true => Ok(()),
		false => Err("the runtime code in its `genesis` is not Wasm"),
	}
}

/// Whether a chain has real values or test values, as the log says it first: somebody who tries things on the one
/// should know that they take longer on the other.
pub fn values(spec: &dyn ChainSpecTrait) -> String {
	let json = spec
		.as_json(false)
		.ok()
		.and_then(|text| serde_json::from_str::<Value>(&text).ok());
	let genesis = json.as_ref().and_then(|json| json.get("genesis"));
	let name = match genesis.and_then(values_of) {
		Some(values) => format!("{}: eras of {} slots", values.name(), values.era_length()),
		None => "values of its own".into(),
	};
	format!("The chain {} has {name}", spec.id())
}

/// What a genesis does not say is real.
fn values_of(genesis: &Value) -> Option<Values> {
	let has = |said: Option<&Value>, wanted: &Value, values: Values| {
		said.map_or(values == Values::Real, |said| said == wanted)
	};
	let raw = genesis.pointer("/raw/top");
	let built = genesis.get("runtimeGenesis");
	let form = built.and_then(|built| built.get("patch").or_else(|| built.get("config")));
	Values::ALL.into_iter().find(|values| match (raw, form) {
		(Some(top), _) => values.stored().iter().all(|(key, value)| {
			let wanted = Value::from(to_hex(value, false));
			has(top.get(to_hex(key, false)), &wanted, *values)
		}),
		(None, Some(form)) => values
			.formed()
			.is_ok_and(|all| all.iter().all(|(path, value)| has(form.pointer(path), value, *values))),
		(None, None) => false,
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::json;
	use sp_runtime::BuildStorage;

	/// Not Wasm, but nothing here runs it.
	const CODE: &[u8] = &[0, 1, 2];

	fn built_in() -> Vec<BuiltIn> {
		let networks = ["local-7-5", "quick-4-0"].map(|id| BuiltIn::find(id).expect("numbers").expect("is built in"));
		BuiltIn::presets().into_iter().chain(networks).collect()
	}

	#[test]
	fn a_local_network_has_directors_and_no_more_standby_signers() {
		for (id, is) in [
			("local-1-0", true),
			("local-99-99", true),
			("quick-4-4", true),
			("quick-7", false),
			("local-", false),
			("local-7", false),
		] {
			assert_eq!(BuiltIn::find(id).expect("is no error").is_some(), is, "{id}");
		}
		for id in [
			"local-0-0",
			"local-100-0",
			"local-4-5",
			"local-x-1",
			"local-4-",
			"local-4-4-4",
			"local--1-0",
			"quick-0-0",
			"quick-4-5",
		] {
			let error = BuiltIn::find(id).err().expect("is refused");
			assert!(error.contains(id) && error.contains("from 1 to 99"), "{error}");
		}
	}

	fn sample(raw: Value) -> Value {
		json!({
			"name": "Sample", "id": "sample", "chainType": "Live", "bootNodes": [], "telemetryEndpoints": null,
			"protocolId": "sample", "properties": {}, "codeSubstitutes": {}, "genesis": { "raw": raw },
		})
	}

	fn with_file(content: &[u8]) -> (tempfile::TempDir, PathBuf) {
		let folder = tempfile::tempdir().expect("a temporary folder");
		let path = folder.path().join("spec.json");
		fs::write(&path, content).expect("writes");
		(folder, path)
	}

	fn error_for(content: &[u8]) -> String {
		let (_folder, path) = with_file(content);
		let error = from_file(&path).err().expect("is refused");
		assert!(error.contains("spec.json"), "{error}");
		error
	}

	#[test]
	fn built_in_chains_carry_the_token() {
		for chain in &built_in() {
			let spec = from_preset(chain, CODE);
			assert_eq!(spec.id(), format!("smartchain_{}", chain.id.replace('-', "_")));
			let properties = spec.properties();
			assert_eq!(properties["tokenSymbol"], "STCI");
			assert_eq!(properties["tokenDecimals"], 12);
			assert_eq!(properties["ss58Format"], 42);
			assert!(spec.protocol_id().is_some_and(|id| id.ends_with(&chain.id)));
		}
	}

	/// Both as a node starts from it and as it is exported.
	#[test]
	fn each_chain_says_which_values_it_has() {
		for (id, has) in [
			("dev", "test values: eras of 120 slots"),
			("quick-4-0", "test values: eras of 120 slots"),
			("local", "real values: eras of 1200 slots"),
			("local-4-0", "real values: eras of 1200 slots"),
			("testnet", "real values: eras of 1200 slots"),
		] {
			let chain = BuiltIn::find(id).expect("numbers").expect("is built in");
			let mut spec = from_preset(&chain, CODE);
			let expected = format!("The chain {} has {has}", spec.id());
			if let Genesis::Patch(_) = chain.genesis {
				assert_eq!(values(&spec), expected);
			}
			spec.set_storage(native_genesis(&chain, CODE).expect("builds"));
			assert_eq!(values(&spec), expected);
		}
		let form = |patch: Value| json!({ "runtimeGenesis": { "patch": patch } });
		assert_eq!(
			values_of(&form(json!({}))),
			Some(Values::Real),
			"what it does not say is real"
		);
		assert_eq!(values_of(&form(json!({ "poca": { "eraLength": 24 } }))), None);
		assert_eq!(
			values_of(&form(json!({ "poca": { "eraLength": 120 } }))),
			None,
			"half of a column"
		);
		assert_eq!(values_of(&json!({})), None);
	}

	#[test]
	fn a_binary_without_a_runtime_says_so() {
		let error = code(&built_in()[0], None).expect_err("is refused");
		assert!(error.contains("SKIP_WASM_BUILD"), "{error}");
	}

	/// What runs and what is exported have to be one chain.
	#[test]
	fn native_code_and_wasm_make_one_genesis() {
		for chain in &built_in() {
			let Some(code) = smartchain_runtime::WASM_BINARY else {
				let native = native_genesis(chain, CODE).expect("builds");
				assert_eq!(native.top.get(well_known_keys::CODE).map(Vec::as_slice), Some(CODE));
				continue;
			};
			let native = native_genesis(chain, code).expect("builds");
			let wasm = from_preset(chain, code).build_storage().expect("builds");
			assert_eq!(native.top, wasm.top, "{}", chain.id);
			assert!(native.children_default.is_empty() && wasm.children_default.is_empty());
		}
	}

	#[test]
	fn an_unknown_name_lists_the_known_ones() {
		let error = load("mainet").err().expect("is refused");
		assert!(
			error.contains("`mainet`") && error.contains("dev, local, testnet, local-N-M, quick-N-M"),
			"{error}"
		);
		let folder = tempfile::tempdir().expect("a temporary folder");
		let error = from_file(folder.path()).err().expect("is refused");
		assert!(error.contains("is not a file"), "{error}");
	}

	#[test]
	fn a_good_file_is_read() {
		let spec = sample(json!({ "top": { CODE_KEY: "0x0061736d01" }, "childrenDefault": {} }));
		let (_folder, path) = with_file(spec.to_string().as_bytes());
		let loaded = load(path.to_str().expect("is UTF-8")).expect("loads");
		assert_eq!((loaded.id(), loaded.name()), ("sample", "Sample"));
	}

	/// 30 million STCI are more than 64 bits hold, and a float would round them.
	#[test]
	fn large_amounts_in_a_form_stay_what_they_are() {
		const AMOUNT: &str = "30000000000000000001";
		let mut spec = sample(json!({}));
		spec["genesis"] = json!({ "runtimeGenesis": { "code": "0x0061736d01", "patch": { "balances": "HERE" } } });
		let text = spec.to_string().replace("\"HERE\"", AMOUNT);
		let (_folder, path) = with_file(text.as_bytes());
		let loaded = load(path.to_str().expect("is UTF-8")).expect("loads");
		assert!(loaded.as_json(false).expect("is JSON").contains(AMOUNT));
	}

	#[test]
	fn damage_names_file_cause_and_remedy() {
		let good = sample(json!({ "top": { CODE_KEY: "0x0061736d01" }, "childrenDefault": {} })).to_string();
		for length in [0, 1, good.len() / 2, good.len() - 1] {
			let error = error_for(&good.as_bytes()[..length]);
			assert!(
				error.contains("not JSON") && error.contains("export-chain-spec"),
				"{error}"
			);
		}
		let cases = [
			(json!({}), "has no `genesis`"),
			(
				json!({ "genesis": { "stateRootHash": "0x00" } }),
				"neither `raw` nor `runtimeGenesis`",
			),
			(sample(json!({ "top": {}, "childrenDefault": {} })), "no runtime code"),
			(
				sample(json!({ "top": { CODE_KEY: "0xdead0061736d" }, "childrenDefault": {} })),
				"is not Wasm",
			),
			(
				sample(json!({ "top": { CODE_KEY: "0xß" }, "childrenDefault": {} })),
				"is not Wasm",
			),
			(
				sample(json!({ "top": { CODE_KEY: "0x0061736dzz" }, "childrenDefault": {} })),
				"damaged",
			),
			(
				json!({ "genesis": { "raw": { "top": { CODE_KEY: "0x0061736d" } } } }),
				"missing field",
			),
			(json!([1, 2, 3]), "has no `genesis`"),
		];
		for (content, cause) in cases {
			let error = error_for(content.to_string().as_bytes());
			assert!(error.contains(cause), "{error}");
		}
	}
}
