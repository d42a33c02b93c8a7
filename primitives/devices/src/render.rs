//! W3C's JSON of what the chain answers. Made by clients and gateways: the runtime has no JSON in it, and a new edition
//! of these standards needs no upgrade of the chain.

use crate::{
	gzip::gzip,
	status_list::{self, PAGE_BYTES},
	AttestationStanding, DeviceKey, Did, DidDocument, DidResolution,
};
use alloc::{
	format,
	string::{String, ToString},
	vec::Vec,
};
use base64::{engine::general_purpose::URL_SAFE_NO_PAD, Engine};
use codec::Encode;
use serde_json::{json, Value};

const DID_CONTEXT: &str = "https://www.w3.org/ns/did/v1";
const MULTIKEY_CONTEXT: &str = "https://w3id.org/security/multikey/v1";
const CREDENTIALS_CONTEXT: &str = "https://www.w3.org/ns/credentials/v2";

/// A key as a Multikey: the code of its kind and its bytes, in base 58.
pub fn multikey(key: &DeviceKey) -> String {
	let (code, bytes): ([u8; 2], &[u8]) = match key {
		DeviceKey::Sr25519(key) => ([0xef, 0x01], &key.0),
		DeviceKey::Ed25519(key) => ([0xed, 0x01], &key.0),
		DeviceKey::P256(key) => ([0x80, 0x24], &key.0),
	};
	format!("z{}", bs58::encode([&code[..], bytes].concat()).into_string())
}

/// What resolving a device's DID gives by W3C's DID Resolution: the document and what is known about it.
pub fn resolution<AccountId: Encode>(did: &Did, answer: &DidResolution<AccountId>) -> Value {
	match answer {
		DidResolution::Registered(document) => json!({
			"didDocument": document_json(did, document),
			"didDocumentMetadata": metadata(document),
		}),
		DidResolution::Deactivated { revoked } => json!({
			"didDocument": { "@context": [DID_CONTEXT], "id": did.to_string() },
			"didDocumentMetadata": {
				"deactivated": true,
				"status": if *revoked { "revoked" } else { "retired" },
			},
		}),
	}
}

fn document_json<AccountId>(did: &Did, document: &DidDocument<AccountId>) -> Value {
	let did = did.to_string();
	let lottery = DeviceKey::Sr25519(document.lottery);
	let mut keys = Vec::from([("device", document.key)]);
	if lottery != document.key {
		keys.push(("lottery", lottery));
	}
	let methods: Vec<_> = keys
		.iter()
		.map(|(name, key)| {
			json!({
				"id": format!("{did}#{name}"),
				"type": "Multikey",
				"controller": did,
				"publicKeyMultibase": multikey(key),
			})
		})
		.collect();
	let ids: Vec<_> = keys.iter().map(|(name, _)| format!("{did}#{name}")).collect();
	let services: Vec<_> = document
		.endpoints
		.iter()
		.enumerate()
		.map(|(index, endpoint)| {
			json!({
				"id": format!("{did}#agent-{index}"),
				"type": "SmartAgent",
				"serviceEndpoint": endpoint.to_string(),
			})
		})
		.collect();
	json!({
		"@context": [DID_CONTEXT, MULTIKEY_CONTEXT],
		"id": did,
		"verificationMethod": methods,
		"authentication": ids,
		"assertionMethod": ids,
		"service": services,
	})
}

fn metadata<AccountId: Encode>(document: &DidDocument<AccountId>) -> Value {
	let mut metadata = json!({
		"deactivated": false,
		"status": if document.active { "active" } else { "suspended" },
		"owner": hex(&document.owner.encode()),
		"registeredInEra": document.registered,
		// As text: not all readers of JSON have 64 bits.
		"number": document.number.to_string(),
	});
	if let (Some(attestation), Some(fields)) = (&document.attestation, metadata.as_object_mut()) {
		fields.insert("attestation".to_string(), attestation_json(attestation));
	}
	metadata
}

fn attestation_json<AccountId: Encode>(attestation: &AttestationStanding<AccountId>) -> Value {
	json!({
		"vendor": hex(&attestation.vendor.encode()),
		"vendorName": String::from_utf8_lossy(&attestation.vendor_name),
		"model": attestation.model,
		"modelName": String::from_utf8_lossy(&attestation.model_name),
		"shownInEra": attestation.since,
		"stands": attestation.stands,
	})
}

fn hex(bytes: &[u8]) -> String {
	sp_core::bytes::to_hex(bytes, false)
}

/// The `credentialStatus` of a credential about a device: where its bit is. `lists` is where a gateway serves lists,
/// each under its number.
pub fn status_entry(lists: &str, number: u64) -> Option<Value> {
	let (page, index) = status_list::place(number)?;
	Some(json!({
		"id": format!("{lists}/{page}#{index}"),
		"type": "BitstringStatusListEntry",
		"statusPurpose": "revocation",
		"statusListIndex": index.to_string(),
		"statusListCredential": format!("{lists}/{page}"),
	}))
}

/// The credential of a status list, without a proof: whoever serves it, `issuer`, signs it, or hands out the chain's
/// proof of the storage beside it.
pub fn status_list_credential(lists: &str, page: u32, issuer: &str, bits: &[u8]) -> Value {
	let id = format!("{lists}/{page}");
	json!({
		"@context": [CREDENTIALS_CONTEXT],
		"id": id,
		"type": ["VerifiableCredential", "BitstringStatusListCredential"],
		"issuer": issuer,
		"credentialSubject": {
			"id": format!("{id}#list"),
			"type": "BitstringStatusList",
			"statusPurpose": "revocation",
			"encodedList": encoded_list(bits),
		},
	})
}

/// A list as W3C encodes it: GZIP, then base64url without padding, with the letter that says so. Shorter ones than W3C
/// asks for are filled up.
pub fn encoded_list(bits: &[u8]) -> String {
	let mut bits = bits.to_vec();
	bits.resize(bits.len().max(PAGE_BYTES), 0);
	format!("u{}", URL_SAFE_NO_PAD.encode(gzip(&bits)))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_short_list_is_filled_up() {
		assert_eq!(encoded_list(&[0x80]), {
			let mut bits = alloc::vec![0; PAGE_BYTES];
			bits[0] = 0x80;
			encoded_list(&bits)
		});
	}

	#[test]
	fn a_list_of_few_is_short() {
		let text = encoded_list(&[0x80]);
		assert!(text.starts_with('u') && text.len() < 300, "{}", text.len());
	}
}
