//! Streams what happens during a check, one JSON object a line, and ends it after five seconds with what was seen by then.
//!
//!     cargo run --example progress -- contoso.azure-devices.net

#![allow(clippy::print_stdout)] // an example shows what it does

use std::{error::Error, time::Duration};

use hubreach::{
    Checker, StopToken,
    hub::{HubHost, Target, TargetOptions},
};
use tokio::sync::mpsc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let host = std::env::args().nth(1).unwrap_or_default();
    let target = Target::new(HubHost::parse(&host)?, &TargetOptions::default())?;

    let (sender, mut events) = mpsc::unbounded_channel();
    let stop = StopToken::new();
    let checker = Checker::builder(target)
        .stop(stop.clone())
        // A run waits for whoever is told of an event: a channel keeps it waiting for nothing.
        .on_event(move |event| drop(sender.send(event.clone())))
        .build()?;
    let observing = tokio::spawn(checker.observe());
    // It holds the channel's other end, which closes once both are gone.
    drop(checker);

    let deadline = tokio::time::sleep(Duration::from_secs(5));
    tokio::pin!(deadline);
    loop {
        tokio::select! {
            event = events.recv() => match event {
                Some(event) => println!("{}", serde_json::to_string(&event)?),
                None => break,
            },
            () = &mut deadline, if !stop.is_stopped() => stop.stop(),
        }
    }

    // What was seen is one thing, what to make of it another.
    let observations = observing.await??;
    let diagnosis = hubreach::diagnose(&observations);
    println!("{}", serde_json::to_string_pretty(&diagnosis.verdicts)?);
    Ok(())
}
