//! Writes lines from a dedicated thread, so that logging never waits for a disk, a pipe or a terminal, and never fails
//! because of one. Lines wait in a bounded channel. A line that finds the channel full, or that cannot be written, is
//! dropped and counted. The next line is tried again, so logging resumes when, for example, a full disk has space
//! again.
//!
//! After each write the thread pauses, so that under load one write has many lines: waking the thread for each would cost a
//! request more than its line.
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

/// How long lines are gathered after a write.
const PAUSE: Duration = Duration::from_millis(5);

/// How many bytes one write has at most, unless a single line is longer.
const MAX_WRITE: usize = 64 * 1_024;

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

    /// Writes to `output`.
    #[must_use]
    pub fn to(output: impl Write + Send + 'static) -> Self {
        Self::with_capacity(CAPACITY, output)
    }

    fn with_capacity(capacity: usize, output: impl Write + Send + 'static) -> Self {
        let (messages, received) = sync_channel(capacity);
        let dropped = Arc::<AtomicU64>::default();
        let mut writer = Writer { output, cut: Cut::None, dropped: Arc::clone(&dropped) };
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
    cut: Cut,
    dropped: Arc<AtomicU64>,
}

/// Whether the output ends within a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    None,
    /// The rest of the line is still to be written.
    Continues,
    /// The rest of the line was dropped: a line break comes before the next one, so that it stays intact.
    Broken,
}

impl<W: Write> Writer<W> {
    fn run(&mut self, messages: &Receiver<Message>) {
        let mut lines = Vec::new();
        while let Ok(message) = messages.recv() {
            let mut next = Some(message);
            while let Some(message) = next {
                match message {
                    Message::Line(line) => lines.extend_from_slice(&line),
                    Message::Flush(done) => {
                        self.write(&mut lines);
                        // Who waits for this may have stopped waiting.
                        let _ = done.send(());
                    }
                }
                next = if lines.len() < MAX_WRITE { messages.try_recv().ok() } else { None };
            }
            let is_full = lines.len() >= MAX_WRITE;
            self.write(&mut lines);
            if !is_full {
                thread::sleep(PAUSE);
            }
        }
    }

    /// Writes the lines, except those that fail, and empties `lines`.
    fn write(&mut self, lines: &mut Vec<u8>) {
        let mut rest = lines.as_slice();
        while !rest.is_empty() {
            match self.write_some(rest) {
                Ok(count) if count > 0 => {
                    let (written, unwritten) = rest.split_at(count);
                    self.cut = if written.ends_with(b"\n") { Cut::None } else { Cut::Continues };
                    rest = unwritten;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // Another process made the pipe or terminal non-blocking. It is full, not broken.
                Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(RETRY),
                Ok(_) | Err(_) => rest = self.drop_line(rest),
            }
        }
        lines.clear();
    }

    /// Returns how many bytes of `lines` were written.
    fn write_some(&mut self, lines: &[u8]) -> io::Result<usize> {
        if self.cut == Cut::Broken && self.output.write(b"\n")? > 0 {
            self.cut = Cut::None;
        }
        if self.cut == Cut::Broken { Ok(0) } else { self.output.write(lines) }
    }

    /// The lines after the first one, which is dropped.
    fn drop_line<'a>(&mut self, lines: &'a [u8]) -> &'a [u8] {
        self.dropped.fetch_add(1, Ordering::Relaxed);
        if self.cut == Cut::Continues {
            self.cut = Cut::Broken;
        }
        let end = lines.iter().position(|byte| *byte == b'\n').map_or(lines.len(), |end| end + 1);
        &lines[end..]
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

    /// Tells that a write began, and blocks it until the test allows it.
    struct Gated {
        began: mpsc::Sender<()>,
        gate: Receiver<()>,
        script: Script,
    }

    impl Write for Gated {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.began.send(());
            let _ = self.gate.recv();
            self.script.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_blocked_output_does_not_block_senders_and_drops_are_counted() {
        let (open, gate) = mpsc::channel();
        let (began, begins) = mpsc::channel();
        let script = Script::default();
        let log = Lines::with_capacity(2, Gated { began, gate, script: script.clone() });
        log.send(b"0\n");
        begins.recv_timeout(BOUND).unwrap();
        for line in 1..=10 {
            log.send(format!("{line}\n").as_bytes());
        }
        assert_eq!(log.dropped(), 8, "two wait");
        assert!(!log.flush(Duration::ZERO), "nothing was written");
        drop(open);
        assert!(log.flush(BOUND));
        assert_eq!(script.text(), "0\n1\n2\n");
        assert_eq!(begins.try_iter().count(), 1, "lines that wait together are written together");
    }
}
