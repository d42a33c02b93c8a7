//! What there is to see: balls, a floor, a lamp, the sky.

use crate::{
	chance::Chance,
	vector::{floor, root, vector, Vector},
};

/// How often a ray is thrown back at most.
const MAX_MIRRORS: u32 = 6;

/// A ray does not meet what it leaves.
const NEAR: f64 = 1e-6;

/// The lamp: its middle, and how far it reaches around that.
const LAMP: Vector = vector(-4.0, 6.0, -3.0);
const LAMP_SIZE: f64 = 0.8;

/// A ball.
struct Ball {
	middle: Vector,
	radius: f64,
	colour: Vector,
	/// How much of the light is thrown back as by a mirror.
	mirror: f64,
}

const fn ball(middle: Vector, radius: f64, colour: Vector, mirror: f64) -> Ball {
	Ball {
		middle,
		radius,
		colour,
		mirror,
	}
}

/// All of them, over a floor at height 0.
const BALLS: [Ball; 6] = [
	ball(vector(0.0, 1.0, 0.0), 1.0, vector(0.95, 0.95, 0.97), 0.85),
	ball(vector(-1.9, 0.7, -0.6), 0.7, vector(0.9, 0.3, 0.2), 0.15),
	ball(vector(1.8, 0.8, -0.4), 0.8, vector(0.2, 0.45, 0.9), 0.25),
	ball(vector(0.7, 0.35, -1.7), 0.35, vector(0.95, 0.8, 0.25), 0.4),
	ball(vector(-0.8, 0.3, -1.9), 0.3, vector(0.3, 0.8, 0.4), 0.1),
	ball(vector(0.2, 0.6, 2.4), 0.6, vector(0.7, 0.4, 0.8), 0.5),
];

/// Where a ray meets something.
struct Hit {
	place: Vector,
	/// What stands upright there.
	normal: Vector,
	colour: Vector,
	mirror: f64,
}

/// How far away a ray meets a ball.
fn distance(from: Vector, to: Vector, ball: &Ball) -> Option<f64> {
	let between = from - ball.middle;
	let half = between.dot(to);
	let under = half * half - between.dot(between) + ball.radius * ball.radius;
	if under < 0.0 {
		return None;
	}
	let reach = root(under);
	[-half - reach, -half + reach]
		.into_iter()
		.find(|distance| *distance > NEAR)
}

fn met(from: Vector, to: Vector) -> Option<Hit> {
	let mut nearest: Option<(f64, Hit)> = None;
	if to.y < -NEAR {
		let far = -from.y / to.y;
		let place = from + to * far;
		let even = (floor(place.x) + floor(place.z)) as i64 % 2 == 0;
		let colour = if even {
			vector(0.85, 0.85, 0.8)
		} else {
			vector(0.25, 0.27, 0.3)
		};
		let hit = Hit {
			place,
			normal: vector(0.0, 1.0, 0.0),
			colour,
			mirror: 0.12,
		};
		nearest = Some((far, hit));
	}
	for ball in &BALLS {
		let Some(far) = distance(from, to, ball) else {
			continue;
		};
		if nearest.as_ref().is_none_or(|(known, _)| far < *known) {
			let place = from + to * far;
			let hit = Hit {
				place,
				normal: (place - ball.middle) * (1.0 / ball.radius),
				colour: ball.colour,
				mirror: ball.mirror,
			};
			nearest = Some((far, hit));
		}
	}
	nearest.map(|(_, hit)| hit)
}

fn sky(to: Vector) -> Vector {
	let high = if to.y > 0.0 { to.y } else { 0.0 };
	vector(0.75, 0.82, 0.95) * (1.0 - high) + vector(0.25, 0.45, 0.85) * high
}

/// The light that comes along a ray.
pub fn light(mut from: Vector, mut to: Vector, chance: &mut Chance) -> Vector {
	let (mut seen, mut share) = (vector(0.0, 0.0, 0.0), vector(1.0, 1.0, 1.0));
	for _ in 0..MAX_MIRRORS {
		let Some(hit) = met(from, to) else {
			return seen + share.each(sky(to));
		};
		let lamp = LAMP + vector(chance.around(), chance.around(), chance.around()) * LAMP_SIZE;
		let way = lamp - hit.place;
		let to_lamp = way.unit();
		let slant = hit.normal.dot(to_lamp);
		let dark = slant <= 0.0 || BALLS.iter().any(|ball| distance(hit.place, to_lamp, ball).is_some());
		let lit = if dark { 0.18 } else { 0.18 + 0.9 * slant };
		seen = seen + share.each(hit.colour) * (lit * (1.0 - hit.mirror));
		share = share.each(hit.colour) * hit.mirror;
		from = hit.place;
		to = (to - hit.normal * (2.0 * to.dot(hit.normal))).unit();
	}
	seen
}
