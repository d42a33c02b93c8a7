// Payments by NFC, where the browser has Web NFC: Chrome on phones, on pages that came by https.

import { NFC_TYPE } from '@smartchain/channels';

/** Whether tags can be read and written here. */
export const canTag = () => 'NDEFReader' in globalThis;

const refused = () => {
	throw new Error('NFC cannot be used: switch it on, and allow it for this page');
};

/** Writes a sealed file to the next tag that is held to the phone. */
export async function writeTag(sealed) {
	const record = { recordType: 'mime', mediaType: NFC_TYPE, data: sealed };
	await new NDEFReader().write({ records: [record] }).catch(refused);
}

/** The sealed file of the next tag that has one. */
export async function readTag() {
	const reader = new NDEFReader();
	const ended = new AbortController();
	const found = new Promise((resolve, reject) => {
		reader.onreadingerror = () => reject(new Error('the tag cannot be read: hold it to the phone once more'));
		reader.onreading = ({ message }) => {
			const record = message.records.find(({ mediaType }) => mediaType?.toLowerCase() === NFC_TYPE);
			if (!record) return reject(new Error('there is no payment on this tag'));
			const { buffer, byteOffset, byteLength } = record.data;
			return resolve(new Uint8Array(buffer, byteOffset, byteLength).slice());
		};
	});
	try {
		await reader.scan({ signal: ended.signal }).catch(refused);
		return await found;
	} finally {
		ended.abort();
	}
}
