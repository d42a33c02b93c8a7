//! Encodings as they were written down once. A change that is meant gets a new version, and a file beside the old one.

use codec::{Decode, DecodeAll, Encode};
use core::fmt::Debug;
use device_primitives::{
	encoded_list, resolution, status_entry, status_list, status_list_credential, Attestation, AttestationStanding,
	Attested, Device, DeviceId, DeviceKey, DeviceSignature, Did, DidDocument, DidResolution, Endpoint, Endpoints,
	Enrolment, Host, OtherDevice, P256Key, P256Pair, P256Signature, Registration, Suspension, Transfer, Transport,
	VendorKeyClaim,
};
use serde_json::Value;
use sp_core::{bytes::to_hex, crypto::AccountId32, ed25519, sr25519, H256};

const KEYS: [&str; 3] = [
	include_str!("golden/key-sr25519-v1.hex"),
	include_str!("golden/key-ed25519-v1.hex"),
	include_str!("golden/key-p256-v1.hex"),
];
const SIGNATURES: [&str; 3] = [
	include_str!("golden/signature-sr25519-v1.hex"),
	include_str!("golden/signature-ed25519-v1.hex"),
	include_str!("golden/signature-p256-v1.hex"),
];
const REGISTRATION: &str = include_str!("golden/registration-payload-v1.hex");
const ENROLMENT: &str = include_str!("golden/enrolment-payload-v1.hex");
const ATTESTATION: &str = include_str!("golden/attestation-payload-v1.hex");
const VENDOR_KEY: &str = include_str!("golden/vendor-key-payload-v1.hex");
const TRANSFER: &str = include_str!("golden/transfer-payload-v1.hex");
const DEVICE_ID: &str = include_str!("golden/device-id-v1.hex");
const ENDPOINTS: &str = include_str!("golden/endpoints-v1.hex");
const DOCUMENT: &str = include_str!("golden/document-v1.hex");
const DOCUMENT_JSON: &str = include_str!("golden/document-v1.json");
const LIST: &str = include_str!("golden/status-list-v1.txt");
const CHIP_SIGNATURE: &str = include_str!("golden/p256-registration-signature-v1.hex");

#[track_caller]
fn same(encoded: &[u8], golden: &str) {
	assert_eq!(to_hex(encoded, false), golden.trim());
}

#[track_caller]
fn both_ways<T: Encode + Decode + PartialEq + Debug>(value: T, golden: &str) {
	let encoded = value.encode();
	same(&encoded, golden);
	assert_eq!(T::decode_all(&mut &encoded[..]).ok(), Some(value));
}

fn genesis() -> H256 {
	H256::repeat_byte(7)
}

fn account(byte: u8) -> AccountId32 {
	AccountId32::new([byte; 32])
}

fn sr(byte: u8) -> sr25519::Public {
	sr25519::Public::from_raw([byte; 32])
}

fn p256() -> DeviceKey {
	let mut key = [3; 33];
	key[0] = 2;
	DeviceKey::P256(P256Key(key))
}

fn keys() -> [DeviceKey; 3] {
	let ed = ed25519::Public::from_raw([2; 32]);
	[DeviceKey::Sr25519(sr(1)), DeviceKey::Ed25519(ed), p256()]
}

fn registration() -> Registration<AccountId32> {
	Registration {
		device: p256(),
		owner: account(4),
		lottery: sr(5),
	}
}

#[test]
fn keys_and_signatures() {
	for (key, golden) in keys().into_iter().zip(KEYS) {
		both_ways(key, golden);
	}
	let signatures = [
		DeviceSignature::Sr25519(sr25519::Signature::from_raw([1; 64])),
		DeviceSignature::Ed25519(ed25519::Signature::from_raw([2; 64])),
		DeviceSignature::P256(P256Signature([3; 64])),
	];
	for (signature, golden) in signatures.into_iter().zip(SIGNATURES) {
		both_ways(signature, golden);
	}
}

/// As the chain keeps it.
#[test]
fn a_device() {
	let device = Device {
		number: 0x0102_0304_0506_0708,
		key: DeviceKey::Ed25519(ed25519::Public::from_raw([2; 32])),
		enrolled: Some(sr(5)),
		lottery_since: 9,
		owner: account(4),
		deposit: 7,
		registered: 10,
		transfers: 11,
		suspended: Suspension {
			owner: true,
			vendor: false,
		},
		attested: Some(Attested {
			model: 12,
			key: 1,
			since: 13,
		}),
		offered_to: None,
		endpoints: Endpoints::default(),
	};
	let keys = |byte: &str| byte.repeat(32);
	let golden = format!(
		"0x080706050403020101{}01{}0900000000000000{}07{}0a0000000b0000000100010c000000010d0000000000",
		keys("02"),
		keys("05"),
		keys("04"),
		"00".repeat(15),
	);
	both_ways(device, &golden);
}

#[test]
fn ids() {
	let ids: Vec<_> = keys().iter().map(|key| key.device_id().0).collect();
	same(&ids.concat(), DEVICE_ID);
	let id = keys()[0].device_id();
	assert_eq!(id.key_hash().0, id.0[..16]);
	assert_eq!(keys()[0].hash(), id.key_hash());
}

