//! A device that is not registered, or not any more.

use crate::status::DeviceState;
use smart_agent_chain::KeyUse;

/// What became of the key of a device that is not registered, and what to do; none if it may be registered. A key is
/// used once, and to try it again costs a fee.
pub fn used_up(used: Option<KeyUse>) -> Option<[&'static str; 2]> {
	let what = match used? {
		KeyUse::Device => return None,
		KeyUse::Retired => "the device was retired by its owner, and its key never registers again",
		KeyUse::Revoked => "the device was revoked, and its key never registers again",
		KeyUse::Lottery | KeyUse::Vendor => "the device's key was used for something else, and never registers",
	};
	let remedy = "`smart-agent device renew NAME` makes the key of a new device and keeps the old files, then \
	              `smart-agent init` registers it";
	Some([what, remedy])
}

/// How a status calls a device that is not registered.
pub fn unregistered(used: Option<KeyUse>) -> DeviceState {
	match used {
		Some(KeyUse::Retired) => DeviceState::Retired,
		Some(KeyUse::Revoked) => DeviceState::Revoked,
		_ => DeviceState::NotRegistered,
	}
}
