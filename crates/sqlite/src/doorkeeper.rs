//! Who gets into a cache that is full.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// Lets in who has asked before, not long ago.
///
/// Whoever is read once among very many would only drive out another one who is read once, at the
/// price of moving both through memory. So when there is no room, the first time counts for nothing.
pub(crate) struct Doorkeeper {
    /// A part of the hash of who asked last of all who share a slot.
    slots: Box<[AtomicU32]>,
    /// How many bytes the cache may take.
    room: u64,
    is_full: AtomicBool,
}

impl Doorkeeper {
    /// There is a slot for about each user who has room.
    const BYTES_PER_SLOT: usize = 1024;

    /// As long as there is room it is looked how much, by one of so many.
    const LOOKS: u64 = 16;

    /// Before a cache that may take so many bytes.
    pub(crate) fn new(bytes: usize) -> Self {
        let slots = (bytes / Self::BYTES_PER_SLOT).max(1);
        Self {
            slots: (0..slots).map(|_| AtomicU32::new(0)).collect(),
            room: u64::try_from(bytes).unwrap_or(u64::MAX),
            is_full: AtomicBool::new(false),
        }
    }

    /// Whether who has this hash is let in; `taken` says how many bytes are taken.
    pub(crate) fn admits(&self, hash: u64, taken: impl FnOnce() -> u64) -> bool {
        let (own, rest) = (hash >> 32, hash & u64::from(u32::MAX));
        if !self.is_full.load(Ordering::Relaxed) {
            // Some are driven out before all of the room is taken.
            if own % Self::LOOKS == 0 && taken() >= self.room - self.room / 8 {
                self.is_full.store(true, Ordering::Relaxed);
            }
            return true;
        }
        let slots = u64::try_from(self.slots.len()).unwrap_or(u64::MAX);
        let slot = usize::try_from(rest % slots).unwrap_or(0);
        let own = u32::try_from(own).unwrap_or(0);
        self.slots[slot].swap(own, Ordering::Relaxed) == own
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn while_there_is_room_everybody_is_let_in() {
        let doorkeeper = Doorkeeper::new(1 << 20);
        assert!((0..1000_u64).all(|number| doorkeeper.admits(number << 32, || 1000)));
    }

    #[test]
    fn without_room_who_comes_again_soon_is_let_in() {
        let doorkeeper = Doorkeeper::new(1 << 20);
        assert!(doorkeeper.admits(0, || 1 << 20));
        let hash = |number: u64| number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        assert!(!doorkeeper.admits(hash(1), || 1 << 20));
        assert!(doorkeeper.admits(hash(1), || 1 << 20));
        let admitted = (2..100_000).filter(|number| doorkeeper.admits(hash(*number), || 1 << 20));
        assert_eq!(admitted.count(), 0);
        assert!(!doorkeeper.admits(hash(1), || 1 << 20), "that was long ago");
    }
}
