//! The hashing threads and their queue. [`super::engine`] does the computation.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread::{self, JoinHandle},
    time::Instant,
};

use fieldguard_trace::{StepKind, record};
use tokio::sync::oneshot;

use super::{
    HashError, HashSettings,
    engine::Engine,
    places::{Claim, Permit, Places},
};

type Job = Box<dyn FnOnce(&mut Engine) + Send>;

/// The memory of a hash, in KiB, from which the threads run at the lowest priority: such a hash occupies a core long
/// enough to delay other requests. Production settings are far above it. On a busy machine, a cheaper hash would wait
/// for a hundred times its own time.
const WORTH_YIELDING: u32 = 1_024;

/// The hashing threads. Drop stops them and waits for them.
pub(super) struct Threads {
    /// `None` stops the threads.
    queue: Option<SyncSender<Job>>,
    handles: Vec<JoinHandle<()>>,
    places: Arc<Places>,
    computed: Arc<AtomicU64>,
}

/// A reserved place in the queue, for several operations in sequence. Drop releases it when the running operation is
/// done or skipped.
pub(super) struct Place {
    threads: Arc<Threads>,
    permit: Arc<Permit>,
}

impl Threads {
    pub(super) fn start(settings: &HashSettings) -> Self {
        let threads = settings.threads.max(1);
        // A hash in computation holds its place too, so the queue has room for every place.
        let capacity = settings.queue + threads;
        let (sender, receiver) = sync_channel(capacity);
        let receiver = Arc::new(Mutex::new(receiver));
        let computed = Arc::<AtomicU64>::default();
        let handles = (0..threads)
            .map(|number| {
                let engine = Engine::new(settings, Arc::clone(&computed));
                let receiver = Arc::clone(&receiver);
                let yields = settings.memory_kib >= WORTH_YIELDING;
                thread::Builder::new()
                    .name(format!("hasher-{number}"))
                    .spawn(move || work(engine, &receiver, yields))
                    .expect("the system provides a few threads at the start")
            })
            .collect();
        Self { queue: Some(sender), handles, places: Arc::new(Places::new(capacity)), computed }
    }

    /// Takes a place in the queue.
    pub(super) fn reserve(self: &Arc<Self>, claim: Claim) -> Result<Place, HashError> {
        Ok(Place { threads: Arc::clone(self), permit: Arc::new(self.places.take(claim)?) })
    }

    /// The number of hashes begun so far.
    pub(super) fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    /// The places of the queue.
    pub(super) fn places(&self) -> &Places {
        &self.places
    }
}

impl Place {
    /// Runs `work` on a thread and waits for the result. Work of a caller that stopped waiting is skipped.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Engine) -> T + Send + 'static,
    ) -> Result<T, HashError> {
        let (reply, answer) = oneshot::channel();
        // Abandoned work keeps its place until it is skipped, so that the queue has room for every place.
        let permit = Arc::clone(&self.permit);
        let job: Job = Box::new(move |engine| {
            if !reply.is_closed() {
                let result = work(engine);
                drop(permit);
                // A caller that stopped waiting does not need the result.
                let _ = reply.send(result);
            }
        });
        self.threads.queue.as_ref().ok_or(HashError::Stopped)?.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => HashError::Busy,
            TrySendError::Disconnected(_) => HashError::Stopped,
        })?;
        let began = Instant::now();
        let result = answer.await.map_err(|_| HashError::Stopped);
        record(StepKind::PasswordHash, began, result.is_err());
        result
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.queue = None;
        for handle in self.handles.drain(..) {
            // A thread that panicked has already logged it.
            let _ = handle.join();
        }
    }
}

fn work(mut engine: Engine, queue: &Mutex<Receiver<Job>>, yields: bool) {
    if yields {
        yield_to_others();
    }
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        // A panic must not stop a thread. Its caller gets [`HashError::Stopped`], and the next hash overwrites the
        // memory.
        let _ = catch_unwind(AssertUnwindSafe(|| job(&mut engine)));
    }
}

