//! Writes lines from a dedicated thread, so that logging never waits for a disk, a pipe or a terminal, and never fails
//! because of one. Lines wait in a bounded channel. A line that finds the channel full, or that cannot be written, is
//! dropped and counted. The next line is tried again, so logging resumes when, for example, a full disk has space
//! again.
//!
//! The `NonBlocking` writer of tracing-appender does not count lines whose write failed, and after a partial write it
//! appends the next line to the rest.

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

/// How long to wait before a retry when a non-blocking output is full, and when the channel is full during a flush.
const RETRY: Duration = Duration::from_millis(5);

/// The sending half. The thread stops when this is dropped and all earlier lines are written.
#[derive(Debug)]
pub struct Lines {
    messages: SyncSender<Message>,
    dropped: Arc<AtomicU64>,
}

#[derive(Debug)]
enum Message {
    Line(Box<[u8]>),
    /// Answered when all earlier lines are written or dropped.
    Flush(SyncSender<()>),
}

impl Lines {
    /// Writes to standard error.
    #[must_use]
    pub fn to_stderr() -> Self {
        Self::to(unbuffered(io::stderr()))
    }

    /// Writes to standard output.
    #[must_use]
    pub fn to_stdout() -> Self {
        Self::to(unbuffered(io::stdout()))
    }

    /// Writes to `output`, one line per call of `write` unless that is partial.
    #[must_use]
    pub fn to(output: impl Write + Send + 'static) -> Self {
        Self::with_capacity(CAPACITY, output)
    }

    fn with_capacity(capacity: usize, output: impl Write + Send + 'static) -> Self {
        let (messages, received) = sync_channel(capacity);
        let dropped = Arc::<AtomicU64>::default();
        let mut writer = Writer { output, mid_line: false, dropped: Arc::clone(&dropped) };
        // If the thread cannot start, the channel has no receiver: every line is dropped and counted.
        let _ = thread::Builder::new().name("log".to_owned()).spawn(move || writer.run(&received));
        Self { messages, dropped }
    }

    /// Queues `line`, which must end with a line break.
    pub fn send(&self, line: &[u8]) {
        if self.messages.try_send(Message::Line(line.into())).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits, at most for `patience`, until all earlier lines are written or dropped. Returns whether they are.
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

    /// How many lines have been dropped so far.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

/// Each write must be one line, as tracing-subscriber writes events.
impl Write for &Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.send(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The stream without the library's buffer and lock, so that a blocked write does not block the rest of the process.
fn unbuffered(stream: impl AsFd + Write + Send + 'static) -> Box<dyn Write + Send> {
    match stream.as_fd().try_clone_to_owned() {
        Ok(descriptor) => Box::new(File::from(descriptor)),
        Err(_) => Box::new(stream),
    }
}

struct Writer<W> {
    output: W,
    /// Whether the last write ended within a line.
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
        // Ends a partially written line, so that the next one stays intact.
        let written = if self.mid_line { self.write(&[b"\n", line].concat()) } else { self.write(line) };
        if !written {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Writes all of `bytes`. Returns whether that succeeded.
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

    /// Longer than anything takes in these tests.
    const BOUND: Duration = Duration::from_mins(1);

    /// The results of the next writes. After them, writes succeed.
    type Steps = Vec<io::Result<usize>>;

    /// An output with scripted results, and the bytes written to it.
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
        let log = Lines::to(script.clone());
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
    fn a_partially_written_line_is_not_joined_with_the_next() {
        let full = || Err(ErrorKind::StorageFull.into());
        let script = Script::new(vec![Ok(2), full(), full(), Ok(1), full()]);
        assert_eq!(written(&script, &["one\n", "two\n", "three\n", "four\n"]), 3);
        // Of "three" only the line break in front of it was written.
        assert_eq!(script.text(), "on\nfour\n");
    }

    #[test]
    fn short_writes_and_a_full_non_blocking_pipe_lose_nothing() {
        let script =
            Script::new(vec![Ok(1), Err(ErrorKind::WouldBlock.into()), Err(ErrorKind::Interrupted.into()), Ok(2)]);
        assert_eq!(written(&script, &["one\n", "two\n"]), 0);
        assert_eq!(script.text(), "one\ntwo\n");
    }

    /// Blocks each write until the test allows it.
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
        // Two are queued, and the thread may hold a third.
        assert!((7..=8).contains(&log.dropped()), "{}", log.dropped());
        assert!(!log.flush(Duration::ZERO), "nothing was written");
        drop(open);
        assert!(log.flush(BOUND));
        let lines = u64::try_from(script.text().lines().count()).unwrap();
        assert_eq!(lines + log.dropped(), 10);
    }
}
