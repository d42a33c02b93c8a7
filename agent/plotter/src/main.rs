//! The program: everything is in the library.

fn main() -> std::process::ExitCode {
	smart_agent_plotter::child_main()
}