/// Sets the lowest priority, so that other requests come first on a busy machine. On Linux each thread has its own
/// priority. Elsewhere the call would affect the whole process, so it is omitted.
fn yield_to_others() {
    #[cfg(target_os = "linux")]
    {
        // If it is forbidden, the threads run at the usual priority.
        let _ = rustix::process::setpriority_process(None, 19);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::Future,
        pin::pin,
        sync::{atomic::AtomicBool, mpsc::channel},
        task::{Context, Poll, Waker},
    };

    use super::*;

    fn one_thread(queue: usize) -> Arc<Threads> {
        Arc::new(Threads::start(&HashSettings { memory_kib: 64, iterations: 1, parallelism: 1, threads: 1, queue }))
    }

    async fn run<T: Send + 'static>(
        threads: &Arc<Threads>,
        work: impl FnOnce(&mut Engine) -> T + Send + 'static,
    ) -> Result<T, HashError> {
        threads.reserve(Claim::KNOWN)?.run(work).await
    }

    fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    /// Work that reports its start and waits for permission to finish, with both channels.
    fn gated() -> (impl FnOnce(&mut Engine) + Send, Receiver<()>, std::sync::mpsc::Sender<()>) {
        let (started, starts) = channel();
        let (open, gate) = channel();
        let work = move |_: &mut Engine| {
            started.send(()).unwrap();
            gate.recv().unwrap();
        };
        (work, starts, open)
    }

    #[tokio::test]
    async fn work_over_the_capacity_is_refused_at_once() {
        let threads = one_thread(2);
        let (work, starts, open) = gated();
        let mut first = pin!(run(&threads, work));
        assert!(poll(first.as_mut()).is_pending());
        starts.recv().unwrap();
        let (mut second, mut third) = (pin!(run(&threads, |_| 2)), pin!(run(&threads, |_| 3)));
        assert!(poll(second.as_mut()).is_pending());
        assert!(poll(third.as_mut()).is_pending());
        assert_eq!(poll(pin!(run(&threads, |_| 4))), Poll::Ready(Err(HashError::Busy)));
        open.send(()).unwrap();
        assert_eq!((first.await, second.await, third.await), (Ok(()), Ok(2), Ok(3)));
        assert_eq!(run(&threads, |_| 5).await, Ok(5));
    }

    #[tokio::test]
    async fn work_of_a_dropped_caller_is_skipped() {
        static DONE: AtomicBool = AtomicBool::new(false);
        let threads = one_thread(2);
        let (work, starts, open) = gated();
        let mut first = pin!(run(&threads, work));
        assert!(poll(first.as_mut()).is_pending());
        starts.recv().unwrap();
        {
            let mut left = pin!(run(&threads, |_| DONE.store(true, Ordering::SeqCst)));
            assert!(poll(left.as_mut()).is_pending());
        }
        open.send(()).unwrap();
        assert_eq!(run(&threads, |_| 3).await, Ok(3));
        assert!(!DONE.load(Ordering::SeqCst));
    }

    #[tokio::test]
    async fn a_panic_does_not_stop_the_thread() {
        let threads = one_thread(1);
        let lost: Result<(), _> = run(&threads, |_| panic!("on purpose")).await;
        assert_eq!(lost, Err(HashError::Stopped));
        assert_eq!(run(&threads, |_| 1).await, Ok(1));
    }

    #[tokio::test]
    async fn threads_stop_when_the_owner_is_dropped() {
        thread_local! {
            /// Dropped with the thread.
            static LIFE: std::cell::RefCell<Option<std::sync::mpsc::Sender<()>>> = const { std::cell::RefCell::new(None) };
        }
        let threads = one_thread(1);
        let (life, end) = channel();
        run(&threads, move |_| LIFE.with(|cell| cell.replace(Some(life)))).await.unwrap();
        assert_eq!(end.try_recv(), Err(std::sync::mpsc::TryRecvError::Empty));
        drop(threads);
        assert_eq!(end.try_recv(), Err(std::sync::mpsc::TryRecvError::Disconnected));
    }
}
