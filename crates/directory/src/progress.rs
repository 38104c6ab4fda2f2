//! How far the messages of an account have come on their way to an endpoint.

use std::ops::Range;

use crate::{EndpointStatus, MessageNumber};

/// How far the messages of an account have come on their way to an endpoint, and which it is not
/// sent because it was not enabled when they were told.
///
/// Those are the messages of one gap: from when it was last disabled until it was enabled again.
/// What was told before that waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// All messages before this one were tried, are not for it, or are passed over.
    pub cursor: MessageNumber,
    /// The account's next message when it was last disabled; none if it never was.
    pub paused_at: Option<MessageNumber>,
    /// The account's next message when it was enabled again; none as long as it is not.
    pub resumed_at: Option<MessageNumber>,
}

impl Progress {
    /// That of a new endpoint, when `next` is the account's next message.
    #[must_use]
    pub fn begin(status: EndpointStatus, next: MessageNumber) -> Self {
        let paused_at = (status != EndpointStatus::Enabled).then_some(next);
        Self { cursor: next, paused_at, resumed_at: None }
    }

    /// Notes what has become of the endpoint's status, when `next` is the account's next message.
    ///
    /// There is one gap only. If the endpoint is disabled before its cursor has come past an
    /// earlier one, the messages of that are sent, too: rather more than less.
    pub fn follow(&mut self, before: EndpointStatus, after: EndpointStatus, next: MessageNumber) {
        match (before == EndpointStatus::Enabled, after == EndpointStatus::Enabled) {
            (true, false) => (self.paused_at, self.resumed_at) = (Some(next), None),
            (false, true) => self.resumed_at = Some(next),
            (true, true) | (false, false) => {}
        }
    }

    /// The numbers of the messages that it was not sent because it was not enabled.
    #[must_use]
    pub fn gap(&self) -> Range<MessageNumber> {
        let Some(paused_at) = self.paused_at else { return MessageNumber::END..MessageNumber::END };
        paused_at..self.resumed_at.unwrap_or(MessageNumber::END)
    }

    /// The numbers from `from` on but for the gap, ascending.
    #[must_use]
    pub fn ahead(&self, from: MessageNumber) -> [Range<MessageNumber>; 2] {
        let gap = self.gap();
        [from..gap.start.max(from), from.max(gap.end)..MessageNumber::END]
    }

    /// The numbers of the messages that are not sent any more unless somebody asks for them,
    /// descending: those of the gap, and all before the cursor.
    #[must_use]
    pub fn behind(&self) -> [Range<MessageNumber>; 2] {
        let gap = self.gap();
        [gap.start.max(self.cursor)..gap.end.max(self.cursor), MessageNumber(i64::MIN)..self.cursor]
    }

    /// How many messages wait for their first attempt, those counted that turn out not to be for
    /// the endpoint, when `next` is the account's next message.
    #[must_use]
    pub fn untried(&self, next: MessageNumber) -> u64 {
        let length = |range: Range<MessageNumber>| {
            u64::try_from(range.end.min(next).0.saturating_sub(range.start.0)).unwrap_or(0)
        };
        self.ahead(self.cursor).into_iter().map(length).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EndpointStatus::{Disabled, Enabled, Failed};

    fn number(number: i64) -> MessageNumber {
        MessageNumber(number)
    }

    /// The numbers up to 20 that these ranges hold.
    fn within(ranges: &[Range<MessageNumber>]) -> Vec<i64> {
        let holds = |wanted: &i64| ranges.iter().any(|range| range.contains(&number(*wanted)));
        (1..=20).filter(holds).collect()
    }

    #[test]
    fn what_is_told_while_it_is_not_enabled_is_a_gap() {
        let mut progress = Progress::begin(Enabled, number(3));
        assert_eq!(within(&progress.ahead(progress.cursor)), (3..=20).collect::<Vec<_>>());
        assert_eq!((within(&progress.behind()), progress.untried(number(9))), (vec![1, 2], 6));
        progress.follow(Enabled, Failed, number(6));
        assert_eq!(within(&progress.ahead(progress.cursor)), [3, 4, 5]);
        assert_eq!(progress.untried(number(9)), 3);
        progress.follow(Failed, Disabled, number(7));
        progress.follow(Disabled, Enabled, number(9));
        let sent: Vec<_> = [3, 4, 5].into_iter().chain(9..=20).collect();
        assert_eq!(within(&progress.ahead(progress.cursor)), sent);
        assert_eq!(within(&progress.ahead(number(7))), (9..=20).collect::<Vec<_>>());
        assert_eq!(within(&progress.ahead(number(12))), (12..=20).collect::<Vec<_>>());
        assert_eq!(within(&progress.behind()), [1, 2, 6, 7, 8]);
        assert_eq!(progress.untried(number(11)), 5);
        progress.cursor = number(8);
        assert_eq!(within(&progress.behind()), (1..=8).collect::<Vec<_>>());
        assert_eq!(progress.untried(number(11)), 2);
        progress.cursor = number(10);
        assert_eq!(within(&progress.behind()), (1..=9).collect::<Vec<_>>());
        assert_eq!(progress.untried(number(11)), 1);
    }

    #[test]
    fn a_second_gap_takes_the_place_of_the_first() {
        let mut progress = Progress::begin(Disabled, number(2));
        assert_eq!((within(&progress.ahead(number(1))), progress.untried(number(9))), (vec![1], 0));
        progress.follow(Disabled, Enabled, number(4));
        progress.follow(Enabled, Disabled, number(6));
        progress.follow(Disabled, Enabled, number(8));
        let sent: Vec<_> = (2..=5).chain(8..=20).collect();
        assert_eq!(within(&progress.ahead(progress.cursor)), sent);
    }
}
