//! Connections whose buffers are wiped when they close: a secret went out through them, and perhaps a token came in.
//!
//! What the TLS library holds while it encrypts is its own.

use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};
use zeroize::Zeroize;

/// Makes the connections that come before it in the chain wipe their buffers.
#[derive(Debug)]
pub(super) struct WipingConnector;

/// A connection.
pub(super) struct Wiping<T: Transport>(T);

impl<In: Transport> Connector<In> for WipingConnector {
    type Out = Wiping<In>;

    fn connect(&self, _details: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        Ok(chained.map(Wiping))
    }
}

impl<T: Transport> std::fmt::Debug for Wiping<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wiping").finish_non_exhaustive()
    }
}

impl<T: Transport> Transport for Wiping<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.0.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.0.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }

    fn is_tls(&self) -> bool {
        self.0.is_tls()
    }
}

impl<T: Transport> Drop for Wiping<T> {
    fn drop(&mut self) {
        wipe(self.0.buffers());
    }
}

fn wipe(buffers: &mut dyn Buffers) {
    buffers.output().zeroize();
    // What came in and is not consumed stands before the free part; once consumed, all is free.
    let unread = buffers.input().len();
    buffers.input_consume(unread);
    buffers.input_append_buf().zeroize();
}

#[cfg(test)]
mod tests {
    use super::*;
    use ureq::unversioned::transport::LazyBuffers;

    #[test]
    fn what_went_out_and_what_came_in_is_wiped() {
        let mut buffers = LazyBuffers::new(32, 32);
        buffers.output()[..6].copy_from_slice(b"secret");
        buffers.input_append_buf()[..11].copy_from_slice(b"status,token"[..11].as_ref());
        buffers.input_appended(11);
        buffers.input_consume(7);
        wipe(&mut buffers);
        assert!(buffers.output().iter().all(|byte| *byte == 0));
        assert!(buffers.input().is_empty() && buffers.input_append_buf().iter().all(|byte| *byte == 0));
        assert_eq!(buffers.input_append_buf().len(), 32, "all of it");
    }
}
