//! The store through its public face, over real files.

#[cfg(test)]
mod cache;
#[cfg(test)]
mod change_buffer;
#[cfg(test)]
mod common;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod migration;
#[cfg(test)]
mod opening;
#[cfg(test)]
mod processes;
#[cfg(test)]
mod queue;
#[cfg(test)]
mod search;
#[cfg(test)]
mod webhooks;
