//! The store through its public face, over a real server.

#[cfg(test)]
mod common;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod copy;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod nodes;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod silence;
