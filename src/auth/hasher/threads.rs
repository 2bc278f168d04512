//! The hashing threads and their queue. What a thread computes is [`super::engine`]'s.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread::{self, JoinHandle},
};

use tokio::sync::oneshot;

use super::{HashError, HashSettings, engine::Engine};

type Job = Box<dyn FnOnce(&mut Engine) + Send>;

/// Threads that end, and are waited for, when this is dropped.
pub(super) struct Threads {
    /// Taken when dropped; that ends the threads.
    queue: Option<SyncSender<Job>>,
    handles: Vec<JoinHandle<()>>,
}

impl Threads {
    pub(super) fn start(settings: &HashSettings) -> Self {
        let (sender, receiver) = sync_channel(settings.queue);
        let receiver = Arc::new(Mutex::new(receiver));
        let handles = (0..settings.threads.max(1))
            .map(|number| {
                let (engine, receiver) = (Engine::new(settings), Arc::clone(&receiver));
                thread::Builder::new()
                    .name(format!("hasher-{number}"))
                    .spawn(move || work(engine, &receiver))
                    .expect("the system gives a few threads at the start")
            })
            .collect();
        Self { queue: Some(sender), handles }
    }

    /// Has a thread do `work`, and waits for the result. A caller that stops waiting is skipped when its turn comes.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Engine) -> T + Send + 'static,
    ) -> Result<T, HashError> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |engine| {
            if !reply.is_closed() {
                // A caller that left meanwhile has no use for the result.
                let _ = reply.send(work(engine));
            }
        });
        self.queue.as_ref().ok_or(HashError::Stopped)?.try_send(job).map_err(|error| match error {
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

fn work(mut engine: Engine, queue: &Mutex<Receiver<Job>>) {
    yield_to_others();
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
