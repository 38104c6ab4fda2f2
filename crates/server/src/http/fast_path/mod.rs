//! Answering the most frequent requests where their bytes arrive.
//!
//! hyper and axum read a request into structures that any handler can use, which takes more time
//! than looking a user up. So a [`FastPathStream`] lies between hyper and the socket. It looks at
//! each request first: one that an operation can [answer at once](answer::AtOnce) it answers itself, with
//! nothing allocated in between; every other one it hands to hyper, byte by byte as it came. What
//! is unusual in any way is not for it, so hyper and the handlers decide what that means.
//!
//! It never answers a request before hyper has answered those that came earlier, so a client that
//! does not wait for answers gets them in their order.

mod answer;
mod head;
mod progress;
mod stream;

pub(crate) use answer::{Answered, Operations};
pub(crate) use head::Head;
pub(super) use progress::{Progress, Watched};
pub(super) use stream::FastPathStream;
