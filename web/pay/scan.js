// The camera reads a QR, where the browser has a BarcodeDetector; elsewhere its text is pasted.

/** Milliseconds between two looks. */
const LOOK = 150;

/** Whether QRs can be read here. */
export async function canScan() {
	if (!globalThis.BarcodeDetector || !navigator.mediaDevices?.getUserMedia) return false;
	const formats = await BarcodeDetector.getSupportedFormats().catch(() => []);
	return formats.includes('qr_code');
}

/** Shows what the camera sees until there is a QR in it: its text; nothing, if the dialog was closed before. */
export async function scan(dialog, video) {
	const detector = new BarcodeDetector({ formats: ['qr_code'] });
	const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } }).catch(() => {
		throw new Error('the camera cannot be used: allow it for this page, or paste the text of the QR');
	});
	try {
		video.srcObject = stream;
		dialog.showModal();
		await video.play();
		while (dialog.open) {
			// A frame that cannot be read is followed by another one.
			const [found] = await detector.detect(video).catch(() => []);
			if (found) return found.rawValue;
			await new Promise((resolve) => setTimeout(resolve, LOOK));
		}
		return undefined;
	} finally {
		for (const track of stream.getTracks()) track.stop();
		video.srcObject = null;
		dialog.close();
	}
}
