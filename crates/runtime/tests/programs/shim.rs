//! The shim alone, as a program for this crate's own tests. In the product
//! the `neargate` binary's hidden `shim` subcommand calls the same function.

fn main() -> std::process::ExitCode {
    neargate_runtime::shim::main(std::env::args_os().skip(1))
}
