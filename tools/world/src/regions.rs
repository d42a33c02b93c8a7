//! Measured round trips between regions of the world, and which voter is where.
//!
//! Source: CloudPing (<https://www.cloudping.co>, code at <https://github.com/mda590/cloudping.co>), grid `p_50`,
//! timeframe `1Y`: the median over a year of the round trips that a function in each AWS region measures to the public
//! endpoint of every other region, every six hours. As of 8 April 2022, copied with that date in
//! <https://github.com/bc-computing/gus-automation>, `generate_server_ping_latencies/all_latencies.json` at commit
//! `c770d29e`. All 21 regions of that table are here, both directions of each pair, rounded to whole milliseconds;
//! nothing is interpolated.

use crate::rng::Rng;

/// How many regions there are.
pub const REGIONS: usize = 21;

/// Round trips in milliseconds: from the region of the row to that of the column; the rows name the order.
#[rustfmt::skip]
pub const RTT_MS: [[u64; REGIONS]; REGIONS] = [
	// af-south-1
	[8, 263, 360, 387, 366, 164, 214, 413, 230, 162, 180, 190, 158, 149, 158, 167, 337, 221, 232, 295, 277],
	// ap-east-1
	[256, 2, 53, 39, 49, 99, 41, 136, 195, 199, 219, 190, 223, 212, 206, 125, 309, 196, 182, 156, 145],
	// ap-northeast-1
	[360, 53, 4, 35, 11, 132, 74, 111, 145, 225, 245, 218, 202, 211, 216, 165, 258, 146, 132, 109, 99],
	// ap-northeast-2
	[389, 38, 35, 2, 30, 131, 75, 147, 173, 232, 254, 225, 230, 239, 246, 161, 286, 175, 161, 137, 126],
	// ap-northeast-3
	[366, 46, 10, 30, 2, 125, 72, 120, 150, 228, 247, 219, 208, 217, 222, 156, 263, 151, 138, 110, 100],
	// ap-south-1
	[166, 98, 132, 132, 128, 2, 60, 149, 191, 122, 142, 115, 123, 114, 107, 39, 302, 187, 197, 233, 223],
	// ap-southeast-1
	[215, 40, 74, 75, 72, 60, 2, 94, 211, 157, 177, 149, 181, 171, 165, 88, 324, 214, 199, 177, 168],
	// ap-southeast-2
	[415, 133, 111, 146, 120, 149, 93, 3, 198, 267, 296, 240, 257, 266, 280, 179, 313, 199, 188, 139, 140],
	// ca-central-1
	[229, 194, 144, 172, 150, 190, 210, 198, 3, 92, 109, 102, 71, 79, 85, 201, 127, 16, 26, 80, 66],
	// eu-central-1
	[166, 197, 225, 231, 225, 121, 157, 269, 93, 3, 23, 12, 25, 16, 10, 118, 205, 90, 100, 151, 146],
	// eu-north-1
	[181, 217, 244, 254, 246, 141, 178, 296, 109, 22, 4, 31, 42, 33, 30, 137, 219, 109, 119, 174, 163],
	// eu-south-1
	[190, 189, 217, 222, 219, 113, 149, 240, 103, 12, 32, 3, 36, 26, 19, 110, 215, 100, 110, 160, 156],
	// eu-west-1
	[162, 222, 202, 230, 209, 123, 181, 257, 71, 26, 43, 36, 2, 13, 19, 135, 179, 68, 78, 139, 124],
	// eu-west-2
	[151, 210, 210, 239, 216, 113, 171, 266, 79, 17, 33, 26, 13, 2, 10, 125, 188, 77, 86, 146, 133],
	// eu-west-3
	[158, 204, 216, 245, 222, 106, 165, 280, 86, 11, 30, 19, 19, 10, 2, 119, 198, 83, 93, 144, 139],
	// me-south-1
	[155, 131, 165, 165, 161, 38, 89, 184, 202, 117, 138, 112, 136, 127, 120, 2, 314, 181, 200, 260, 245],
	// sa-east-1
	[338, 307, 258, 286, 264, 302, 324, 313, 127, 205, 218, 215, 179, 189, 198, 313, 4, 116, 126, 177, 180],
	// us-east-1
	[225, 196, 147, 175, 152, 188, 215, 199, 17, 91, 111, 100, 68, 77, 83, 200, 117, 5, 14, 63, 70],
	// us-east-2
	[236, 183, 133, 161, 139, 198, 200, 189, 28, 101, 123, 111, 78, 87, 94, 210, 127, 16, 5, 53, 53],
	// us-west-1
	[292, 154, 108, 137, 110, 233, 177, 139, 80, 151, 173, 160, 139, 146, 143, 260, 176, 62, 52, 2, 22],
	// us-west-2
	[281, 144, 99, 126, 99, 223, 168, 141, 66, 146, 163, 156, 124, 133, 139, 248, 180, 70, 51, 22, 3],
];

/// The region of each of `voters`: the voters are dealt out to the regions in the order of the table, one each until
/// all are placed, so that each region has as many as any other, or one more (of 99, fifteen regions have five and six
/// have four). Which voter of the schedule is in which region is then shuffled, so that turns do not go from neighbour
/// to neighbour.
pub fn of_voters(voters: usize, rng: &mut Rng) -> Vec<usize> {
	let mut regions: Vec<usize> = (0..voters).map(|voter| voter % REGIONS).collect();
	shuffle(&mut regions, rng);
	regions
}

/// Fisher-Yates.
pub fn shuffle<T>(items: &mut [T], rng: &mut Rng) {
	for i in (1..items.len()).rev() {
		items.swap(i, rng.below(i as u64 + 1) as usize);
	}
}
