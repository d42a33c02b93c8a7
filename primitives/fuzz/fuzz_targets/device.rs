//! Keys, signatures, endpoints, documents and DIDs of any bytes: nothing panics, what decodes encodes back, nothing is
//! signed by whoever has no key, and a list comes out as it went in. A true signature stands beside each, damaged.
#![no_main]

mod damaged;

use codec::{DecodeAll, Encode};
use device_primitives::{
	encoded_list, resolution, DeviceId, DeviceKey, DeviceSignature, Did, DidResolution, Endpoints, P256Pair,
};
use sp_core::{crypto::AccountId32, H256};

const PAYLOAD: &[u8] = b"what was signed";

/// A key of P-256 and its signature: the kind that is verified here and not by the SDK.
fn truth() -> (DeviceKey, DeviceSignature) {
	let pair = P256Pair::from_seed(&[1; 32]).expect("in range");
	let signature = DeviceSignature::P256(pair.sign(PAYLOAD));
	(DeviceKey::P256(pair.public()), signature)
}

fn decode(bytes: &[u8]) {
	if let Ok((key, signature)) = <(DeviceKey, DeviceSignature)>::decode_all(&mut &bytes[..]) {
		assert!(
			(key, &signature) == (truth().0, &truth().1) || !key.verify(PAYLOAD, &signature),
			"never signed"
		);
		let _ = key.device_id();
	}
	if let Ok(endpoints) = Endpoints::decode_all(&mut &bytes[..]) {
		assert_eq!(endpoints.encode(), bytes, "one encoding for one list");
		for endpoint in &endpoints {
			let sound = endpoint.is_sound();
			assert!(!sound || endpoint.to_string().is_ascii(), "sound endpoints are URIs");
			let _ = endpoint.network_group();
		}
	}
	if let Ok(answer) = DidResolution::<AccountId32>::decode_all(&mut &bytes[..]) {
		let did = Did::new(H256::zero().as_fixed_bytes(), DeviceId([0; 32]));
		let _ = resolution(&did, &answer);
	}
	if let Ok(text) = core::str::from_utf8(bytes) {
		if let Ok(did) = text.parse::<Did>() {
			assert_eq!(did.to_string(), text, "one text for one DID");
		}
	}
	let _ = encoded_list(bytes);
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
	decode(bytes);
	// The true signature with some bytes exchanged (position and value).
	decode(&damaged::exchanged(truth().encode(), bytes));
});
