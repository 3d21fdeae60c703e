//! Messages: collecting, releasing, claiming, finishing.

use std::collections::BTreeSet;

use app::ports::{Claim, MessageFilter, PageRequest, StoreError, Write};
use domain::kernel::{AlertId, ChannelId, Instant, MessageId, PersonId, SweepId};
use domain::notice::{Attempt, Message, MessageState};
use domain::people::Recipient;

use crate::claims;
use crate::given::{NOW, in_days, in_micros, message, notice};
use crate::stage::{Shared, put};

fn id(text: &str) -> MessageId {
    MessageId::parse(text).unwrap()
}

fn collecting(id: &str, notices: &[&str]) -> Message {
    let state = MessageState::Collecting;
    Message {
        state,
        ..message(id, notices)
    }
}

fn add(message: Message) -> Write {
    Write::AddMessage(Box::new(message))
}

fn claim(at: i64, until: i64, limit: u32) -> Claim {
    Claim {
        now: in_micros(at),
        lease_until: in_micros(until),
        limit,
        but: Vec::new(),
    }
}

fn keys(message: &Message) -> Vec<&str> {
    message.notices.iter().map(|k| k.as_str()).collect()
}

claims! {
    async fn notices_are_added_while_a_message_collects_and_not_after(store: Shared) {
        put(&store, vec![add(collecting("m1", &["b", "a"]))]).await.unwrap();
        put(&store, vec![add(collecting("m1", &["a", "c"]))]).await.unwrap();
        let grown = store.message(&id("m1")).await.unwrap().unwrap();
        assert_eq!(keys(&grown), ["b", "a", "c"]);
        assert_eq!(grown.state, MessageState::Collecting);
        put(&store, vec![Write::ReleaseSweep(SweepId::parse("swp_1").unwrap())]).await.unwrap();
        let late = put(&store, vec![add(collecting("m2", &["d"])), add(collecting("m1", &["d"]))]).await;
        assert!(matches!(late, Err(StoreError::Unavailable(_))), "nothing would carry it: {late:?}");
        assert_eq!(store.message(&id("m2")).await.unwrap(), None, "all of it, or nothing");
        let released = store.message(&id("m1")).await.unwrap().unwrap();
        assert_eq!((keys(&released).len(), released.state), (3, MessageState::Queued));
    }

    async fn a_message_that_is_queued_at_once_carries_what_it_came_with(store: Shared) {
        put(&store, vec![add(message("m1", &["a"])), add(message("m1", &["b"]))]).await.unwrap();
        put(&store, vec![add(message("m2", &[]))]).await.unwrap();
        assert_eq!(store.message(&id("m1")).await.unwrap(), Some(message("m1", &["a"])));
        assert_eq!(store.message(&id("m2")).await.unwrap(), Some(message("m2", &[])));
        assert_eq!(store.message(&id("m3")).await.unwrap(), None);
    }

    async fn only_the_sweep_that_is_named_is_released(store: Shared) {
        let mut other = collecting("m2", &["b"]);
        other.sweep = SweepId::parse("swp_2").unwrap();
        put(&store, vec![add(collecting("m1", &["a"])), add(other)]).await.unwrap();
        let (one, two) = (SweepId::parse("swp_1").unwrap(), SweepId::parse("swp_2").unwrap());
        let all = store.unreleased_sweeps(None).await.unwrap();
        assert_eq!(all, [one.clone(), two.clone()]);
        assert_eq!(store.unreleased_sweeps(Some(&two)).await.unwrap(), std::slice::from_ref(&one));
        put(&store, vec![Write::ReleaseSweep(one)]).await.unwrap();
        assert_eq!(store.unreleased_sweeps(None).await.unwrap(), [two]);
    }

    async fn a_claim_takes_what_is_due_oldest_first_and_leases_it(store: Shared) {
        let at = |id: &str, micros| Message { not_before: in_micros(micros), ..message(id, &["a"]) };
        let writes = vec![add(at("m1", 0)), add(at("m2", -1)), add(at("m3", 1)), add(at("m4", -1)),
            add(collecting("m5", &["a"]))];
        put(&store, writes).await.unwrap();
        let two = store.claim_messages(claim(0, 10, 2)).await.unwrap();
        assert_eq!(two.iter().map(|m| m.id.as_str()).collect::<Vec<_>>(), ["m2", "m4"]);
        assert_eq!(two[0].state, MessageState::Sending);
        assert_eq!((two[0].leased_until, two[0].fence), (Some(in_micros(10)), 1));
        assert_eq!(keys(&two[0]), ["a"]);
        let rest = store.claim_messages(claim(0, 10, 9)).await.unwrap();
        assert_eq!(rest.iter().map(|m| m.id.as_str()).collect::<Vec<_>>(), ["m1"]);
        assert!(store.claim_messages(claim(0, 10, 9)).await.unwrap().is_empty());
    }

    async fn a_claim_passes_over_channels_that_are_busy(store: Shared) {
        let over = |id: &str, channel: &str, micros| Message {
            channel: ChannelId::parse(channel.to_owned()).unwrap(),
            not_before: in_micros(micros),
            ..message(id, &["a"])
        };
        let writes = vec![add(over("m1", "slow", -3)), add(over("m2", "mail", -1)),
            add(over("m3", "slow", -2)), add(over("m4", "chat", 0))];
        put(&store, writes).await.unwrap();
        let but = |names: &[&str], limit| Claim {
            but: names.iter().map(|n| ChannelId::parse((*n).to_owned()).unwrap()).collect(),
            ..claim(0, 10, limit)
        };
        let ids = |some: Vec<Message>| some.iter().map(|m| m.id.to_string()).collect::<Vec<_>>();
        assert_eq!(ids(store.claim_messages(but(&["slow", "none"], 1)).await.unwrap()), ["m2"]);
        assert_eq!(ids(store.claim_messages(but(&["slow"], 9)).await.unwrap()), ["m4"]);
        assert!(store.claim_messages(but(&["slow"], 9)).await.unwrap().is_empty());
        assert_eq!(ids(store.claim_messages(but(&[], 9)).await.unwrap()), ["m1", "m3"]);
    }

    async fn a_lease_that_ran_out_is_taken_again_and_the_old_fence_may_not_write(store: Shared) {
        put(&store, vec![add(message("m1", &["a"]))]).await.unwrap();
        let old = store.claim_messages(claim(0, 10, 1)).await.unwrap().remove(0);
        assert!(store.claim_messages(claim(9, 20, 1)).await.unwrap().is_empty());
        let mut new = store.claim_messages(claim(10, 20, 1)).await.unwrap().remove(0);
        assert_eq!((old.fence, new.fence), (1, 2));
        let zombie = put(&store, vec![Write::FinishMessage(Box::new(old))]).await;
        assert_eq!(zombie, Err(StoreError::Conflict("message m1".to_owned())));
        new.state = MessageState::Accepted;
        new.leased_until = None;
        new.receipt = Some("250 ok".to_owned());
        new.closed_at = Some(in_micros(11));
        put(&store, vec![Write::FinishMessage(Box::new(new.clone()))]).await.unwrap();
        assert_eq!(store.message(&id("m1")).await.unwrap(), Some(new));
        assert!(store.claim_messages(claim(99, 100, 1)).await.unwrap().is_empty());
    }

    async fn a_message_goes_back_with_other_notices_and_a_later_turn(store: Shared) {
        put(&store, vec![add(message("m1", &["a", "b", "c"]))]).await.unwrap();
        let mut mine = store.claim_messages(claim(0, 10, 1)).await.unwrap().remove(0);
        mine.notices = message("x", &["c", "d", "a"]).notices;
        mine.state = MessageState::Queued;
        mine.not_before = in_micros(50);
        mine.leased_until = None;
        mine.attempts = 1;
        mine.payload = Some("frozen".to_owned());
        put(&store, vec![Write::FinishMessage(Box::new(mine.clone()))]).await.unwrap();
        assert_eq!(store.message(&id("m1")).await.unwrap(), Some(mine));
        assert!(store.claim_messages(claim(49, 60, 1)).await.unwrap().is_empty());
        assert_eq!(store.claim_messages(claim(50, 60, 1)).await.unwrap().len(), 1);
    }

    async fn no_message_is_claimed_by_two(store: Shared) {
        let many: Vec<_> = (0..200).map(|n| add(message(&format!("m{n}"), &["a"]))).collect();
        put(&store, many).await.unwrap();
        let claimer = |store: Shared| async move {
            let mut mine = Vec::new();
            loop {
                let some = store.claim_messages(claim(0, 10, 7)).await.unwrap();
                if some.is_empty() {
                    return mine;
                }
                assert!(some.len() <= 7);
                mine.extend(some.into_iter().map(|m| m.id));
            }
        };
        let first = tokio::spawn(claimer(store.clone()));
        let second = tokio::spawn(claimer(store.clone()));
        let mut all = first.await.unwrap();
        all.extend(second.await.unwrap());
        assert_eq!(all.len(), 200);
        assert_eq!(all.into_iter().collect::<BTreeSet<_>>().len(), 200);
    }

    async fn attempts_are_completed_in_place_and_read_in_order(store: Shared) {
        let attempt = |number, outcome: &str| Attempt {
            message: id("m1"),
            number,
            started_at: NOW,
            ended_at: None,
            outcome: outcome.to_owned(),
            detail: String::new(),
        };
        let writes = vec![add(message("m1", &["a"])), Write::PutAttempt(attempt(2, "")),
            Write::PutAttempt(attempt(1, "retry")), Write::PutAttempt(attempt(2, "accepted"))];
        put(&store, writes).await.unwrap();
        let got = store.attempts(&id("m1")).await.unwrap();
        assert_eq!(got, [attempt(1, "retry"), attempt(2, "accepted")]);
    }

    async fn messages_are_listed_newest_first_by_state_channel_and_alert(store: Shared) {
        let alert = AlertId::parse("alr_1").unwrap();
        let mut second = message("m2", &["b"]);
        second.channel = ChannelId::parse("hook").unwrap();
        second.created_at = in_days(1);
        let writes = vec![Write::AddNotice(Box::new(notice("a", &alert))), add(message("m1", &["a"])),
            add(second), add(collecting("m3", &["a", "b"]))];
        put(&store, writes).await.unwrap();
        let page = PageRequest { limit: 9, after: None };
        let none = MessageFilter::default();
        let ids = |filter: MessageFilter| {
            let (store, page) = (store.clone(), page.clone());
            async move {
                let got = store.list_messages(&filter, &page).await.unwrap().items;
                got.iter().map(|m| m.id.to_string()).collect::<Vec<_>>()
            }
        };
        assert_eq!(ids(none.clone()).await, ["m2", "m3", "m1"]);
        let state = Some(MessageState::Collecting);
        assert_eq!(ids(MessageFilter { state, ..none.clone() }).await, ["m3"]);
        let channel = ChannelId::parse("hook").ok();
        assert_eq!(ids(MessageFilter { channel, ..none.clone() }).await, ["m2"]);
        assert_eq!(ids(MessageFilter { alert: Some(alert), ..none.clone() }).await, ["m3", "m1"]);
        let one = PageRequest { limit: 1, after: None };
        let first = store.list_messages(&none, &one).await.unwrap();
        let next = PageRequest { limit: 1, after: first.next };
        let second = store.list_messages(&none, &next).await.unwrap();
        assert_eq!(second.items[0].id, id("m3"));
    }

    async fn what_waits_for_one_recipient_is_found_in_the_order_of_its_turn(store: Shared) {
        let to = |id: &str, person: &str, micros| Message {
            recipient: Recipient::Person(PersonId::parse(person).unwrap()),
            not_before: in_micros(micros),
            rides: false,
            ..message(id, &["a"])
        };
        let mut hook = to("m5", "per_1", 0);
        hook.channel = ChannelId::parse("hook").unwrap();
        let writes = vec![add(to("m1", "per_1", 2)), add(to("m2", "per_1", 1)), add(to("m3", "per_2", 0)),
            add(to("m4", "per_1", 3)), add(hook), add(collecting("m6", &["a"]))];
        put(&store, writes).await.unwrap();
        let (mail, ada) = (ChannelId::parse("mail").unwrap(), message("x", &[]).recipient);
        let waiting = async |now, limit| {
            let found = store.waiting_with(&ada, &mail, in_micros(now), limit).await.unwrap();
            found.into_iter().map(|m| m.id.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(waiting(2, 9).await, ["m2", "m1"]);
        assert_eq!(waiting(3, 2).await, ["m2", "m1"]);
        store.claim_messages(claim(1, 10, 9)).await.unwrap();
        assert_eq!(waiting(3, 9).await, ["m1", "m4"]);
    }

    async fn what_a_recipient_was_sent_is_counted_newest_first(store: Shared) {
        let mail = ChannelId::parse("mail").unwrap();
        let ada = message("x", &[]).recipient;
        let close = |id: &str, state, micros| Message {
            state,
            closed_at: Some(in_micros(micros)),
            ..message(id, &[])
        };
        let mut hook = close("m4", MessageState::Accepted, 7);
        hook.channel = ChannelId::parse("hook").unwrap();
        let all = [close("m1", MessageState::Accepted, 5), close("m2", MessageState::Accepted, 6),
            close("m3", MessageState::Failed, 7), hook];
        put(&store, all.into_iter().map(add).collect()).await.unwrap();
        let since = async |channel, at, limit| {
            let found = store.accepted_since(&ada, channel, in_micros(at), limit).await.unwrap();
            found.into_iter().map(Instant::as_micros).map(|at| at - NOW.as_micros()).collect::<Vec<_>>()
        };
        assert_eq!(since(Some(&mail), 4, 9).await, [6, 5]);
        assert_eq!(since(Some(&mail), 5, 9).await, [6]);
        assert_eq!(since(Some(&mail), 4, 1).await, [6]);
        assert_eq!(since(None, 4, 9).await, [7, 6, 5]);
    }

    async fn the_oldest_waiting_message_is_one_whose_turn_has_come(store: Shared) {
        assert_eq!(store.oldest_waiting(NOW).await.unwrap(), None);
        let mut late = message("m1", &["a"]);
        late.not_before = in_micros(1);
        put(&store, vec![add(late)]).await.unwrap();
        assert_eq!(store.oldest_waiting(NOW).await.unwrap(), None);
        assert_eq!(store.oldest_waiting(in_micros(1)).await.unwrap(), Some(in_micros(1)));
        store.claim_messages(claim(1, 10, 1)).await.unwrap();
        assert_eq!(store.oldest_waiting(in_micros(9)).await.unwrap(), None);
        assert_eq!(store.oldest_waiting(in_micros(10)).await.unwrap(), Some(in_micros(1)));
    }
}