#[test]
fn payloads() {
	let device = DeviceId([6; 32]);
	same(&registration().payload(&genesis()), REGISTRATION);
	let enrolment = Enrolment {
		device,
		owner: account(4),
		lottery: sr(5),
	};
	same(&enrolment.payload(&genesis()), ENROLMENT);
	let attestation = Attestation {
		device: p256(),
		model: 0x0102_0304,
		owner: account(4),
	};
	same(&attestation.payload(&genesis()), ATTESTATION);
	let claim = VendorKeyClaim {
		vendor: account(8),
		key: p256(),
	};
	same(&claim.payload(&genesis()), VENDOR_KEY);
	let transfer = Transfer {
		device,
		from: account(4),
		to: account(9),
		transfers: 0x0102_0304,
		lottery: sr(5),
	};
	same(&transfer.payload(&genesis()), TRANSFER);
}

/// RFC 6979 draws no random number: a chip's signature of today is that of then.
#[test]
fn a_signature_of_p256() {
	let pair = P256Pair::from_seed(&[1; 32]).expect("in range");
	let payload = registration().payload(&genesis());
	let signature = pair.sign(&payload);
	same(&signature.0, CHIP_SIGNATURE);
	assert!(DeviceKey::P256(pair.public()).verify(&payload, &DeviceSignature::P256(signature)));
}

fn endpoints() -> Endpoints {
	let hosts = [
		(Transport::Tcp, Host::V4([192, 0, 2, 1])),
		(Transport::Quic, Host::V6([0x20; 16])),
		(
			Transport::WebSocket,
			Host::Name(b"agent.example".to_vec().try_into().expect("is short enough")),
		),
		(Transport::Https, Host::V4([192, 0, 2, 2])),
	];
	let endpoints = hosts.map(|(transport, host)| Endpoint {
		transport,
		host,
		port: 0x0102,
	});
	endpoints.to_vec().try_into().expect("there are few enough")
}

fn document() -> DidDocument<AccountId32> {
	DidDocument {
		device: p256().device_id(),
		key: p256(),
		lottery: sr(5),
		owner: account(4),
		active: true,
		number: 131_072 + 5,
		registered: 0x0102_0304,
		attestation: Some(AttestationStanding {
			vendor: account(8),
			vendor_name: b"Sensors & Sons".to_vec(),
			model: 7,
			model_name: b"Weather 3".to_vec(),
			since: 0x0102_0304,
			stands: true,
		}),
		endpoints: endpoints().into_inner(),
	}
}

#[test]
fn endpoints_and_documents() {
	both_ways(endpoints(), ENDPOINTS);
	both_ways(DidResolution::Registered(document()), DOCUMENT);
	assert_eq!(
		DidResolution::<AccountId32>::Deactivated { revoked: true }.encode(),
		[1, 1]
	);
}

#[test]
fn documents_as_json() {
	let did = Did::new(genesis().as_fixed_bytes(), document().device);
	let golden: Value = serde_json::from_str(DOCUMENT_JSON).expect("is JSON");
	let rendered = resolution(&did, &DidResolution::Registered(document())).expect("is its own");
	assert_eq!(rendered, golden, "{rendered:#}");
	// Of another device, by its id or by its key.
	let other = DidDocument {
		device: keys()[0].device_id(),
		..document()
	};
	assert_eq!(resolution(&did, &DidResolution::Registered(other)), Err(OtherDevice));
	let slipped = DidDocument {
		key: keys()[0],
		..document()
	};
	assert_eq!(resolution(&did, &DidResolution::Registered(slipped)), Err(OtherDevice));
	// A device whose own key is its lottery key has one method; without a vendor there is no attestation.
	let key = DeviceKey::Sr25519(sr(5));
	let plain = DidDocument {
		device: key.device_id(),
		key,
		attestation: None,
		active: false,
		..document()
	};
	let own = Did::new(genesis().as_fixed_bytes(), key.device_id());
	let rendered = resolution(&own, &DidResolution::Registered(plain)).expect("is its own");
	let methods = rendered["didDocument"]["verificationMethod"].as_array().map(Vec::len);
	assert_eq!(methods, Some(1));
	assert_eq!(rendered["didDocumentMetadata"]["status"], "suspended");
	assert_eq!(rendered["didDocumentMetadata"].get("attestation"), None);
	let gone = DidResolution::<AccountId32>::Deactivated { revoked: false };
	let gone = resolution(&did, &gone).expect("is of none");
	assert_eq!(gone["didDocumentMetadata"]["deactivated"], true);
	assert_eq!(gone["didDocumentMetadata"]["status"], "retired");
	assert_eq!(gone["didDocument"]["id"], did.to_string());
}

#[test]
fn status_lists() {
	let mut bits = vec![0; status_list::PAGE_BYTES];
	for place in [0, 7, 4_711, 131_071] {
		status_list::set(&mut bits, place);
	}
	assert_eq!(encoded_list(&bits), LIST.trim());
	let credential = status_list_credential("https://lists.example", 1, "did:web:lists.example", &bits);
	assert_eq!(credential["credentialSubject"]["encodedList"], LIST.trim());
	assert_eq!(credential["id"], "https://lists.example/1");
	let entry = status_entry("https://lists.example", document().number).expect("has a place");
	assert_eq!(entry["statusListIndex"], "5");
	assert_eq!(entry["statusListCredential"], credential["id"]);
}
