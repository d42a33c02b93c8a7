// The Mandelbrot set, a band of rows for each unit: a PGM file, whose head is unit 0's. The shim makes `process` of
// WASI preview 1.

const WIDTH: i32 = 512;
const HEIGHT: i32 = 512;
const MOST: i32 = 200;

// How soon a point leaves, as a shade.
function shade(x: i32, y: i32): u8 {
	const re = (<f64>x / WIDTH) * 3.0 - 2.25;
	const im = (<f64>y / HEIGHT) * 3.0 - 1.5;
	let a: f64 = 0;
	let b: f64 = 0;
	let turns = 0;
	while (turns < MOST && a * a + b * b < 4) {
		const next = a * a - b * b + re;
		b = 2 * a * b + im;
		a = next;
		turns++;
	}
	return turns == MOST ? 0 : <u8>(255 - turns);
}

const unit = I32.parseInt(process.argv[1]);
const units = I32.parseInt(process.argv[2]);
if (unit == 0) process.stdout.write(String.UTF8.encode("P5\n512 512\n255\n"));
for (let y = (HEIGHT * unit) / units; y < (HEIGHT * (unit + 1)) / units; y++) {
	const row = new ArrayBuffer(WIDTH);
	for (let x = 0; x < WIDTH; x++) store<u8>(changetype<usize>(row) + x, shade(x, y));
	process.stdout.write(row);
}
