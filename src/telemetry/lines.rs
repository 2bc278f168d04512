//! Writes lines from a thread of its own, so that the code that logs never waits for a disk, a pipe or a terminal, and never
//! fails because of one. Lines wait in a bounded channel. A line that finds the channel full, or that cannot be written, is
//! dropped and counted. The next line is tried again, so a disk that has space again receives lines again.
//!
//! tracing-appender's `NonBlocking` is close to this and not enough: it does not count lines whose write failed, and after a
//! write that broke off within a line it appends the next line to the rest.

use std::{
    fs::File,
    io::{self, ErrorKind, Write},
    os::fd::AsFd,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

/// How many lines may wait: enough for a burst, and a few MiB at most.
const CAPACITY: usize = 4_096;

/// How long to wait for an output that is full and does not block, and for room in the channel when flushing.
const RETRY: Duration = Duration::from_millis(5);

/// The sending half. The thread ends when this is dropped and everything before it is written.
#[derive(Debug)]
pub struct Lines {
    messages: SyncSender<Message>,
    dropped: Arc<AtomicU64>,
}

#[derive(Debug)]
enum Message {
    Line(Box<[u8]>),
    /// Answered when every line before it is written or dropped.
    Flush(SyncSender<()>),
}

impl Lines {
    /// Writes to standard error.
    #[must_use]
    pub fn to_stderr() -> Self {
        Self::start(unbuffered(io::stderr()))
    }

    /// Writes to standard output.
    #[must_use]
    pub fn to_stdout() -> Self {
        Self::start(unbuffered(io::stdout()))
    }

    fn start(output: impl Write + Send + 'static) -> Self {
        Self::with_capacity(CAPACITY, output)
    }

    fn with_capacity(capacity: usize, output: impl Write + Send + 'static) -> Self {
        let (messages, received) = sync_channel(capacity);
        let dropped = Arc::<AtomicU64>::default();
        let mut writer = Writer { output, mid_line: false, dropped: Arc::clone(&dropped) };
        // Without the thread the channel has no receiver: every line is dropped and counted.
        let _ = thread::Builder::new().name("log".to_owned()).spawn(move || writer.run(&received));
        Self { messages, dropped }
    }

    /// Queues `line`, which ends with a line break.
    pub fn send(&self, line: &[u8]) {
        if self.messages.try_send(Message::Line(line.into())).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits, at most for `patience`, until every line queued before is written or dropped. Returns whether it is.
    #[must_use]
    pub fn flush(&self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        let (done, flushed) = sync_channel(1);
        let mut message = Message::Flush(done);
        loop {
            message = match self.messages.try_send(message) {
                Ok(()) => return flushed.recv_timeout(deadline.saturating_duration_since(Instant::now())).is_ok(),
                Err(TrySendError::Full(message)) if Instant::now() < deadline => message,
                Err(_) => return false,
            };
            thread::sleep(RETRY);
        }
    }

    /// How many lines were dropped so far.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

/// Each write is one line, as tracing-subscriber writes events.
impl Write for &Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.send(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The stream without the library's buffer and lock: while a write to it blocks, nothing else in the process waits for it.
fn unbuffered(stream: impl AsFd + Write + Send + 'static) -> Box<dyn Write + Send> {
    match stream.as_fd().try_clone_to_owned() {
        Ok(descriptor) => Box::new(File::from(descriptor)),
        Err(_) => Box::new(stream),
    }
}

struct Writer<W> {
    output: W,
    /// Whether the last byte written is within a line.
    mid_line: bool,
    dropped: Arc<AtomicU64>,
}

impl<W: Write> Writer<W> {
    fn run(&mut self, messages: &Receiver<Message>) {
        for message in messages {
            match message {
                Message::Line(line) => self.write_line(&line),
                Message::Flush(done) => drop(done.send(())),
            }
        }
    }

    fn write_line(&mut self, line: &[u8]) {
        // A line that broke off ends here, so that the next one stays whole.
        let written = if self.mid_line { self.write(&[b"\n", line].concat()) } else { self.write(line) };
        if !written {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Writes all of `bytes`. Returns whether it could.
    fn write(&mut self, mut bytes: &[u8]) -> bool {
        while !bytes.is_empty() {
            match self.output.write(bytes) {
                Ok(0) => return false,
                Ok(count) => {
                    let (written, rest) = bytes.split_at(count);
                    self.mid_line = !written.ends_with(b"\n");
                    bytes = rest;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // Another process made the pipe or terminal non-blocking. It is full, not broken.
                Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(RETRY),
                Err(_) => return false,
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, mpsc};

    use super::*;

    /// Longer than anything here takes.
    const BOUND: Duration = Duration::from_mins(1);

    /// What the next writes do; when they run out, writes succeed.
    type Steps = Vec<io::Result<usize>>;

    /// An output that fails as its steps say, and what was written to it.
    #[derive(Default, Clone)]
    struct Script(Arc<Mutex<(Steps, Vec<u8>)>>);

    impl Script {
        fn new(mut steps: Steps) -> Self {
            steps.reverse();
            Self(Arc::new(Mutex::new((steps, Vec::new()))))
        }

        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().1.clone()).unwrap()
        }
    }

    impl Write for Script {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let (steps, text) = &mut *self.0.lock().unwrap();
            let count = steps.pop().unwrap_or(Ok(bytes.len()))?.min(bytes.len());
            text.extend_from_slice(&bytes[..count]);
            Ok(count)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(script: &Script, lines: &[&str]) -> u64 {
        let log = Lines::start(script.clone());
        for line in lines {
            log.send(line.as_bytes());
        }
        assert!(log.flush(BOUND));
        log.dropped()
    }

    #[test]
    fn a_failed_write_drops_its_line_and_the_next_is_tried() {
        for kind in [ErrorKind::BrokenPipe, ErrorKind::StorageFull, ErrorKind::Other] {
            let script = Script::new(vec![Err(kind.into()), Err(kind.into())]);
            assert_eq!(written(&script, &["a\n", "b\n", "c\n"]), 2);
            assert_eq!(script.text(), "c\n");
        }
    }

    #[test]
    fn a_line_that_breaks_off_is_not_joined_with_the_next() {
        let full = || Err(ErrorKind::StorageFull.into());
        let script = Script::new(vec![Ok(2), full(), full(), Ok(1), full()]);
        assert_eq!(written(&script, &["one\n", "two\n", "three\n", "four\n"]), 3);
        // Of "three" only the line break in front of it was written.
        assert_eq!(script.text(), "on\nfour\n");
    }

    #[test]
    fn short_writes_and_a_full_pipe_that_does_not_block_lose_nothing() {
        let script =
            Script::new(vec![Ok(1), Err(ErrorKind::WouldBlock.into()), Err(ErrorKind::Interrupted.into()), Ok(2)]);
        assert_eq!(written(&script, &["one\n", "two\n"]), 0);
        assert_eq!(script.text(), "one\ntwo\n");
    }

    /// Writes when the test lets it.
    struct Gated(Receiver<()>, Script);

    impl Write for Gated {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.0.recv();
            self.1.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_blocked_output_does_not_block_senders_and_drops_are_counted() {
        let (open, gate) = mpsc::channel();
        let script = Script::default();
        let log = Lines::with_capacity(2, Gated(gate, script.clone()));
        for _ in 0..10 {
            log.send(b"line\n");
        }
        // Two wait, and a third may be with the thread.
        assert!((7..=8).contains(&log.dropped()), "{}", log.dropped());
        assert!(!log.flush(Duration::ZERO), "nothing was written");
        drop(open);
        assert!(log.flush(BOUND));
        let lines = u64::try_from(script.text().lines().count()).unwrap();
        assert_eq!(lines + log.dropped(), 10);
    }
}
