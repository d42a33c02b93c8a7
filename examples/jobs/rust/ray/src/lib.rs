//! A ray tracer. Each unit renders a band of the picture: mirrors and matt balls over a chequered floor, with soft
//! shadows and soft edges, by rays drawn by chance. The bands behind each other, in the order of their units, are the
//! picture: unit 0 begins with the head of a PPM file.

#![no_std]

mod chance;
mod picture;
mod scene;
mod vector;

use picture::{HEIGHT, WIDTH};
use smart_job::{unit, write, Fault};

/// A row of the picture, in bytes.
const ROW: usize = 3 * WIDTH as usize;

fn render() -> Result<(), Fault> {
	let unit = unit()?;
	let (number, count) = (u64::from(unit.number), u64::from(unit.count).max(1));
	// Bands of rows whose heights differ by one at most.
	let row = |unit: u64| (u64::from(HEIGHT) * unit / count) as u32;
	if number == 0 {
		write(picture::HEAD)?;
	}
	let mut bytes = [0; ROW];
	for y in row(number)..row(number + 1) {
		for (x, pixel) in (0..).zip(bytes.chunks_exact_mut(3)) {
			pixel.copy_from_slice(&picture::pixel(x, y));
		}
		write(&bytes)?;
	}
	Ok(())
}

smart_job::job!(render);
