//! The hashing threads and their queue. What a thread computes is [`super::engine`]'s.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread::{self, JoinHandle},
};

use tokio::sync::oneshot;

use super::{
    HashError, HashSettings,
    engine::Engine,
    places::{Claim, Permit, Places},
};

type Job = Box<dyn FnOnce(&mut Engine) + Send>;

/// From this memory on, in KiB, a hash keeps a core for long enough to make way for other requests. The settings of a server
/// are far above it; on a busy machine a cheaper hash would wait for its turn a hundred times as long as it takes.
const WORTH_YIELDING: u32 = 1_024;

/// Threads that end, and are waited for, when this is dropped.
pub(super) struct Threads {
    /// Taken when dropped; that ends the threads.
    queue: Option<SyncSender<Job>>,
    handles: Vec<JoinHandle<()>>,
    places: Arc<Places>,
    computed: Arc<AtomicU64>,
}

/// A turn in the queue, promised, for one piece of work after the other. It is given back when it is dropped, and what
/// was asked for is done or skipped.
pub(super) struct Place {
    threads: Arc<Threads>,
    permit: Arc<Permit>,
}

impl Threads {
    pub(super) fn start(settings: &HashSettings) -> Self {
        let threads = settings.threads.max(1);
        // Those whose hash is being computed hold their places too. So there is room in the queue for everyone with a place.
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
                    .expect("the system gives a few threads at the start")
            })
            .collect();
        Self { queue: Some(sender), handles, places: Arc::new(Places::new(capacity)), computed }
    }

    /// A place in the queue.
    pub(super) fn reserve(self: &Arc<Self>, claim: Claim) -> Result<Place, HashError> {
        Ok(Place { threads: Arc::clone(self), permit: Arc::new(self.places.take(claim)?) })
    }

    /// How many hashes were begun so far.
    pub(super) fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    /// The places of the queue.
    pub(super) fn places(&self) -> &Places {
        &self.places
    }
}

impl Place {
    /// Has a thread do `work`, and waits for the result. A caller that stops waiting is skipped when its turn comes.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Engine) -> T + Send + 'static,
    ) -> Result<T, HashError> {
        let (reply, answer) = oneshot::channel();
        // Work that is left behind keeps its place until it is skipped, so that the queue has room for all who hold one.
        let permit = Arc::clone(&self.permit);
        let job: Job = Box::new(move |engine| {
            if !reply.is_closed() {
                let result = work(engine);
                drop(permit);
                // A caller that left meanwhile has no use for the result.
                let _ = reply.send(result);
            }
        });
        self.threads.queue.as_ref().ok_or(HashError::Stopped)?.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => HashError::Busy,
            TrySendError::Disconnected(_) => HashError::Stopped,
        })?;
        answer.await.map_err(|_| HashError::Stopped)
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.queue = None;
        for handle in self.handles.drain(..) {
            // A thread that panicked has already said so.
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
        // A panic must not take a thread away for good. Its caller hears that hashing stopped; the memory is overwritten
        // by the next hash.
        let _ = catch_unwind(AssertUnwindSafe(|| job(&mut engine)));
    }
}

/// The lowest priority, so that other requests come first on a busy machine. On Linux a thread has its own; elsewhere
/// the call would concern the whole process, so it is left out.
fn yield_to_others() {
    #[cfg(target_os = "linux")]
    {
        // Where that is forbidden, hashing works at the usual priority.
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

    /// Work that says when it begins and goes on until told otherwise, and the two ends to do that with.
    fn gated() -> (impl FnOnce(&mut Engine) + Send, Receiver<()>, std::sync::mpsc::Sender<()>) {
        let (begun, begins) = channel();
        let (open, gate) = channel();
        let work = move |_: &mut Engine| {
            begun.send(()).unwrap();
            gate.recv().unwrap();
        };
        (work, begins, open)
    }

    #[tokio::test]
    async fn refuses_at_once_what_does_not_fit() {
        let threads = one_thread(2);
        let (work, begins, open) = gated();
        let mut first = pin!(run(&threads, work));
        assert!(poll(first.as_mut()).is_pending());
        begins.recv().unwrap();
        let (mut second, mut third) = (pin!(run(&threads, |_| 2)), pin!(run(&threads, |_| 3)));
        assert!(poll(second.as_mut()).is_pending());
        assert!(poll(third.as_mut()).is_pending());
        assert_eq!(poll(pin!(run(&threads, |_| 4))), Poll::Ready(Err(HashError::Busy)));
        open.send(()).unwrap();
        assert_eq!((first.await, second.await, third.await), (Ok(()), Ok(2), Ok(3)));
        assert_eq!(run(&threads, |_| 5).await, Ok(5));
    }

    #[tokio::test]
    async fn skips_callers_who_left() {
        static DONE: AtomicBool = AtomicBool::new(false);
        let threads = one_thread(2);
        let (work, begins, open) = gated();
        let mut first = pin!(run(&threads, work));
        assert!(poll(first.as_mut()).is_pending());
        begins.recv().unwrap();
        {
            let mut left = pin!(run(&threads, |_| DONE.store(true, Ordering::SeqCst)));
            assert!(poll(left.as_mut()).is_pending());
        }
        open.send(()).unwrap();
        assert_eq!(run(&threads, |_| 3).await, Ok(3));
        assert!(!DONE.load(Ordering::SeqCst));
    }

    #[tokio::test]
    async fn survives_a_panic() {
        let threads = one_thread(1);
        let lost: Result<(), _> = run(&threads, |_| panic!("on purpose")).await;
        assert_eq!(lost, Err(HashError::Stopped));
        assert_eq!(run(&threads, |_| 1).await, Ok(1));
    }

    #[tokio::test]
    async fn ends_with_its_owner() {
        thread_local! {
            /// Dropped when the thread ends.
            static LIFE: std::cell::RefCell<Option<std::sync::mpsc::Sender<()>>> = const { std::cell::RefCell::new(None) };
        }
        let threads = one_thread(1);
        let (life, end) = channel();
        run(&threads, move |_| LIFE.with(|it| it.replace(Some(life)))).await.unwrap();
        assert_eq!(end.try_recv(), Err(std::sync::mpsc::TryRecvError::Empty));
        drop(threads);
        assert_eq!(end.try_recv(), Err(std::sync::mpsc::TryRecvError::Disconnected));
    }
}
