//! The picture, pixel by pixel.

use crate::{
	chance::Chance,
	scene::light,
	vector::{root, vector, Vector},
};

/// Pixels from side to side, and from top to bottom. The head says the same.
pub const WIDTH: u32 = 640;
pub const HEIGHT: u32 = 384;
pub const HEAD: &[u8] = b"P6\n640 384\n255\n";

/// Rays for each pixel.
const RAYS: u32 = 512;

/// Where the eye is. It looks down, so that each band has about as much to do as the others.
const EYE: Vector = vector(0.0, 3.1, -5.4);

/// The colour of a pixel, as bytes of red, green and blue.
pub fn pixel(x: u32, y: u32) -> [u8; 3] {
	let mut sum = vector(0.0, 0.0, 0.0);
	for ray in 0..RAYS {
		let mut chance = Chance::new(x, y, ray);
		let across = (f64::from(x) + chance.next() - 0.5 * f64::from(WIDTH)) / f64::from(HEIGHT);
		let down = (f64::from(y) + chance.next() - 0.5 * f64::from(HEIGHT)) / f64::from(HEIGHT);
		let to = vector(across, -down - 0.64, 1.4).unit();
		sum = sum + light(EYE, to, &mut chance);
	}
	let mean = sum * (1.0 / f64::from(RAYS));
	[mean.x, mean.y, mean.z].map(byte)
}

/// Light as eyes see it: by its root.
fn byte(light: f64) -> u8 {
	// Beyond 255 it stays there.
	(255.0 * root(light) + 0.5) as u8
}
