//! `hubreach` on the command line.

mod cli;

fn main() {
    cli::leave(cli::run(std::env::args_os().collect()))
}
