//! What a proxy does instead of an answer.

use std::{io, time::Duration};

use tokio::{io::AsyncWriteExt, time::sleep};

use super::{Instead, line::Line};

const BETWEEN_DRIPS: Duration = Duration::from_millis(100);
const HEAD: &[u8] = b"HTTP/1.1 200 Connection established\r\n";
const HEADER: &[u8] = b"X-Filler: 0123456789012345678901234567890123456789\r\n";

pub(super) async fn perform(mut line: Line, instead: &Instead) -> io::Result<()> {
    match instead {
        Instead::Close => line.stream.shutdown().await,
        Instead::Reset => line.reset(),
        Instead::Silence => line.wait().await,
        Instead::Says(bytes) => {
            line.answer(bytes).await?;
            line.stream.shutdown().await?;
            // What still comes must not turn into a reset.
            line.wait().await
        }
        Instead::Headers => {
            line.send(HEAD).await?;
            line.pour(HEADER).await
        }
        Instead::Interims => line.pour(b"HTTP/1.1 100 Continue\r\n\r\n").await,
        Instead::Drip => {
            for byte in HEAD.iter().chain(HEADER.iter().cycle()) {
                line.send(&[*byte]).await?;
                sleep(BETWEEN_DRIPS).await;
            }
            Ok(())
        }
        Instead::Flood(bytes) => line.pour(bytes).await,
    }
}
